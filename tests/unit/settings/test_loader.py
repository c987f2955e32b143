"""Layers, and one clear line for every mistake."""

import base64
from pathlib import Path

import pytest

from belgenet.settings import SettingsError, load, load_with_sources

KEY = f"a:{base64.b64encode(bytes(32)).decode()}"
BASE = {
    "belgenet.database.url": "postgresql+psycopg://app@db/belgenet",
    "belgenet.security.jwt_keys": KEY,
    "belgenet.security.master_keys": KEY,
}


def test_defaults_fill_what_nobody_set() -> None:
    settings = load(BASE)
    assert settings.app.environment == "production"
    assert settings.payments.hold_minutes == 35


def test_environment_beats_ini_and_says_so() -> None:
    settings, sources = load_with_sources({**BASE, "belgenet.mail.port": "25"}, {"BELGENET_MAIL_PORT": "2525"})
    assert settings.mail.port == 2525
    assert str(sources["mail", "port"]) == "environment BELGENET_MAIL_PORT"


def test_secret_file_is_read_without_its_last_newline(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("s3cret\n", encoding="utf-8")
    settings = load(BASE, {"BELGENET_STORAGE_SECRET_KEY_FILE": str(secret)})
    assert settings.storage.secret_key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("ini", "environ", "expected"),
    [
        ({"belgenet.databse.url": "x"}, {}, "unknown settings module 'databse'"),
        ({"belgenet.mail.prot": "1"}, {}, "unknown setting 'mail.prot'"),
        ({}, {"BELGENET_MAIL_PROT": "1"}, "environment BELGENET_MAIL_PROT: unknown setting 'mail.prot'"),
        ({"belgenet.mail.port": "smtp"}, {}, "ini belgenet.mail.port: wrong value for 'mail.port'"),
        ({"belgenet.tasks.concurrency": "0"}, {}, "wrong value for 'tasks.concurrency'"),
        ({"belgenet.limits.checkout": "often"}, {}, "wrong value for 'limits.checkout'"),
        ({}, {"BELGENET_MAIL_PASSWORD_FILE": "/nonexistent/x"}, "cannot read secret file /nonexistent/x"),
        (
            {},
            {"BELGENET_MAIL_PASSWORD": "x", "BELGENET_MAIL_PASSWORD_FILE": "/dev/null"},
            "both BELGENET_MAIL_PASSWORD and BELGENET_MAIL_PASSWORD_FILE are set",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(ini: dict[str, str], environ: dict[str, str], expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({**BASE, **ini}, environ)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_secret_says_how_to_give_it() -> None:
    with pytest.raises(SettingsError, match=r"missing setting 'database\.url': set BELGENET_DATABASE_URL"):
        load({key: value for key, value in BASE.items() if "database" not in key})


def test_other_sections_of_the_ini_are_none_of_our_business() -> None:
    assert load({**BASE, "pyramid.reload_templates": "false", "use": "egg:belgenet"}, {"PATH": "/bin"})


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("payments.sandbox", "true", "is for test providers only"),
        ("payments.iyzico_base_url", "http://api.iyzipay.com", "must begin with https://"),
        ("payments.iyzico_base_url", "https://127.0.0.1:8443", "is this machine"),
        ("payments.iyzico_base_url", "https://sandbox-api.iyzipay.com", "is the provider's sandbox"),
        ("payments.iyzico_base_url", "api.iyzipay.com", "must begin with https://"),
        ("payments.stripe_api_base", "http://psp.example.org", "must begin with https://"),
        ("payments.stripe_api_base", "https://LOCALHOST", "is this machine"),
        ("payments.stripe_api_base", "https://localhost.", "is this machine"),
        ("payments.stripe_api_base", "https://psp.localhost", "is this machine"),
        ("payments.stripe_api_base", "https://[::1]:1", "is this machine"),
        ("payments.stripe_api_base", "https://0.0.0.0", "is this machine"),
        ("payments.stripe_api_base", "https:///v1", "is this machine"),
        ("payments.stripe_secret_key", "sk_test_123", "is a test key"),
        ("payments.stripe_secret_key", "rk_test_123", "is a test key"),
    ],
)
def test_production_takes_no_money_through_a_test_provider(key: str, value: str, why: str) -> None:
    name = f"belgenet.{key}"
    with pytest.raises(SettingsError) as caught:
        load({**BASE, name: value})
    assert str(caught.value) == f"ini {name}: wrong value for '{key}': {_rest(str(caught.value))}"
    assert why in str(caught.value)
    assert str(caught.value).endswith("app.environment is production")
    assert "_test_123" not in str(caught.value)
    assert load({**BASE, name: value, "belgenet.app.environment": "development"})


def _rest(line: str) -> str:
    return line.rpartition("': ")[2]


@pytest.mark.parametrize("extra", [{}, {"belgenet.payments.stripe_secret_key": "sk_live_1"}])
def test_production_starts_with_the_real_providers(extra: dict[str, str]) -> None:
    settings = load({**BASE, **extra, "belgenet.app.environment": "production"})
    assert settings.payments.iyzico_base_url == "https://api.iyzipay.com"


NETGSM = {
    "belgenet.sms.provider": "netgsm",
    "belgenet.sms.username": "8501112233",
    "belgenet.sms.password": "gizli",
    "belgenet.sms.sender": "VAKIF",
}


def test_sms_are_off_until_somebody_chooses_a_provider() -> None:
    settings = load(BASE)
    assert settings.sms.provider == "none"
    assert load({**BASE, **NETGSM}).sms.sender == "VAKIF"
    assert "gizli" not in repr(load({**BASE, **NETGSM}))


@pytest.mark.parametrize("key", ["username", "password", "sender"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_chosen_sms_provider_needs_all_of_its_settings(key: str, value: str | None) -> None:
    name = f"belgenet.sms.{key}"
    ini = {**BASE, **NETGSM, name: value or ""}
    if value is None:
        del ini[name]
    with pytest.raises(SettingsError) as caught:
        load(ini)
    env = f"BELGENET_SMS_{key.upper()}"
    assert str(caught.value) == f"missing setting 'sms.{key}': set {env}, {env}_FILE or {name} in the ini file"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("http://api.netgsm.com.tr", "must begin with https://; app.environment is production"),
        ("https://127.0.0.1:8025", "is this machine, not an SMS provider; app.environment is production"),
        ("https://sms.localhost", "is this machine, not an SMS provider; app.environment is production"),
        ("https:///sms", "is this machine, not an SMS provider; app.environment is production"),
    ],
)
def test_production_sends_no_sms_into_a_sink(value: str, why: str) -> None:
    wrong = {**BASE, **NETGSM, "belgenet.sms.base_url": value}
    with pytest.raises(SettingsError) as caught:
        load(wrong)
    assert str(caught.value) == f"ini belgenet.sms.base_url: wrong value for 'sms.base_url': {why}"
    assert load({**wrong, "belgenet.app.environment": "development"})
    assert load({**wrong, "belgenet.sms.provider": "none"}), "who sends none is asked for no address"


@pytest.mark.parametrize(
    ("key", "value"), [("provider", "carrier-pigeon"), ("base_url", "api.netgsm.com.tr"), ("timeout_seconds", "60")]
)
def test_sms_settings_that_cannot_work(key: str, value: str) -> None:
    name = f"belgenet.sms.{key}"
    with pytest.raises(SettingsError, match=f"ini {name}: wrong value for 'sms.{key}'"):
        load({**BASE, **NETGSM, name: value, "belgenet.app.environment": "test"})


@pytest.mark.parametrize("key", ["payments.iyzico_base_url", "payments.stripe_api_base", "sms.base_url"])
@pytest.mark.parametrize("environment", ["production", "test"])
def test_an_address_that_cannot_be_read_is_named(key: str, environment: str) -> None:
    wrong = {**BASE, **NETGSM, f"belgenet.{key}": "https://[bad", "belgenet.app.environment": environment}
    with pytest.raises(SettingsError, match=rf"^ini belgenet\.{key}: wrong value for '{key}': .*Invalid IPv6 URL$"):
        load(wrong)


def test_systemds_credentials_beat_all_and_a_mistake_in_them_is_named(tmp_path: Path) -> None:
    (tmp_path / "belgenet_mail.password").write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "another.program").write_text("x", encoding="utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "BELGENET_MAIL_PASSWORD": "older"}
    settings, sources = load_with_sources(BASE, environ)
    assert settings.mail.password.get_secret_value() == "s3cret"
    assert str(sources["mail", "password"]) == "credential belgenet_mail.password"
    (tmp_path / "belgenet_mail.pasword").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"credential belgenet_mail\.pasword: unknown setting 'mail\.pasword'"):
        load(BASE, environ)
