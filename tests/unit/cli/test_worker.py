"""What a worker does before it forks."""

import subprocess
import sys
from typing import Any

from belgenet.core.outbox.registry import QUEUES, modules_to_preload


def test_only_workers_that_make_documents_load_what_makes_them(system: Any) -> None:
    consumers = system.registry["belgenet.consumers"].values()
    heavy = modules_to_preload(consumers, QUEUES)
    assert "belgenet.core.pdf.weasy" in heavy
    assert modules_to_preload(consumers, ["documents"]) == heavy
    assert modules_to_preload(consumers, ["mail", "payments"]) == []


def test_making_a_certificate_imports_nothing_heavy_beyond_what_was_loaded(system: Any) -> None:
    names = modules_to_preload(system.registry["belgenet.consumers"].values(), QUEUES)
    loaded = f"import sys, importlib; [importlib.import_module(name) for name in {names!r}]"
    check = "assert {'weasyprint', 'pyhanko.sign', 'tinycss2', 'pydyf', 'phonenumbers'} <= set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-W", "ignore", "-c", f"{loaded}; {check}"], check=True)
