"""Secrets among the settings."""

import pytest
import yaml
from checks.settings import GIVEN, MADE, settings
from pydantic import SecretStr
from tests.unit.deploy.roles import DEPLOY, environment, task, value

from belgenet.appliance.secrets import OPERATORS
from belgenet.settings.modules import Settings

BEFORE = "belgenet_domain: x\n"


def found(text):
    return [(one.code, one.severity, one.values) for one in settings(text)]


def secrets():
    """What the product itself calls secret."""
    return {
        f"{module}.{key}"
        for module, part in Settings.model_fields.items()
        for key, field in part.annotation.model_fields.items()
        if field.annotation in (SecretStr, SecretStr | None)
    }


def test_the_list_is_the_products_own():
    assert {*GIVEN, *MADE} == secrets()
    assert set(GIVEN) == secrets() & OPERATORS.keys(), "what `belgenet secrets set` takes"


@pytest.mark.parametrize(
    "text",
    [
        "belgenet_settings:\n  mail.password: geheim\n",
        "belgenet_settings:\n  mail.host: x\n\n  # more\n  mail.password: geheim",
        "belgenet_settings: {mail.password: geheim}\n",
        'belgenet_settings: {mail.host: x, "mail.password": geheim}\n',
        "belgenet_settings: {\n  'mail.password' : geheim\n}\n",
        "belgenet_settings: # ours\n  mail.password: geheim\nother: x\n",
        "belgenet_settings: {}\nmail.password: geheim\n",
        "mail:\n  password: geheim\n",
    ],
)
def test_a_secret_among_the_settings(text):
    assert found(BEFORE + text) == [("secret_in_settings", "error", {"name": "mail.password"})]


@pytest.mark.parametrize(
    "text",
    [
        "belgenet_settings:\n  mail:\n    host: x\n    password: geheim\n",
        "belgenet_settings: {mail: {password: geheim}}\n",
        "belgenet_settings: {mail: [{password: geheim}]}\n",
    ],
)
def test_a_secret_further_down(text):
    assert found(text) == [
        ("secret_in_settings", "error", {"name": "mail.password"}),
        ("setting_nested", "error", {"name": "mail"}),
    ]


def test_settings_are_no_tree():
    assert found("belgenet_settings: {mail: {host: x}, web.x: [a, b]}\n") == [
        ("setting_nested", "error", {"name": "mail"})
    ]


@pytest.mark.parametrize("name", GIVEN)
def test_each_that_was_given(name):
    assert found(f"belgenet_settings:\n  {name}: x\n") == [("secret_in_settings", "error", {"name": name})]


@pytest.mark.parametrize("name", MADE)
def test_each_that_is_made_here(name):
    assert found(f"belgenet_settings:\n  {name}: x\n") == [("secret_made_here", "error", {"name": name})]


@pytest.mark.parametrize(
    "text",
    [
        "belgenet_settings:\n  mail.host: x\n  sms.password_hint: y\n  own.mail.password: z\n",
        "belgenet_settings:\n  # mail.password: belongs elsewhere\n  mail.host: x # not mail.password: y\n",
        "belgenet_settings: {}\nother:\n  mail.password: somebody else's\n",
        "",
    ],
)
def test_what_is_none(text):
    assert found(text) == []


def test_the_role_refuses_them_as_well_whatever_it_is_asked_to_do():
    known = yaml.safe_load((DEPLOY / "roles/base/vars/main.yml").read_text(encoding="utf-8"))["base__secrets"]
    assert set(known) == secrets()
    refuses = task("base", "No secret stands among the settings")
    assert refuses["tags"] == ["always"]
    allowed, told = refuses["ansible.builtin.assert"]["that"], refuses["ansible.builtin.assert"]["fail_msg"]
    assert value(allowed, belgenet_settings={"mail.host": "x"}, base__secrets=known)
    given = {"belgenet_settings": {"mail.host": "x", "sms.password": "geheim"}, "base__secrets": known}
    assert not value(allowed, **given)
    said = environment().from_string(told).render(**given)
    assert "sms.password" in said
    assert "geheim" not in said


def test_the_role_refuses_trees():
    refuses = task("base", "Each setting has its full name")
    assert refuses["tags"] == ["always"]
    allowed = refuses["ansible.builtin.assert"]["that"]
    assert value(allowed, belgenet_settings={"mail.host": "x", "web.x": ["a"]})
    for tree in ({"mail": {"password": "geheim"}}, {"mail": [{"password": "geheim"}]}):
        assert not value(allowed, belgenet_settings=tree)
