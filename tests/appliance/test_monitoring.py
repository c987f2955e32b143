"""A Prometheus outside fetches the figures of every part, and nobody else does; what rules and dashboards name is among them."""

import re
from collections.abc import Iterator

import httpx
import pytest
from tests.appliance.conftest import Another
from tests.appliance.installation import DOMAIN, Installation, note
from tests.appliance.prometheus import Prometheus
from tests.common.waiting import wait_until
from tests.unit.monitoring.queries import asked, queries

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(600)]

PARTS = ("web", "node", "postgres", "redis-cache", "redis-broker", "objects")
PORTS = (19100, 19113, 19121, 19187, 19327)
NOT_IN_A_CONTAINER = {
    "node_timex_offset_seconds",  # its host keeps the clock
    "belgenet_unit_memory_bytes",  # its host keeps these accounts
    "belgenet_unit_cpu_seconds_total",
}
UNSEEN_IN_A_CONTAINER = NOT_IN_A_CONTAINER | {"node_filesystem_avail_bytes"}
"""Its disk is an overlay, which the exporter leaves out."""
OF_ANOTHER_STORE = "minio_"
"""Its objects lie on SeaweedFS."""
SILENT_WHEN_WELL = re.compile(r""" (?:==|>) \d+$|status=~"5|outcome="failed"|outcome=~"retry""")
REACH = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 3)"
_NAME = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{| )", re.MULTILINE)


@pytest.fixture(scope="module")
def watched(another: Another) -> Iterator[Installation]:
    """An inhabited server whose door for Prometheus is open to this computer."""
    with another() as site:
        if "belgenet_monitoring_networks" not in site.server.read("/etc/belgenet/site.yml"):
            site.server.run(
                "echo 'belgenet_monitoring_networks: [10.77.0.0/16]' >>/etc/belgenet/site.yml && belgenet apply"
            )
        yield site


@pytest.fixture(scope="module")
def password(watched: Installation) -> str:
    return watched.server.run(["belgenet", "metrics", "password"]).stdout.strip()


@pytest.fixture(scope="module")
def prometheus(watched: Installation, password: str) -> Iterator[httpx.Client]:
    """Fetches as an institution's Prometheus does."""
    with door(watched, ("prometheus", password)) as client:
        yield client


def door(site: Installation, who: tuple[str, str] | None = None, host: str = DOMAIN) -> httpx.Client:
    return httpx.Client(
        base_url=f"https://{site.server.address}/metrics/", headers={"Host": host}, verify=False, auth=who, timeout=20
    )


def scraped(prometheus: httpx.Client) -> dict[str, str]:
    """Part -> its figures."""
    answers = {part: prometheus.get(part) for part in PARTS}
    assert {part: answer.status_code for part, answer in answers.items()} == dict.fromkeys(PARTS, 200)
    return {part: answer.text for part, answer in answers.items()}


def names(figures: dict[str, str]) -> set[str]:
    """Figures that there are; ``up`` is Prometheus' own."""
    return {name for text in figures.values() for name in _NAME.findall(text)} | {"up"}


def test_every_figure_that_rules_and_dashboards_name_is_there(watched: Installation, prometheus: httpx.Client):
    with watched.browser("vakif") as visitor:
        visitor.api("GET", "/campaigns")
    wanted = {name for name in asked() if not name.startswith(OF_ANOTHER_STORE)} - NOT_IN_A_CONTAINER

    def complete() -> bool:
        watched.server.run("systemctl start belgenet-figures")
        return wanted <= names(scraped(prometheus))

    wait_until(complete, 75)
    assert wanted - names(scraped(prometheus)) == set()


def test_every_part_says_that_it_works(watched: Installation, prometheus: httpx.Client):
    figures = scraped(prometheus)
    assert "\npg_up 1\n" in figures["postgres"]
    for instance in ("redis-cache", "redis-broker"):
        assert "\nredis_up 1\n" in figures[instance]
    looked = dict(re.findall(r'^belgenet_figures_success\{part="(\w+)"\} (\d)', figures["node"], re.MULTILINE))
    assert set(looked.values()) == {"1"}, looked
    down = re.findall(r'^belgenet_unit_up\{unit="([^"]+)"\} 0', figures["node"], re.MULTILINE)
    assert down == []
    assert f'belgenet_release_info{{version="{watched.version}"}} 1' in figures["node"]


def test_no_figure_names_a_person_or_a_tenant(prometheus: httpx.Client):
    for part, text in scraped(prometheus).items():
        labels = re.findall(r"\{([^}]*)\}", text)
        assert not [one for one in labels if "vakif" in one or "akademi" in one or "yonetici" in one], part


