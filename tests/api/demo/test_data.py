"""The demo's data: it loads into an empty database, loads again without doubling, and is really usable."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
from pydantic import SecretStr

from belgenet.core.i18n import LOCALES
from belgenet.testing.demo.data import fill
from belgenet.testing.demo.data.courses import COURSES
from belgenet.testing.demo.data.people import PASSWORD
from belgenet.testing.demo.data.vakif import campaign_texts, next_feast


@pytest.fixture
def accounts(system):
    return fill(system.registry, system.settings)


def client_of(system, slug):
    (row,) = system.sql("SELECT id FROM tenants WHERE slug = :slug", slug=slug)
    return system.client(system.directory.by_id(row.id))


def counts(system):
    tables = (
        "tenants",
        "accounts",
        "courses",
        "lessons",
        "files",
        "campaigns",
        "campaign_options",
        "animals",
        "consent_texts",
    )
    return {table: system.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def test_loading_again_changes_nothing(system, accounts):
    before = counts(system)
    assert fill(system.registry, system.settings) == accounts
    assert counts(system) == before
    assert before["tenants"] == 2
    assert before["courses"] == len(COURSES)


def test_everybody_can_sign_in(system, accounts):
    for account in accounts:
        body = {"email": account.email, "password": account.password, "client": "native"}
        client = client_of(system, account.tenant) if account.tenant else system.client(None)
        assert client.post("/auth/login", body, status=200).json["access_token"], account.email


def test_the_foundation_sells_shares_in_both_languages(system, accounts):
    client = client_of(system, "vakif")
    for locale in LOCALES:
        page = client.get("/campaigns", headers={"Accept-Language": locale}, status=200).json["items"]
        assert len(page) == 3
        for card in page:
            found = client.get(f"/campaigns/{card['slug']}", headers={"Accept-Language": locale}, status=200).json
            assert found["consent_text"]["locale"] == locale
            assert found["open"]
            assert {item["available"] for item in found["options"]} <= {84, 40}
    turkish, english = (
        {card["title"] for card in client.get("/campaigns", headers={"Accept-Language": name}).json["items"]}
        for name in LOCALES
    )
    assert turkish.isdisjoint(english)


def test_the_academy_sells_courses_with_a_film(system, accounts):
    client = client_of(system, "akademi")
    courses = client.get("/courses", status=200).json["items"]
    assert [item["slug"] for item in courses] == ["bilgi-guvenligi", "turkce-yazim", "zaman-yonetimi"]
    kinds = [row.kind for row in system.sql("SELECT kind FROM lessons")]
    assert kinds.count("video") == 1
    assert all(
        "<script" not in row.body_html for row in system.sql("SELECT body_html FROM lessons WHERE kind = 'text'")
    )


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2027, 5, 1), date(2031, 3, 30), date(2040, 1, 1)])
def test_the_demo_never_closes(today):
    assert next_feast(today) > today
    assert all(text.slaughter_date > today for text in campaign_texts(today))


def test_the_password_is_one_for_all(accounts):
    assert {account.password for account in accounts} == {PASSWORD}
    assert {account.tenant for account in accounts} == {"", "akademi", "vakif"}


def test_the_command_bin_run_calls_prints_the_accounts(system):
    environment = {
        f"BELGENET_{module}_{key}".upper(): plain(value)
        for module, group in system.settings
        for key, value in group
        if key in group.model_fields_set
    }
    command = [sys.executable, "-m", "belgenet.testing.demo.accounts"]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True, timeout=100
    )
    accounts = json.loads(done.stdout.splitlines()[-1])
    assert {"tenant": "vakif", "email": "bagisci@vakif.example", "password": PASSWORD, "role": "DONOR"} in accounts


def plain(value):
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return " ".join(value) if isinstance(value, tuple) else str(value)
