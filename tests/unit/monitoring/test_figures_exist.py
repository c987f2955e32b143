"""Rules and dashboards speak of figures of ours, labels and values that exist; a machine is asked for the others."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram
from tests.unit.monitoring.conftest import FILES, ROOT, rules
from tests.unit.monitoring.queries import DASHBOARDS, SELECTOR, asked, queries

from belgenet.appliance.figures import keeping, units, visitors
from belgenet.appliance.figures.collect import parts
from belgenet.certificates.interfaces import CertificateState
from belgenet.commerce.orders.models import OrderStatus
from belgenet.commerce.payments import KNOWN_PROVIDERS, WEBHOOK_OUTCOMES
from belgenet.commerce.payments.models import State
from belgenet.core.observability import metrics
from belgenet.core.web.errors import ErrorCode

VALUES = {
    ("belgenet_certificates_total", "state"): set(CertificateState),
    ("belgenet_orders_total", "status"): set(OrderStatus),
    ("belgenet_payments_total", "provider"): set(KNOWN_PROVIDERS),
    ("belgenet_payments_total", "state"): set(State),
    ("belgenet_webhooks_total", "outcome"): set(WEBHOOK_OUTCOMES),
    ("belgenet_mails_total", "state"): {"sent", "queued", "failed"},
    ("belgenet_scans_total", "verdict"): {"clean", "infected", "failed"},
    ("belgenet_sms_total", "state"): {"sent", "queued", "failed", "unknown"},
    ("belgenet_sign_ins_total", "outcome"): {"done", *(code.value for code in ErrorCode)},
    ("belgenet_storage_calls_total", "outcome"): {"done", "absent", "failed"},
    ("belgenet_tasks_total", "outcome"): {"done", "retry", "dead", "skipped", "failed"},
    ("belgenet_backup_last_success_timestamp_seconds", "action"): set(keeping.ACTIONS),
    ("belgenet_nginx_responses_total", "code"): set(visitors.CLASSES),
    ("belgenet_figures_success", "part"): set(parts(Path("/nowhere"))),
}
PATTERNS = {"5..", r"belgenet-objects.*|belgenet-minio.*|postgresql.*"}
"""Of label values that are no list."""
OF_MINIO = {
    "minio_cluster_capacity_usable_free_bytes",
    "minio_cluster_capacity_usable_total_bytes",
    "minio_cluster_drive_offline_total",
    "minio_cluster_health_status",
    "minio_cluster_usage_total_bytes",
}
"""As its own list of cluster metrics (version 2) has them: no server that is asked in these tests runs it."""
UNIT = (
    "Id=nginx.service\nLoadState=loaded\nActiveState=active\nNRestarts=1\n"
    "MemoryCurrent=2\nMemoryMax=3\nCPUUsageNSec=4\nTasksCurrent=5\n"
)
STATUS = "Active connections: 1 \nserver accepts handled requests\n 7 6 9 \nReading: 0 Writing: 1 Waiting: 0 \n"


def of_product() -> dict[str, set[str]]:
    """Name as Prometheus sees it -> its labels, of what the product counts."""
    found: dict[str, set[str]] = {}
    for item in vars(metrics).values():
        if isinstance(item, Counter | Gauge | Histogram):
            labels, name = set(item._labelnames), item._name
            if isinstance(item, Counter):
                found[f"{name}_total"] = labels
            elif isinstance(item, Histogram):
                found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
            else:
                found[name] = labels
    return found


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The product's figures and the server's own."""
    folder = tmp_path_factory.mktemp("server")
    tls, release = folder / "tls", folder / "0.1.0"
    tls.mkdir()
    release.mkdir()
    (folder / "current").symlink_to(release)
    words = [
        "openssl",
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-subj",
        "/CN=x",
    ]
    subprocess.run(
        [*words, "-keyout", str(tls / "k"), "-out", str(tls / "server.pem")], check=True, capture_output=True
    )
    looked = [
        *keeping.backups(folder),
        *keeping.kit(folder),
        *keeping.certificate(tls, folder),
        *keeping.release(folder / "current", folder),
        *units.units(UNIT),
        *visitors.Visits().metrics(),
        *visitors.connections(STATUS),
    ]
    own = {metric.name: {name for labels, _ in metric.samples for name in labels} for metric in looked}
    own |= {"belgenet_figures_success": {"part"}, "belgenet_figures_timestamp_seconds": set()}
    return of_product() | own


@pytest.mark.parametrize(("where", "query"), list(queries()), ids=lambda text: text[:60])
def test_a_query_asks_for_what_there_is(where: str, query: str, known: dict[str, set[str]]) -> None:
    selectors = SELECTOR.findall(query)
    assert selectors, where
    for name, labels in selectors:
        if not name.startswith("belgenet_"):
            continue
        assert name in known, where
        for label, _operator, value in re.findall(r'(\w+)(=~|!~|=|!=)"([^"]*)"', labels):
            assert label in known[name], where
            assert value in PATTERNS or set(value.split("|")) <= VALUES[name, label], where
    for label in {label for group in re.findall(r"\bby \(([^)]*)\)", query) for label in group.split(", ")} - {
        "job",
        "instance",
    }:
        assert any(label in known.get(name, {label}) for name, _ in selectors), where


def test_what_is_scraped_is_what_the_rules_call_it() -> None:
    known = yaml.safe_load((FILES.parent / "vars/main.yml").read_text())
    targets = known["monitoring__always"] + known["monitoring__objects"]["seaweedfs"]
    assert known["monitoring__objects"]["minio"][0]["path"] == "objects"
    jobs = {"belgenet", "belgenet-web", *(f"belgenet-{target['path']}" for target in targets)}
    for where, query in queries():
        for pattern in re.findall(r'job=~?"([^"]*)"', query):
            assert any(re.fullmatch(pattern, job) for job in jobs), where


def test_figures_of_every_part_are_asked_for() -> None:
    assert {name.partition("_")[0] for name in asked()} == {
        "up",
        "belgenet",
        "node",
        "pg",
        "redis",
        "SeaweedFS",
        "minio",
    }
    assert {name for name in asked() if name.startswith("minio_")} == OF_MINIO


def test_all_that_the_product_counts_is_shown_somewhere() -> None:
    shown = asked().keys()
    names = {item._name for item in vars(metrics).values() if isinstance(item, Counter | Gauge | Histogram)}
    assert {name for name in names if not any(one.startswith(name) for one in shown)} == set()


@pytest.mark.parametrize("file", sorted(DASHBOARDS.glob("*.json")), ids=lambda file: file.stem)
def test_a_dashboard_is_one_that_grafana_can_show(file: Path) -> None:
    board = json.loads(file.read_text())
    assert board["uid"] == f"belgenet-{file.stem}"
    assert {variable["name"] for variable in board["templating"]["list"]} == {"datasource"}
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
    assert len(set(places)) == len(places)
    assert all(p["gridPos"]["x"] + p["gridPos"]["w"] <= 24 for p in board["panels"])
    assert all(p["title"] and p["description"] for p in board["panels"])
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"])


def test_the_dashboards_queries_are_promql(promtool: str, tmp_path: Path) -> None:
    """As rules, which promtool can check."""
    texts = [query.replace("$__rate_interval", "5m") for where, query in queries() if ": " in where]
    recorded = [{"record": f"try:{number}", "expr": text} for number, text in enumerate(texts)]
    file = tmp_path / "dashboards.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": recorded}]}))
    done = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_release_brings_the_products_rules() -> None:
    assert (ROOT / "config/alerts.yml").exists()
    assert {rule["alert"][:8] for rule in rules()} == {"BelgeNet"}