def test_the_door_opens_to_the_password_from_the_right_networks_only(watched: Installation, password: str):
    with door(watched) as stranger, door(watched, ("prometheus", password[::-1])) as guesser:
        for part in (*PARTS, "postgres?target=x"):
            assert stranger.get(part).status_code == 401
            assert guesser.get(part).status_code == 401
    with door(watched, ("prometheus", password)) as prometheus:
        assert prometheus.get("nothing").status_code == 404
        assert prometheus.get("../metrics").status_code == 404
    inside = (
        "import base64, ssl, sys, urllib.request as u\n"
        "basic = base64.b64encode(b'prometheus:' + sys.stdin.read().encode()).decode()\n"
        "ask = u.Request('https://127.0.0.1/metrics/node', headers={'Authorization': 'Basic ' + basic})\n"
        "u.urlopen(ask, context=ssl._create_unverified_context())"
    )
    refused = watched.server.run(["python3", "-c", inside], input=password, check=False).stderr
    assert "403" in refused, "this address is in none of the networks"


def test_on_the_server_only_nginx_and_root_ask_the_exporters(watched: Installation):
    users = ("root", "www-data", "belgenet-web", "belgenet-worker", "belgenet-metrics-node", "nobody")
    for port in PORTS:
        words = ["python3", "-c", REACH, str(port)]
        may = {
            user
            for user in users
            if watched.server.run(["runuser", "-u", user, "--", *words], check=False, timeout=20).returncode == 0
        }
        assert may == {"root", "www-data"}, port


def test_exporters_can_do_nothing_but_look(watched: Installation):
    server = watched.server
    ask = ["runuser", "-u", "belgenet-metrics-postgres", "--", "psql", "-X", "-h", "/run/postgresql", "-d", "belgenet"]
    for statement in (
        "select * from public.accounts",
        "create table public.x ()",
        "select pg_read_file('/etc/passwd')",
    ):
        done = server.run([*ask, "-U", "belgenet_metrics", "-c", statement], check=False)
        assert "permission denied" in done.stderr, statement
    for unit in ("node", "postgres", "redis"):
        said = server.run(["systemd-analyze", "security", "--no-pager", f"belgenet-metrics-{unit}"]).stdout
        level = re.search(r"exposure level for \S+: ([\d.]+)", said)
        assert level
        assert float(level[1]) <= 2.0, unit


def test_what_the_exporters_take(watched: Installation, system: str):
    """Mebibytes that they alone use; shared pages count in parts."""
    found = {}
    for unit in ("node", "postgres", "redis"):
        pid = watched.server.run(f"systemctl show -P MainPID belgenet-metrics-{unit}").stdout.strip()
        pages = watched.server.run(f"awk '/^Pss:/ {{print $2}}' /proc/{pid}/smaps_rollup").stdout
        found[unit] = round(int(pages) / 1024, 1)
    note(system, exporters_mib=found, whole_mib=round(watched.memory() / 2**20))
    assert sum(found.values()) < 120, found


@pytest.fixture(scope="module")
def theirs(watched: Installation, password: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """The institution's Prometheus, set up as the documentation says."""
    with Prometheus(watched, password, tmp_path_factory.mktemp("prometheus")) as running:
        with watched.browser("vakif") as visitor:
            visitor.api("GET", "/campaigns")
        wait_until(lambda: len(running.ask("count_over_time(up[10m]) > 3")) == len(running.jobs), 60)
        yield running


def test_a_prometheus_that_got_what_the_server_hands_out_fetches_all_parts(theirs: Prometheus):
    assert theirs.targets() == dict.fromkeys((f"belgenet-{part}" for part in PARTS), "up")


def test_its_rules_are_evaluated_and_on_a_healthy_server_none_fires(theirs: Prometheus):
    def evaluated() -> bool:
        return all(rule["health"] == "ok" for rule in theirs.rules())

    assert wait_until(evaluated, 60), [(rule["name"], rule.get("lastError")) for rule in theirs.rules()]
    assert [rule["name"] for rule in theirs.rules() if rule["state"] == "firing"] == []


def test_every_query_of_the_dashboards_is_answered(theirs: Prometheus):
    panels = [
        query for where, query in queries() if ": " in where
    ]  # the others are rules, which give something when they fire
    wanted = [
        query for query in panels if not any(name in query for name in (*UNSEEN_IN_A_CONTAINER, OF_ANOTHER_STORE))
    ]
    for query in set(panels) - set(wanted):
        theirs.ask(_now(query))

    def unanswered() -> list[str]:
        return [query for query in wanted if not theirs.ask(_now(query)) and not SILENT_WHEN_WELL.search(query)]

    wait_until(lambda: not unanswered(), 90)  # the first task of each kind is counted when it has run
    assert unanswered() == []


def _now(query: str) -> str:
    return re.sub(r"\$__(rate_interval|range|interval)", "1m", query)
