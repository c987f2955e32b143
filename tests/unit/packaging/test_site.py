"""The operator's answers."""

import re
from pathlib import Path

import pytest
import yaml
from checks.site import SWITCHES, read_answers, site

NAMES = ("domain", "admin_email", "tls_mode", "locale", "settings", "ssh_networks")
DEFAULTS = "".join([*(f"belgenet_{name}: x\n" for name in NAMES), *(f"{name}: false\n" for name in SWITCHES)])
GOOD = "belgenet_domain: belgenet.kurum.edu.tr\nbelgenet_admin_email: bt@kurum.edu.tr\n"

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|^ *-? *(?:when|until|that): [^\n]*$", re.MULTILINE | re.DOTALL)
"""Of Jinja, in files of a role."""


def codes(text):
    return [finding.code for finding in site(text, DEFAULTS)]


def test_the_shortest_answers():
    assert codes(GOOD) == []


def test_what_is_read_of_a_file():
    text = (
        "# a comment\n---\nplain: one # behind\nquoted: \"two # inside\"  # behind\nsingle: 'three'\nempty:\nnumber: 4\n"
        "nested:\n  inner: no\nitems:\n- 1\n- b\nurl: https://x/#part\ntrue: yes\n"
    )
    assert read_answers(text) == {
        "plain": "one",
        "quoted": "two # inside",
        "single": "three",
        "empty": "",
        "number": "4",
        "nested": '{"inner": false}',
        "items": '[1, "b"]',
        "url": "https://x/#part",
        "True": "true",
    }


def test_json_is_read_as_well():
    text = '{\n  "belgenet_domain": "belgenet.kurum.edu.tr",\n  "belgenet_admin_email": "bt@kurum.edu.tr",\n  "belgenet_q": 1\n}'
    assert codes(text) == ["name_unknown"]


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\n  b: 2\n", 2), ("a: [1\n", 2), ('{\n\t"a": 1}', 2), ("- a\n", 1), ("a", 1)]
)
def test_what_cannot_be_read(text, line):
    with pytest.raises(ValueError, match=rf"^{line}: "):
        read_answers(text)


@pytest.mark.parametrize(
    "domain", ["a.tr", "belgenet.test", "xn--krum-0ra.edu.tr", "a-b.c-d.org", "x" * 63 + ".org", "a.xn--p1ai"]
)
def test_domains(domain):
    assert codes(GOOD.replace("belgenet.kurum.edu.tr", domain)) == []


@pytest.mark.parametrize(
    "domain",
    [
        "", "localhost", "Belgenet.kurum.tr", "kurum_x.org", "-a.org", "a-.org", "a..org", ".org", "kurum.org.", "10.0.0.1",
        "kürüm.org", "https://kurum.org", "kurum.org/x", "kurum.org:443", "*.kurum.org", "x" * 64 + ".org", "a." * 130 + "org",
    ],
)  # fmt: skip
def test_what_is_no_domain(domain):
    assert codes(GOOD.replace("belgenet.kurum.edu.tr", f'"{domain}"')) == ["domain_invalid"]


@pytest.mark.parametrize("domain", ["example.com", "belgenet.example.org"])
def test_a_domain_out_of_a_handbook(domain):
    assert codes(GOOD.replace("belgenet.kurum.edu.tr", domain)) == ["domain_example"]


@pytest.mark.parametrize("email", ["", "bt", "bt@", "@kurum.tr", "bt@kurum", "b t@kurum.tr", "bt@kurum.tr, x@kurum.tr"])
def test_what_is_no_email(email):
    assert codes(GOOD.replace("bt@kurum.edu.tr", f'"{email}"')) == ["email_invalid"]


def test_nothing_was_answered():
    assert codes("") == ["domain_invalid", "email_invalid"]


@pytest.mark.parametrize(
    "line", ["belgenet_tls_mode: letsencrypt", "belgenet_tls_mode:", "belgenet_locale: de", "belgenet_locale: TR"]
)
def test_values_that_do_not_exist(line):
    assert codes(f"{GOOD}{line}\n") == ["value_unknown"]


@pytest.mark.parametrize(
    "line", ["belgenet_tls_mode: provided", 'belgenet_tls_mode: "self_signed"', "belgenet_locale: en"]
)
def test_values_that_exist(line):
    assert codes(f"{GOOD}{line}\n") == []


@pytest.mark.parametrize("value", ["true", "no", "On", '"yes"', "'no'", "'False'", "'OFF'", '"TRUE"', "1", "'0'"])
def test_yes_and_no_in_quotes_or_not(value):
    assert codes("".join([GOOD, *(f"{name}: {value}\n" for name in SWITCHES)])) == []


@pytest.mark.parametrize("value", ["auto", "", "2", "[]", "'evet'"])
def test_what_is_neither_yes_nor_no(value):
    assert codes("".join([GOOD, *(f"{name}: {value}\n" for name in SWITCHES)])) == ["value_unknown"] * len(SWITCHES)


def test_every_switch_of_the_roles_is_looked_at_and_read_as_one_in_quotes_too():
    """In quotes ``"no"`` is a word, and a word is no: what Jinja takes for yes, unless it is told."""
    roles = Path(__file__).parents[3] / "deploy/ansible/roles"
    asked = set()
    for file in roles.glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"].values():
            options = entry.get("options") or {}
            asked |= {n for n, said in options.items() if said.get("type") == "bool"}
    assert asked == set(SWITCHES)
    used = re.compile(rf"\b(?:{'|'.join(SWITCHES)})\b(?! \| bool)")
    files = [path for kind in ("tasks/*.yml", "templates/*", "vars/*.yml") for path in roles.glob(f"*/{kind}")]
    read = [(file.name, part) for file in files for part in EXPRESSION.findall(file.read_text(encoding="utf-8"))]
    assert len(read) > len(files)
    assert [(name, part) for name, part in read if used.search(part)] == []


@pytest.mark.parametrize(
    "value", ['["10.0.0.0/8", "::/0"]', "['192.168.1.0/24']", "[]", "\n  - 10.0.0.0/8", "[10.0.0.0/8]"]
)
def test_networks(value):
    assert codes(f"{GOOD}belgenet_ssh_networks: {value}\n") == []


@pytest.mark.parametrize("value", ['["10.0.0.1/8"]', '["office"]', "10.0.0.0/8", ""])
def test_what_is_no_network(value):
    assert codes(f"{GOOD}belgenet_ssh_networks: {value}\n") == ["networks_invalid"]


def test_a_misspelt_name_is_a_warning():
    found = list(site(f"{GOOD}belgenet_domian: x\nsomething_else: y\n", DEFAULTS))
    assert [(f.code, f.severity, f.values) for f in found] == [("name_unknown", "warning", {"name": "belgenet_domian"})]


def test_every_finding_at_once():
    text = "belgenet_domain: x\nbelgenet_admin_email: y\nbelgenet_locale: z\nbelgenet_q: 1\n"
    assert codes(text) == ["domain_invalid", "email_invalid", "value_unknown", "name_unknown"]
