"""Who holds the ports."""

import pytest
from checks.ports import BEGUN, holders, listening, ports, postgres_socket, wanted

from belgenet.appliance.doctor import walls
from belgenet.appliance.doctor.system import System

from .server import Server

PORTS = wanted({})
SETTINGS = [
    {},
    {"belgenet_monitoring": False},
    {"belgenet_monitoring": "no"},
    {"belgenet_objectstore_backend": "minio"},
    {"belgenet_objectstore_backend": "external_s3", "belgenet_monitoring": False},
    {"belgenet_objectstore_backend": "external_s3", "belgenet_objectstore_other": {"backend": "seaweedfs"}},
]


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path)


def found(server, **answers):
    return [(finding.values["place"], finding.values["holder"]) for finding in ports(server.probe(), answers)]


def test_all_free(server):
    assert found(server) == []


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("six", [False, True])
def test_a_busy_port_and_who_holds_it(server, port, six):
    server.listen(port, 4711, six=six)
    server.process(321, "apache2", "apache2.service", 4711)
    finding = next(ports(server.probe(), {}))
    assert (finding.code, finding.severity) == ("port_busy", "error")
    assert finding.values == {
        "place": f"port {port}",
        "part": PORTS[port],
        "holder": "apache2 (pid 321, apache2.service)",
    }


def test_connections_are_not_listeners(server):
    server.listen(443, 4711, state="01")
    assert listening(server.probe()) == {}


def test_other_ports_do_not_matter(server):
    server.listen(22, 4711)
    assert found(server) == []


@pytest.mark.parametrize(
    ("port", "without", "needed"),
    [
        (8888, {"belgenet_objectstore_backend": "external_s3"}, {}),
        (19327, {"belgenet_objectstore_backend": "minio"}, {}),
        (19327, {"belgenet_monitoring": False}, {}),
        (19100, {"belgenet_monitoring": False}, {}),
        (9000, {}, {"belgenet_objectstore_backend": "minio"}),
    ],
)
def test_a_port_of_what_nobody_asked_for_is_somebody_elses(server, port, without, needed):
    server.listen(port, 4711)
    server.process(321, "python3", "shop.service", 4711)
    assert found(server, **without) == []
    assert [place for place, _ in found(server, **needed)] == [f"port {port}"]


@pytest.mark.parametrize("answers", SETTINGS)
def test_they_are_those_that_the_doctor_tries_later(tmp_path, answers):
    """What is installed must have been free before, and what is not is no business of the doctor's."""

    class Asked(System):
        site = answers

        def run(self, words, **_):
            self.ports = {int(word) for word in words[3:]}
            return ""

    system = Asked(tmp_path)
    assert list(walls.loopback(system)) == []
    assert set(wanted(answers)) == {80, 443} | system.ports


def test_a_process_of_no_unit(server):
    server.listen(80, 4711)
    server.process(321, "python3", "", 4711)
    assert found(server) == [("port 80", "python3 (pid 321)")]


def test_a_holder_that_cannot_be_seen(server):
    server.listen(80, 4711)
    assert found(server) == [("port 80", "?")]


@pytest.mark.parametrize(
    ("port", "unit"),
    [
        (6379, "redis-server@belgenet-cache.service"),
        (6380, "redis-server@belgenet-broker.service"),
        (8333, "belgenet-objects.service"),
        (18888, "belgenet-objects.service"),
        (19187, "belgenet-metrics-postgres.service"),
    ],
)
def test_ours_on_the_second_run(server, port, unit):
    server.listen(port, 4711)
    server.process(321, "x", unit, 4711)
    assert found(server) == []


@pytest.mark.parametrize("unit", ["redis-server@other.service", "xbelgenet-objects.service", "minio.service"])
def test_names_that_only_look_like_ours(server, unit):
    server.listen(8333, 4711)
    server.process(321, "x", unit, 4711)
    assert len(found(server)) == 1


@pytest.mark.parametrize(
    ("port", "unit"),
    [(80, "nginx.service"), (443, "nginx.service"), (19113, "nginx.service"), (6379, "redis-server.service")],
)
def test_the_distributions_instances_are_ours_once_an_installation_has_begun(server, port, unit):
    server.listen(port, 4711)
    server.process(321, "x", unit, 4711)
    assert len(found(server)) == 1
    server.write(BEGUN, "Types: deb\n")
    assert found(server) == []


def test_the_socket_of_postgresql(server):
    server.listen_unix("/var/run/postgresql/.s.PGSQL.5432", 99)
    server.process(50, "postgres", "postgresql@17-main.service", 99)
    assert found(server) == [("/run/postgresql/.s.PGSQL.5432", "postgres (pid 50, postgresql@17-main.service)")]


def test_our_own_postgresql(server):
    server.listen_unix("/run/postgresql/.s.PGSQL.5432", 99)
    server.process(50, "postgres", "postgresql@17-belgenet.service", 99)
    assert found(server) == []


def test_other_sockets(server):
    server.listen_unix("/run/postgresql/.s.PGSQL.5433", 99)
    server.listen_unix("@abstract", 98)
    assert postgres_socket(server.probe()) == ""


def test_a_socket_that_systemd_keeps_for_a_unit_is_the_units(server):
    server.process(1, "systemd", "init.scope", 4711)
    server.process(321, "web", "web.service", 4711)
    assert holders(server.probe(), {"4711"})["4711"].pid == 321


def test_a_socket_that_systemd_alone_has(server):
    server.listen(80, 4711)
    server.process(1, "systemd", "", 4711)
    assert found(server) == [("port 80", "systemd (pid 1)")]


def test_several_at_once(server):
    for number, port in enumerate(PORTS):
        server.listen(port, 100 + number)
    assert len(found(server)) == len(PORTS)
