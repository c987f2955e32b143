"""Units, web processes, disks, memory, clock, mail, walls: each provoked once."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from tests.unit.appliance.doctor.ward import Patient, codes, told

from belgenet.appliance.doctor import clock, disk, mail, maintenance, memory, names, objects, units, walls, web
from belgenet.appliance.doctor.system import Disk
from belgenet.appliance.run import CommandError
from belgenet.testing.servers.ports import free_port

LISTED = "belgenet-web@1.service loaded active running BelgeNet web 1\nbelgenet-web@1.socket loaded active running x\n"


def unit(name, **properties):
    known = {
        "Type": "notify",
        "LoadState": "loaded",
        "ActiveState": "active",
        "SubState": "running",
        "Result": "success",
        "NRestarts": "0",
        "MemoryCurrent": "[not set]",
        "MemoryMax": "infinity",
        "UnitFileState": "enabled",
    }
    return "\n".join(f"{key}={value}" for key, value in {"Id": name, **known, **properties}.items())


def patient_with(tmp_path, *blocks):
    answers = {"systemctl list-unit": LISTED, "systemctl show": "\n\n".join(blocks)}
    return Patient(tmp_path, answers)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, []),
        ({"ActiveState": "failed", "Result": "exit-code"}, ["error: a.service has failed (result: exit-code)"]),
        ({"SubState": "auto-restart", "ActiveState": "activating"}, ["error: a.service has failed (result: success)"]),
        ({"ActiveState": "failed", "Result": "oom-kill"}, ["error: a.service was ended because it passed its memory limit"]),
        ({"ActiveState": "inactive", "SubState": "dead"}, ["error: a.service is stopped"]),
        ({"ActiveState": "inactive", "SubState": "dead", "UnitFileState": "disabled"}, []),
        ({"ActiveState": "inactive", "SubState": "dead", "Type": "oneshot"}, []),
        ({"NRestarts": "4"}, ["warning: a.service was restarted 4 times by itself"]),
        (
            {"MemoryCurrent": str(95 << 20), "MemoryMax": str(100 << 20)},
            ["warning: a.service is close to its memory limit: 95 of 100 MiB"],
        ),
        ({"LoadState": "not-found", "ActiveState": "failed"}, []),
    ],
)  # fmt: skip
def test_units(tmp_path, properties, expected):
    assert told(units.units(patient_with(tmp_path, unit("a.service", **properties)))) == expected


def test_a_socket_that_nobody_holds(tmp_path):
    held = unit("belgenet-web@1.socket")
    dropped = unit("belgenet-web@2.socket", ActiveState="inactive", SubState="dead")
    assert told(units.sockets(patient_with(tmp_path, held, dropped))) == ["error: belgenet-web@2.socket is not held"]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked = self.headers["Host"]
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

    def address_string(self):
        return ""


class UnixServer(HTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self):
        self.socket.bind(self.server_address)


@pytest.fixture
def process(tmp_path):
    shared, own = tmp_path / "run/belgenet", tmp_path / "run/belgenet-web-1"
    for folder in (shared, own):
        folder.mkdir(parents=True)
    (shared / "web-1.sock").touch()  # where others would answer for it
    server = UnixServer(str(own / "own.sock"), Answer)
    server.status = 200
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_web_process_that_answers(tmp_path, process):
    assert list(web.instances(Patient(tmp_path))) == []
    assert process.asked == "okul.example"


def test_a_web_process_that_is_not_ready(tmp_path, process):
    process.status = 503
    assert told(web.instances(Patient(tmp_path))) == ["error: belgenet-web@1 does not answer: HTTP 503"]


def test_a_web_process_for_which_the_others_answer(tmp_path, process):
    (tmp_path / "run/belgenet/web-2.sock").touch()
    (found,) = told(web.instances(Patient(tmp_path)))
    assert found.startswith("error: belgenet-web@2 does not answer: FileNotFoundError")


def test_no_web_process_at_all(tmp_path):
    assert told(web.instances(Patient(tmp_path))) == ["error: There is no web socket"]


def test_a_site_that_nobody_serves(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        (found,) = told(web.site(Patient(tmp_path), port=taken.getsockname()[1]))
    assert found.startswith("error: The site does not answer through Nginx: ConnectionRefusedError")


def test_disks(tmp_path):
    patient = Patient(tmp_path)
    gib = 1 << 30
    patient.disks = lambda: [
        Disk("/", 100 * gib, 21 * gib, 100, 90),
        Disk("/var", 100 * gib, 20 * gib, 100, 90),
        Disk("/srv", 100 * gib, 7 * gib, 0, 0),
        Disk("/tmp", gib, gib, 100, 5),
    ]
    assert told(disk.disk(patient)) == [
        "warning: The disk /var is 80 % full (free: 20.0 GiB)",
        "error: The disk /srv is full: 93 % (free: 7.0 GiB)",
        "error: 95 % of the inodes of /tmp are in use",
    ]


def test_disks_of_a_real_server_are_found(tmp_path):
    patient = Patient(tmp_path)
    patient.write(
        "/proc/1/mounts",
        "/dev/sda / ext4 rw 0 0\nproc /proc proc rw 0 0\nx /sys/fs sysfs rw 0 0\n/dev/loop0 /snap/a squashfs ro 0 0\n",
    )
    assert [item.mount for item in patient.disks()] == ["/"]


@pytest.mark.parametrize(
    ("pressure", "available", "expected"),
    [
        ("0.50", 2000, []),
        ("12.30", 2000, ["warning: Processes waited for memory in 12 % of the last minute"]),
        ("55.00", 2000, ["error: Processes waited for memory in 55 % of the last minute"]),
        ("0.00", 40960, ["warning: Only 40 of 4000 MiB of memory are free"]),
    ],
)
def test_memory(tmp_path, pressure, available, expected):
    patient = Patient(tmp_path)
    patient.write("/proc/pressure/memory", f"some avg10=0.00 avg60={pressure} avg300=0.00 total=1\nfull avg10=0.00\n")
    total = 4000 * 1024
    free = available if expected and "Only" in expected[0] else total // 2
    patient.write("/proc/meminfo", f"MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: {free} kB\n")
    assert told(memory.memory(patient)) == expected


def test_the_clock(tmp_path):
    patient = Patient(tmp_path, {"timedatectl": "no\n"})
    patient.write("/opt/belgenet/current/bundle/manifest.json", {"source_date_epoch": 1_900_000_000})
    assert told(clock.clock(patient)) == [
        "error: The clock is wrong: 2026-11-22T12:00+00:00 is before the release was made",
        "warning: The clock is not set by a time server",
    ]
    patient.answered["timedatectl"] = "yes\n"
    patient.write("/opt/belgenet/current/bundle/manifest.json", {"source_date_epoch": 1_700_000_000})
    assert told(clock.clock(patient)) == []


def test_a_name_that_leads_nowhere(tmp_path):
    patient = Patient(tmp_path, rows=[{"slug": "vakif", "domain": "localhost"}])
    found = list(names.names(patient))
    assert codes(found) == ["name_unknown"] * 3
    assert [item.subject for item in found] == ["okul.example", "files.okul.example", "vakif.okul.example"]


class Sesame:
    def __call__(self, server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def mail_server():
    server = Controller(
        SimpleNamespace(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=Sesame(),
        auth_require_tls=False,
    )
    server.start()
    yield server.port
    server.stop()


def posted(tmp_path, port, password="right", **settings):
    patient = Patient(tmp_path)
    given = {"mail.host": "127.0.0.1", "mail.port": port, **settings}
    lines = "".join(f"belgenet.{key} = {value}\n" for key, value in given.items())
    patient.write("/etc/belgenet/belgenet.ini", f"[app:main]\n{lines}")
    type(patient).vault = property(lambda _self: SimpleNamespace(read=lambda _name: password))
    return patient


@pytest.fixture(autouse=True)
def own_vault():
    yield
    if "vault" in vars(Patient):
        del Patient.vault


def test_a_mail_server_that_takes_our_mail(tmp_path, mail_server):
    assert told(mail.mail(posted(tmp_path, mail_server, **{"mail.username": "okul"}))) == []


def test_a_password_that_is_not_the_mail_servers(tmp_path, mail_server):
    found = told(mail.mail(posted(tmp_path, mail_server, "wrong", **{"mail.username": "okul"})))
    assert found == [f'error: The mail server (127.0.0.1:{mail_server}) did not accept the user "okul" (535)']


def test_a_mail_server_without_the_encryption_that_was_asked_for(tmp_path, mail_server):
    (found,) = told(mail.mail(posted(tmp_path, mail_server, **{"mail.tls": "starttls"})))
    assert found.startswith(f"error: No encrypted connection to the mail server (127.0.0.1:{mail_server})")


def test_a_mail_server_that_is_off(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (found,) = told(mail.mail(posted(tmp_path, port)))
    assert found == f"error: The mail server (127.0.0.1:{port}) cannot be reached: [Errno 111] Connection refused"


def test_a_mail_server_that_wants_none_of_us(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse():
            line, _ = server.accept()
            with line:
                line.sendall(b"554 go away\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        port = server.getsockname()[1]
        (found,) = told(mail.mail(posted(tmp_path, port)))
        thread.join()
    assert found.startswith(f"error: The mail server (127.0.0.1:{port}) refused us: (554")


def test_a_password_that_travels_in_the_clear(tmp_path, monkeypatch):
    monkeypatch.setattr(mail, "SECONDS", 0.2)
    found = codes(mail.mail(posted(tmp_path, 9, **{"mail.username": "okul", "mail.host": "192.0.2.1"})))
    assert found == ["mail_unreachable", "mail_password_in_clear"]


RULES = """table inet belgenet {
\tchain in {
\t\ttype filter hook input priority filter; policy drop;
\t}
\tchain loopback {
\t\toifname "lo" tcp dport 8333 meta skuid != 991 reject with tcp reset
\t}
}"""


def test_a_firewall_that_is_not_loaded(tmp_path):
    assert told(walls.firewall(Patient(tmp_path, {"nft list": RULES}))) == []
    gone = CommandError("nft", 1, "No such file or directory")
    assert told(walls.firewall(Patient(tmp_path, {"nft list": gone}))) == [
        "error: The firewall's rules are not loaded: No such file or directory"
    ]
    assert codes(walls.firewall(Patient(tmp_path, {"nft list": RULES.replace("drop", "accept")}))) == [
        "firewall_missing"
    ]


def test_a_stranger_who_gets_in(tmp_path):
    patient = Patient(tmp_path, {"/usr/bin/python3 -c": "8333\n"})
    assert told(walls.loopback(patient)) == ["error: A user without business there (nobody) reaches 127.0.0.1:8333"]


def test_strangers_try_what_is_on_this_server_and_nothing_else(tmp_path):
    tried = []
    patient = Patient(tmp_path)
    patient.run = lambda words, **_: tried.append(words[3:]) or ""
    patient.write("/etc/belgenet/site.yml", "belgenet_objectstore_backend: external_s3\nbelgenet_monitoring: 'no'\n")
    list(walls.loopback(patient))
    patient.write("/etc/systemd/system/belgenet-minio.service", "left when the objects moved")
    list(walls.loopback(patient))
    assert tried == [["6379", "6380"], ["6379", "6380", "9000"]]


def test_the_probe_of_a_stranger_finds_an_open_door(tmp_path, monkeypatch):
    """The little program itself, against a port that is open and one that is not."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ports = (server.getsockname()[1], closed.getsockname()[1])
        monkeypatch.setattr(walls, "inner_ports", lambda *_: ports)
        patient = Patient(tmp_path)
        patient.run = lambda words, **_: walls.System().run(words)
        assert [item.subject for item in walls.loopback(patient)] == [str(ports[0])]


