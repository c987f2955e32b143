"""The one screen, and which part of the journal is ours."""

import json

import pytest
from sqlalchemy import text
from tests.unit.appliance.doctor.test_certificate import signed
from tests.unit.appliance.doctor.test_machine import LISTED, unit
from tests.unit.appliance.doctor.ward import Patient

from belgenet.appliance.logs import command
from belgenet.appliance.status import gather
from belgenet.appliance.words import words
from belgenet.cli.doctor import screen


@pytest.fixture
def patient(tmp_path, system):
    def rows(query):
        with system.superuser.begin() as connection:
            found = connection.scalar(text(f"select coalesce(json_agg(found), '[]') from ({query}) as found"))
        return found if isinstance(found, list) else json.loads(found)

    shown = unit("belgenet-web@1.service", MemoryCurrent=str(120 << 20), NRestarts="2")
    patient = Patient(tmp_path, {"systemctl list-unit": LISTED, "systemctl show": shown}, rows=rows)
    patient.path("/opt/belgenet/releases/1.0.0").mkdir(parents=True)
    patient.path("/opt/belgenet/current").symlink_to("releases/1.0.0")
    patient.write("/proc/uptime", "93784.21 1.0\n")
    own, _key = signed("okul.example")
    from cryptography.hazmat.primitives.serialization import Encoding

    patient.write("/etc/belgenet/tls/server.pem", own.public_bytes(Encoding.PEM).decode())
    return patient


def test_everything_on_one_screen(patient, tenant):
    found = gather(patient)
    assert found["release"] == "1.0.0"
    assert found["uptime_seconds"] == 93784
    assert found["units"] == [{"unit": "belgenet-web@1", "state": "running", "memory_mib": 120, "restarts": 2}]
    assert found["orders_today"] == [{"tenant": "vakif", "orders": 0, "paid": 0}]
    assert found["certificate_ends"] == "2027-02-20"
    shown = screen(found, words("status", "tr"))
    assert len(shown) < 30
    assert "Açık kalma        1 gün 2 saat 3 dakika" in shown
    assert "Son yedek         hiç alınmadı" in shown


def test_a_part_that_cannot_be_asked_keeps_no_other_from_being_shown(tmp_path):
    found = gather(Patient(tmp_path))
    assert found["units"] == {"error": "systemctl: there is no such program"}
    assert found["site"] == "https://okul.example"
    for lang in ("tr", "en"):
        assert "? systemctl: there is no such program" in screen(found, words("status", lang))


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ((), ["--unit=belgenet-*", "--unit=nginx*", "--unit=postgresql*", "--unit=redis-server*", "--unit=nftables*"]),
        (("web", "redis"), ["--unit=belgenet-web*", "--unit=redis-server@*"]),
        (("belgenet-web@1.service",), ["--unit=belgenet-web@1.service"]),
        (("postgresql",), ["--unit=postgresql@*"]),
    ],
)
def test_whose_journal_is_shown(units, expected):
    said = command(units, since="-1h")
    assert [word for word in said if word.startswith("--unit")] == expected
    assert "--since=-1h" in said


def test_a_journal_that_goes_on():
    assert {"--follow", "--no-pager", "--lines=5"} <= set(command([], since="today", follow=True, lines=5))
