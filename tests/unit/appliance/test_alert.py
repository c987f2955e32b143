"""When the alerter writes, and what: once when a thing stays, once when it is gone, once a day in between."""

from datetime import timedelta

import pytest
from tests.unit.appliance.doctor.ward import NOW, Patient

from belgenet.appliance.alert import watch as watching
from belgenet.appliance.alert.letters import letters
from belgenet.appliance.alert.memory import Memory
from belgenet.appliance.alert.watch import NotSent, Post, trial, watch
from belgenet.appliance.doctor.examine import Check
from belgenet.appliance.doctor.finding import error, info, warning
from belgenet.appliance.exclusive import exclusive
from belgenet.testing.servers.ports import free_port

DISK = ("disk", error("disk_full", "/", percent=93, free="1.0 GiB"))
UNIT = ("units", error("unit_failed", "belgenet-beat.service", result="exit-code"))
LOOKED = {"disk", "units", "release"}
MINUTES = timedelta(minutes=5)


class Days:
    """Looks, five minutes apart."""

    def __init__(self):
        self.memory, self.now = Memory(), NOW

    def look(self, *found, after=MINUTES, accepted=True, looked=LOOKED, seldom=False):
        self.now += after
        step = self.memory.look(found, looked, self.now, seldom=seldom)
        if accepted:
            self.memory.told(step, self.now)
        return tuple([seen.code for seen in group] for group in (step.appeared, step.reminded, step.gone))


def test_what_is_seen_once_is_not_told():
    days = Days()
    assert days.look(DISK) == ([], [], [])
    assert days.look() == ([], [], [])
    assert days.look(DISK) == ([], [], [])
    assert days.memory.seen["disk_full:/"].times == 1


def test_what_is_seen_twice_is_told_once():
    days = Days()
    days.look(DISK)
    assert days.look(DISK) == (["disk_full"], [], [])
    assert [days.look(DISK) for _ in range(5)] == [([], [], [])] * 5


def test_what_is_gone_twice_is_told_once_and_forgotten():
    days = Days()
    days.look(DISK)
    days.look(DISK)
    assert days.look() == ([], [], [])
    assert days.look(DISK) == ([], [], []), "it only flickered"
    assert days.look() == ([], [], [])
    assert days.look() == ([], [], ["disk_full"])
    assert days.memory.seen == {}
    assert days.look() == ([], [], [])


def test_what_stays_is_told_again_each_day():
    days = Days()
    days.look(DISK)
    days.look(DISK)
    assert days.look(DISK, after=timedelta(hours=23)) == ([], [], [])
    assert days.look(DISK, after=timedelta(hours=1)) == ([], ["disk_full"], [])
    assert days.look(DISK) == ([], [], [])


def test_what_becomes_worse_is_news():
    days = Days()
    soft = ("disk", warning("inodes_scarce", "/", percent=81))
    hard = ("disk", error("inodes_scarce", "/", percent=93))
    days.look(soft)
    assert days.look(soft) == (["inodes_scarce"], [], [])
    assert days.look(hard) == (["inodes_scarce"], [], [])
    assert days.look(soft) == ([], [], [])


def test_notes_are_not_mailed():
    days = Days()
    assert [days.look(("maintenance", info("maintenance_on", since="x", until="-"))) for _ in range(3)] == [
        ([], [], [])
    ] * 3


def test_a_mail_that_was_not_taken_is_made_again_at_the_next_look():
    days = Days()
    days.look(DISK)
    assert days.look(DISK, accepted=False) == (["disk_full"], [], [])
    assert days.look(DISK, UNIT, accepted=False) == (["disk_full"], [], [])
    assert days.look(DISK, UNIT) == (["disk_full", "unit_failed"], [], [])


def test_a_check_that_was_not_made_neither_finds_nor_heals():
    days = Days()
    altered = ("release", error("release_altered", number=1, names="x"))
    assert days.look(altered, seldom=True) == (["release_altered"], [], []), "it is made once a day: that is enough"
    assert [days.look(looked={"disk"}) for _ in range(3)] == [([], [], [])] * 3
    assert "release_altered" in days.memory.seen


def test_costly_checks_are_due_once_a_day():
    days = Days()
    assert days.memory.seldom_due(NOW)
    days.look(seldom=True)
    assert not days.memory.seldom_due(days.now + timedelta(hours=23))
    assert days.memory.seldom_due(days.now + timedelta(hours=24))


