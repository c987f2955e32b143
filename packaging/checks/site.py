"""The operator's answers in site.yml."""

import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from belgenet.appliance.site import switch

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
SWITCHES = (
    "belgenet_clamav",
    "belgenet_clamav_updates",
    "belgenet_minio_accept_unpatched",
    "belgenet_monitoring",
    "belgenet_objectstore_secure",
    "belgenet_objectstore_virtual_hosts",
    "operations_alert",
)
"""What is yes or no."""

Answers = dict[str, str]


def read_tree(text: str) -> dict[str, Any]:
    """All that the file says, YAML or JSON. ValueError, with the line, for something else."""
    if "\ufffd" in text:  # what was no UTF-8 has become this
        raise ValueError(f"{text[: text.index(chr(0xFFFD))].count(chr(10)) + 1}: UTF-8?")
    try:
        tree = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f"{error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}{error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    if not isinstance(tree or {}, dict):
        raise ValueError("1: belgenet_...: ...")  # noqa: TRY004 - as for every other mistake in the text
    return {str(name): value for name, value in (tree or {}).items()}


def readable(text: str) -> Iterator[Finding]:
    """It is a file of answers."""
    try:
        read_tree(text)
    except ValueError as problem:
        yield Finding("answers_unreadable", ERROR, {"problem": str(problem)})


def plain(value: Any) -> str:
    """A word as it is, nothing as nothing, all else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def read_answers(text: str) -> Answers:
    """Names and their values. ValueError: see :func:`read_tree`."""
    return {name: plain(value) for name, value in read_tree(text).items()}


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
    for name in SWITCHES:
        if name in answers and switch(answers[name]) is None:
            yield Finding("value_unknown", ERROR, {"name": name, "found": answers[name], "allowed": "true, false"})


def networks(answers: Answers) -> Iterator[Finding]:
    """Networks that may reach SSH."""
    value = answers.get("belgenet_ssh_networks", "[]")
    try:
        for network in json.loads(value):
            ipaddress.ip_network(str(network))
    except (ValueError, TypeError) as problem:
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