def test_a_filter_of_addresses_that_does_nothing(tmp_path):
    answers = {"systemctl show": "any\n", "systemd-run": "reached\n"}
    assert codes(walls.addresses(Patient(tmp_path, answers))) == ["address_filter_off"]
    assert codes(walls.addresses(Patient(tmp_path, answers | {"systemd-run": "denied\n"}))) == []
    assert codes(walls.addresses(Patient(tmp_path, {"systemctl show": "\n\n"}))) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("{}", []),
        ('{"step": "reach", "error": "refused"}', ["error: The object store cannot be reached: refused"]),
        ('{"step": "put", "error": "full"}', ["error: The object store did not keep a trial object (step: put): full"]),
    ],
)
def test_the_object_store(tmp_path, answer, expected):
    assert told(objects.objects(Patient(tmp_path, {"/usr/local/sbin/belgenet probe": answer}))) == expected


def test_a_move_of_the_objects_that_is_not_finished(tmp_path):
    patient = Patient(tmp_path, {"/usr/local/sbin/belgenet probe": "{}"})
    patient.write(objects.MOVE, {"phase": "copy"})
    assert codes(objects.objects(patient)) == ["objects_moving"]
    patient.write(objects.MOVE, {"phase": "done"})
    assert codes(objects.objects(patient)) == []