def test_memory_survives_on_the_disk(tmp_path):
    days = Days()
    days.look(DISK)
    days.look(DISK, seldom=True)
    days.memory.write(tmp_path / "alert/state.json")
    assert Memory.read(tmp_path / "alert/state.json") == days.memory


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"seen": {"x": {}}, "seldom_at": ""}', '{"seen": 1, "seldom_at": ""}']
)
def test_a_damaged_memory_is_a_new_beginning(tmp_path, content):
    (tmp_path / "state.json").write_text(content)
    assert Memory.read(tmp_path / "state.json") == Memory()


def test_a_letter_says_what_why_and_what_helps():
    days = Days()
    days.memory.look([DISK, UNIT], LOOKED, NOW)
    step = days.memory.look([DISK, UNIT], LOOKED, NOW + MINUTES)
    turkish = letters(step, "tr", "okul.example")
    assert turkish.subject == "[okul.example] / diski doldu: %93 (boş: 1.0 GiB) (ve 1 bulgu daha)"
    assert "- HATA: belgenet-beat.service çalışmıyor (sonuç: exit-code)" in turkish.text
    assert "Çözüm: Hemen yer açınız" in turkish.text
    assert "/docs/operator/troubleshooting.tr.md, disk_full bölümü" in turkish.text
    english = letters(step, "en", "okul.example")
    assert english.subject == "[okul.example] The disk / is full: 93 % (free: 1.0 GiB) (and 1 more)"
    days.memory.told(step, NOW)
    days.memory.look([], LOOKED, NOW)
    gone = letters(days.memory.look([], LOOKED, NOW), "tr", "okul.example")
    assert gone.subject.startswith("[okul.example] Düzeldi: / diski doldu")
    assert letters(days.memory.look([], LOOKED, NOW), "tr", "okul.example").text  # until the mail server took it


@pytest.fixture
def patient(tmp_path, mail_sink, monkeypatch):
    mail_sink.clear()
    patient = Patient(tmp_path)
    patient.path("/run").mkdir()
    patient.ills = []
    monkeypatch.setattr(watching, "CHECKS", (Check("disk", lambda system: system.ills),))
    return patient


def posted(patient, url):
    host, _, port = url.removeprefix("smtp://").rstrip("/").partition(":")
    patient.write(
        "/etc/belgenet/belgenet.ini", f"[app:main]\nbelgenet.mail.host = {host}\nbelgenet.mail.port = {port}\n"
    )
    vars(patient).pop("settings", None)
    return Post(patient)


def test_from_the_check_to_the_mail(patient, mail_sink, tmp_path):
    post, file = posted(patient, mail_sink.smtp_url), tmp_path / "state.json"
    patient.ills = [DISK[1]]
    assert watch(patient, post, file=file) == "nothing"
    assert watch(patient, post, file=file) == "sent"
    assert watch(patient, post, file=file) == "nothing"
    patient.ills = []
    assert watch(patient, post, file=file) == "nothing"
    assert watch(patient, post, file=file) == "sent"
    subjects = [mail.subject for mail in mail_sink.mails("bt@okul.example")]
    assert sorted(subjects) == [
        "[okul.example] / diski doldu: %93 (boş: 1.0 GiB)",
        "[okul.example] Düzeldi: / diski doldu: %93 (boş: 1.0 GiB)",
    ]


def test_a_mail_server_that_is_away_is_tried_again(patient, mail_sink, tmp_path):
    file = tmp_path / "state.json"
    patient.ills = [DISK[1]]
    away = posted(patient, f"smtp://127.0.0.1:{free_port()}")
    watch(patient, away, file=file)
    with pytest.raises(NotSent, match="Connection refused"):
        watch(patient, away, file=file)
    assert watch(patient, posted(patient, mail_sink.smtp_url), file=file) == "sent"


def test_it_is_quiet_while_services_are_stopped_by_intent(patient, mail_sink, tmp_path):
    post = posted(patient, mail_sink.smtp_url)
    with exclusive("upgrade", lock=patient.path("/run/belgenet-server.lock")):
        assert watch(patient, post, file=tmp_path / "state.json") == "quiet"
    with exclusive("backup run", lock=patient.path("/run/belgenet-server.lock")):
        assert watch(patient, post, file=tmp_path / "state.json") == "nothing"


def test_a_trial_notice_arrives(patient, mail_sink):
    trial(patient, posted(patient, mail_sink.smtp_url))
    (mail,) = mail_sink.mails("bt@okul.example")
    assert mail.subject == "[okul.example] Deneme bildirimi"
