"""Metrics of several processes, asked of one."""

import subprocess
import sys
from pathlib import Path

COUNT = """
from belgenet.cli.context import share_metrics
share_metrics({folder!r})
from belgenet.core.observability.metrics import OUTBOX_DEAD, RELAYED
RELAYED.labels(queue="mail").inc()
OUTBOX_DEAD.set({dead})
"""
ASK = """
from belgenet.cli.context import share_metrics
share_metrics({folder!r})
from belgenet.core.observability.health import exposition
import belgenet.core.observability.metrics
print(exposition({folder!r}).decode())
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_what_workers_and_relay_counted_is_told_by_the_web_process(tmp_path: Path) -> None:
    folder = str(tmp_path)
    for dead in (3, 5):
        run(COUNT.format(folder=folder, dead=dead))
    told = run(ASK.format(folder=folder))
    assert 'belgenet_relay_deliveries_total{queue="mail"} 2.0' in told
    assert "belgenet_outbox_dead 5.0" in told


def test_without_a_folder_each_process_tells_its_own() -> None:
    told = run(ASK.format(folder=""))
    assert "# TYPE python_info gauge" in told
    assert "belgenet_relay_deliveries_total{" not in told


def test_sharing_too_late_is_refused_and_not_forgotten(tmp_path: Path) -> None:
    late = f"import prometheus_client; from belgenet.cli.context import share_metrics; share_metrics({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=False)
    assert "too late" in done.stderr
