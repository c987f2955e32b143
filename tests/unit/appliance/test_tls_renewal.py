"""When a certificate is asked for, for which names, and what a failure leaves."""

from datetime import timedelta

import pytest

from belgenet.appliance.tls import present
from belgenet.appliance.tls.client import AcmeError, essence, refusals
from belgenet.appliance.tls.examine import dns_names
from belgenet.appliance.tls.renewal import renew
from belgenet.appliance.tls.state import LONGEST_PAUSE, MOST_IN_A_WEEK, State, pause, read_state, text, write_state
from belgenet.appliance.tls.words import summary
from belgenet.appliance.words import words

from .tls import DOMAIN, Authority, World

DIRECTORY = "https://acme.okul.example/directory"
OWN = [DOMAIN, f"files.{DOMAIN}"]


@pytest.fixture
def world(tmp_path):
    found = World(tmp_path, "internal_acme", DIRECTORY)
    present.ensure(found.server)
    return found


@pytest.fixture
def authority(world):
    return Authority(world.issuer)


def later(world, **much):
    world.now += timedelta(**much)


def test_the_first_one_takes_the_place_of_the_one_made_here(world, authority):
    assert world.server.state().findings[0] == "certificate_not_yet"
    outcome = renew(world.server, authority)
    assert (outcome.changed, outcome.reason, outcome.problem) == (True, "first", "")
    assert dns_names(world.shown()) == [*OWN, f"vakif.{DOMAIN}"]
    known = world.server.state()
    assert (known.origin, known.uncovered, known.findings) == ("internal_acme", [], [])


def test_with_life_enough_nobody_is_asked(world, authority):
    renew(world.server, authority)
    later(world, days=59)
    assert renew(world.server, authority).reason == "not_due"
    later(world, days=2)
    world.issuer.habits.begins = timedelta(days=61)
    assert renew(world.server, authority).reason == "ends_soon"
    assert len(authority.asked) == 2


def test_short_lives_are_renewed_by_the_same_rule(world, authority):
    world.issuer.habits.lasts = timedelta(days=6)
    renew(world.server, authority)
    later(world, days=3)
    assert renew(world.server, authority).reason == "not_due"
    later(world, days=2)
    assert renew(world.server, authority).changed


def test_a_new_tenant_is_added_but_not_every_minute(world, authority):
    renew(world.server, authority)
    world.tenants.append(f"akademi.{DOMAIN}")
    assert renew(world.server, authority).reason == "just_renewed"
    assert world.server.state().uncovered == [f"akademi.{DOMAIN}"]
    later(world, minutes=6)
    assert renew(world.server, authority).reason == "new_names"
    assert world.server.state().uncovered == []


def test_a_tenant_that_is_gone_is_left_out_of_the_next_one(world, authority):
    renew(world.server, authority)
    world.tenants.clear()
    assert renew(world.server, authority).reason == "not_due"
    assert renew(world.server, authority, force=True).changed
    assert dns_names(world.shown()) == OWN


def test_a_database_that_is_away_loses_no_name(world, authority):
    renew(world.server, authority)
    world.tenants = None
    renew(world.server, authority, force=True)
    assert authority.asked[-1] == [*OWN, f"vakif.{DOMAIN}"]


def test_a_failure_leaves_what_is_in_use_and_waits_longer_each_time(world, authority):
    before = world.shown()
    authority.broken = "connection refused"
    waits = []
    for _ in range(9):
        outcome = renew(world.server, authority)
        assert (outcome.changed, outcome.problem) == (False, "acme_failed")
        known = world.server.state()
        tries = len(authority.asked)
        assert renew(world.server, authority).reason == "backing_off"
        assert len(authority.asked) == tries
        waits.append(pause(known.failures))
        world.now += waits[-1]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_PAUSE
    assert world.shown() == before
    authority.broken = ""
    assert renew(world.server, authority).changed
    assert (world.server.state().failures, world.server.state().problem) == (0, "")


def test_an_operator_who_repaired_it_need_not_wait(world, authority):
    authority.broken = "connection refused"
    renew(world.server, authority)
    authority.broken = ""
    assert renew(world.server, authority, force=True).changed


