"""The checks together: side by side, within their time, and none in another's way."""

import re
import threading
import time
from pathlib import Path

import pytest
from tests.unit.appliance.doctor.ward import Patient

from belgenet.appliance.doctor import CHECKS, Level, examine
from belgenet.appliance.doctor import finding as findings
from belgenet.appliance.doctor.examine import Check
from belgenet.appliance.words import LANGUAGES, texts, words

HANDBOOK = Path(__file__).parents[4] / "docs/operator"
SOURCE = Path(findings.__file__).parent


def known_codes():
    return {key for key in texts("doctor", "en") if "." not in key}


def test_one_that_fails_and_one_that_hangs_keep_no_other_from_looking(tmp_path):
    release = threading.Event()

    def hangs(_system):
        release.wait(30)
        yield

    def fails(_system):
        raise RuntimeError("no such thing")
        yield

    started = time.monotonic()
    checks = [
        Check("hangs", hangs, seconds=0.4),
        Check("fails", fails),
        Check("finds", lambda _system: [findings.error("unit_down", "a.service")]),
    ]
    result = examine(Patient(tmp_path), checks)
    release.set()
    assert time.monotonic() - started < 5
    assert [item.key for item in result.findings] == ["unit_down:a.service", "check_failed:fails", "check_failed:hangs"]
    assert result.failed == {"hangs": "no answer within 0 s", "fails": "RuntimeError: no such thing"}
    assert result.looked == ["finds"]
    assert not result.healthy


def test_they_look_side_by_side(tmp_path):
    together = threading.Barrier(3, timeout=5)

    def waits_for_the_others(_system):
        together.wait()
        return []

    result = examine(Patient(tmp_path), [Check(str(number), waits_for_the_others) for number in range(3)])
    assert result.failed == {}
    assert result.healthy


def test_a_note_is_no_illness(tmp_path):
    result = examine(Patient(tmp_path), [Check("notes", lambda _system: [findings.info("reboot_required")])])
    assert result.healthy
    assert [item.level for item in result.findings] == [Level.INFO]


def test_the_worst_comes_first(tmp_path):
    found = [findings.info("reboot_required"), findings.warning("kit_unconfirmed"), findings.error("certificate_key")]
    result = examine(Patient(tmp_path), [Check("all", lambda _system: found)])
    assert [item.level for item in result.findings] == [Level.ERROR, Level.WARNING, Level.INFO]


def test_a_server_on_which_nothing_is_there_yet_does_not_break_it(tmp_path):
    result = examine(
        Patient(tmp_path), [check for check in CHECKS if check.name not in {"site", "mail", "certificate"}]
    )
    say = words("doctor", "tr")
    assert result.findings
    assert all(item.told(say)["cure"] for item in result.findings)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_the_checks_use_has_its_texts(lang):
    used = set()
    for file in SOURCE.glob("*.py"):
        source = file.read_text(encoding="utf-8")
        used |= set(re.findall(r'\b(?:error|warning|info|say|Finding)\(\s*"(\w+)"', source))
        used |= set(re.findall(r'code = "(\w+)"|else "(\w+)"', source)[0]) if "code = " in source else set()
    used -= {""}
    assert used, "nothing was found"
    missing = {
        code for code in used for part in ("", ".cause", ".cure") if f"{code}{part}" not in texts("doctor", lang)
    }
    assert missing == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_a_page(lang):
    page = (HANDBOOK / f"troubleshooting{'.tr' if lang == 'tr' else ''}.md").read_text(encoding="utf-8")
    headed = set(re.findall(r"^### `(\w+)`", page, re.MULTILINE))
    assert headed == known_codes()