def test_an_old_store_is_mentioned_until_it_is_retired(tmp_path):
    patient = Patient(tmp_path, {"/usr/local/sbin/belgenet probe": "{}"})
    patient.write(
        objects.FILE, {"main": {"backend": "external_s3"}, "other": {"backend": "seaweedfs", "endpoint": "x:1"}}
    )
    assert told(objects.objects(patient)) == ["info: The S3 server x:1 that the files came from still keeps them"]
    patient.write(objects.FILE, {"main": {"backend": "external_s3"}, "other": {}})
    assert codes(objects.objects(patient)) == []


@pytest.mark.parametrize(
    ("release", "expected"), [("2025-09-07T16-13-09Z", ["objects_minio_holes"]), ("2026-06-18T00-00-00Z", [])]
)
def test_a_minio_with_known_holes(tmp_path, release, expected):
    answers = {"/usr/local/sbin/belgenet probe": "{}", objects.MINIO: f"minio version RELEASE.{release}"}
    patient = Patient(tmp_path, answers)
    patient.write(objects.FILE, {"main": {"backend": "minio"}, "other": {}})
    assert codes(objects.objects(patient)) == expected
    patient.write(objects.FILE, {"main": {"backend": "seaweedfs"}, "other": {}})
    assert codes(objects.objects(patient)) == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"since": "2026-11-22T11:00:00+00:00", "until": None}, ["maintenance_on"]),
        ({"since": "2026-11-22T07:00:00+00:00", "until": None}, ["maintenance_overdue"]),
        ({"since": "2026-11-22T07:00:00+00:00", "until": "2026-11-22T13:00:00+00:00"}, ["maintenance_on"]),
        ({"since": "2026-11-22T11:00:00+00:00", "until": "2026-11-22T11:30:00+00:00"}, ["maintenance_overdue"]),
    ],
)
def test_a_site_that_is_closed(tmp_path, state, expected):
    patient = Patient(tmp_path)
    assert codes(maintenance.maintenance(patient)) == []
    patient.write("/var/lib/belgenet/maintenance/state.json", state)
    assert codes(maintenance.maintenance(patient)) == expected
