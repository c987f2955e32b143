"""The operator's answers in site.yml."""

import ipaddress
import json
import re
from collections.abc import Iterator

from checks.probe import ERROR, WARNING, Finding

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{4,253}}$){LABEL}(?:\.{LABEL})*\.[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})+")
EXAMPLES = re.compile(r"(.+\.)?example\.(com|net|org)")
CHOICES = {
    "belgenet_tls_mode": ("self_signed", "provided", "internal_ca", "acme_http01", "internal_acme"),
    "belgenet_locale": ("tr", "en"),
    "belgenet_objectstore_backend": ("seaweedfs", "minio", "external_s3"),
}
LINE = re.compile(r"(?P<name>[A-Za-z_]\w*):(?:[ \t]+(?P<value>.*))?")
QUOTED = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)(?:\s+#.*)?""")

Answers = dict[str, str]


def plain(value: str) -> str:
    """A scalar without its quotes or the comment behind it."""
    value = value.strip()
    quoted = QUOTED.fullmatch(value)
    return quoted["text"] if quoted else re.split(r"\s+#|^#", value)[0].strip()


def read_answers(text: str) -> Answers:
    """Names at the beginning of a line and their values, as far as they stand on that line. Ansible reads the file for good."""
    found = {}
    for line in text.splitlines():
        if match := LINE.fullmatch(line.rstrip()):
            found[match["name"]] = plain(match["value"] or "")
    return found


def required(answers: Answers) -> Iterator[Finding]:
    """Domain and e-mail."""
    domain = answers.get("belgenet_domain", "")
    if not DOMAIN.fullmatch(domain):
        yield Finding("domain_invalid", ERROR, {"found": domain})
    elif EXAMPLES.fullmatch(domain):
        yield Finding("domain_example", ERROR, {"found": domain})
    email = answers.get("belgenet_admin_email", "")
    if not EMAIL.fullmatch(email):
        yield Finding("email_invalid", ERROR, {"found": email})


def choices(answers: Answers) -> Iterator[Finding]:
    """Values of which there are only a few."""
    for name, allowed in CHOICES.items():
        if name in answers and answers[name] not in allowed:
            yield Finding("value_unknown", ERROR, {"name": name, "found": answers[name], "allowed": ", ".join(allowed)})


def networks(answers: Answers) -> Iterator[Finding]:
    """Networks that may reach SSH, when they stand on one line."""
    value = answers.get("belgenet_ssh_networks", "")
    if not value.startswith("["):
        return
    try:
        for network in json.loads(value.replace("'", '"')):
            ipaddress.ip_network(network)
    except ValueError as problem:
        yield Finding("networks_invalid", ERROR, {"found": value, "problem": str(problem)})


def unknown(answers: Answers, known: set[str]) -> Iterator[Finding]:
    """Names that nothing reads, most likely misspelt."""
    for name in sorted(answers):
        if name.startswith("belgenet_") and name not in known:
            yield Finding("name_unknown", WARNING, {"name": name})


def site(text: str, defaults: str) -> Iterator[Finding]:
    """Everything about the answers; ``defaults`` are the playbooks' group variables."""
    answers = read_answers(text)
    yield from required(answers)
    yield from choices(answers)
    yield from networks(answers)
    yield from unknown(answers, set(read_answers(defaults)))