def test_a_name_that_cannot_be_confirmed_holds_up_no_other(world, authority):
    world.tenants.append("kendi.example")
    authority.refuses = {"kendi.example": "dns: NXDOMAIN"}
    assert renew(world.server, authority).changed
    assert authority.asked == [[*OWN, f"vakif.{DOMAIN}", "kendi.example"], [*OWN, f"vakif.{DOMAIN}"]]
    known = world.server.state()
    assert known.uncovered == ["kendi.example"]
    assert known.refused["kendi.example"].reason == "dns: NXDOMAIN"
    assert any("NXDOMAIN" in line for line in summary(words("tls", "en"), known))
    assert renew(world.server, authority).reason == "not_due"
    later(world, hours=1)
    authority.refuses = {}
    assert renew(world.server, authority).changed
    assert world.server.state().uncovered == []
    assert world.server.state().refused == {}


def test_without_the_domain_itself_there_is_no_certificate(world, authority):
    authority.refuses = {DOMAIN: "connection: timeout"}
    assert renew(world.server, authority).problem == "names_refused"
    assert len(authority.asked) == 1


@pytest.mark.parametrize(
    ("habits", "problem", "detail"),
    [
        ({"stranger": True}, "acme_failed", "key_other"),
        ({"begins": timedelta(days=-100)}, "certificate_refused", "certificate_expired"),
        ({"alone": True}, "certificate_refused", "intermediate_missing"),
        ({"names": (DOMAIN,)}, "acme_failed", "names_missing"),
        ({"names": ("other.example",)}, "acme_failed", "names_missing"),
    ],
)
def test_a_bad_answer_replaces_nothing(world, authority, habits, problem, detail):
    renew(world.server, authority)
    before = world.shown()
    for name, value in habits.items():
        setattr(world.issuer.habits, name, value)
    outcome = renew(world.server, authority, force=True)
    assert (outcome.changed, outcome.problem) == (False, problem)
    assert detail in outcome.detail
    assert world.shown() == before


def test_another_authority_is_asked_at_once(world, authority):
    renew(world.server, authority)
    staged = world.in_mode("internal_acme", "https://staging.example/directory")
    assert renew(staged, authority).reason == "first"
    assert renew(world.in_mode("acme_http01", DIRECTORY), authority).reason == "first"


def test_failures_of_one_authority_are_not_held_against_another(world, authority):
    authority.broken = "connection refused"
    renew(world.server, authority)
    authority.broken = ""
    assert renew(world.in_mode("internal_acme", "https://other.example/directory"), authority).changed
    authority.broken = "connection refused"
    renew(world.server, authority, force=True)
    trial = world.in_mode("self_signed")
    trial.refresh(trial.state())
    assert (trial.state().problem, trial.state().failures) == ("", 0)


def test_an_authority_is_not_asked_too_often_in_a_week(world, authority):
    renew(world.server, authority)
    known = world.server.state()
    known.successes, known.last_success = [text(world.now)] * MOST_IN_A_WEEK, ""
    write_state(world.layout.knowledge, known)
    world.tenants.append(f"yeni.{DOMAIN}")
    assert renew(world.server, authority).reason == "enough_this_week"
    later(world, days=8)
    assert renew(world.server, authority).changed


SAID = """Saving debug log to /var/lib/belgenet/acme-client/logs/letsencrypt.log
Requesting a certificate for okul.example and 2 more domains

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: x.okul.example
  Type:   dns
  Detail: DNS problem: NXDOMAIN looking up A for x.okul.example

  Identifier: y.okul.example
  Type:   connection
  Detail: 203.0.113.7: Fetching http://y.okul.example/.well-known/acme-challenge/a: Timeout

Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile for more details.
"""


def test_what_the_client_says_is_understood():
    assert refusals(SAID) == {
        "x.okul.example": "dns: DNS problem: NXDOMAIN looking up A for x.okul.example",
        "y.okul.example": "connection: 203.0.113.7: Fetching http://y.okul.example/.well-known/acme-challenge/a: Timeout",
    }
    assert "community" not in essence(SAID)
    assert "Timeout" in essence(SAID)


def test_a_damaged_note_is_no_obstacle(tmp_path):
    file = tmp_path / "state.json"
    assert read_state(file) == State()
    for content in ("", "[]", '{"refused": {"a": 1}}', '{"unknown": 1}'):
        file.write_text(content)
        assert read_state(file) == State()


def test_the_error_says_which_names():
    assert AcmeError("x", {"a": "b"}).refused == {"a": "b"}
