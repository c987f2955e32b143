"""One look at the server."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.figures import keeping, units, visitors
from belgenet.appliance.figures.exposition import Metric, text, write
from belgenet.appliance.run import CommandError

FOLDER: Final = Path("/var/lib/belgenet/figures")
"""The exporter reads what is in it; so may everybody."""
_STATE: Final = Path("/var/lib/belgenet")

Part = Callable[[], list[Metric]]


def _visits(memory: Path) -> list[Metric]:
    counted = visitors.remembered(memory)
    counted.read(visitors.LOG)
    visitors.remember(memory, counted)
    return counted.metrics()


def parts(folder: Path = FOLDER) -> dict[str, Part]:
    """What is looked at, by name."""
    return {
        "backups": lambda: keeping.backups(_STATE),
        "certificate": lambda: keeping.certificate(places.ETC / "tls", _STATE),
        "connections": lambda: visitors.connections(visitors.page()),
        "kit": lambda: keeping.kit(_STATE),
        "release": lambda: keeping.release(places.CURRENT, _STATE),
        "units": lambda: units.units(units.shown()),
        "visits": lambda: _visits(folder / "visits.json"),
    }


def collect(looks: Mapping[str, Part]) -> tuple[list[Metric], dict[str, str]]:
    """All figures, and part -> why it could not be looked at. What one part lacks keeps no other from being told."""
    metrics: list[Metric] = []
    failed: dict[str, str] = {}
    success = Metric("belgenet_figures_success", "1: this part of the server could be looked at")
    for name, look in looks.items():
        try:
            metrics += look()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, CommandError) as error:
            failed[name] = f"{type(error).__name__}: {error}"
        success.add(name not in failed, part=name)
    when = Metric("belgenet_figures_timestamp_seconds", "When this was looked at").add(time.time())
    return [*metrics, success, when], failed


def write_figures(folder: Path = FOLDER) -> dict[str, str]:
    """Look and write; part -> why it could not be looked at. :raises OSError: nothing can be written."""
    metrics, failed = collect(parts(folder))
    write(folder / "belgenet.prom", text(metrics))
    return failed
