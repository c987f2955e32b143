"""Reads beside Django REST Framework and FastAPI: ``python -m benchmarks.reads``.

Two endpoints: an order with lines, payments and certificates, asked for by its owner, and the panel's list of 50 orders. All
systems stand on one PostgreSQL with two processes each and are measured alternately, so that a disturbance meets all of them.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from belgenet.testing.servers import PostgresServer, ServerError
from belgenet.testing.servers.ports import free_port
from belgenet.testing.servers.process import ManagedProcess
from benchmarks.load import Pass, Wrk
from benchmarks.stage import HOST, KEY, Stage, folder_of

HERE = Path(__file__).parent
PROCESSES = 2
OURS = "belgenet"
PEERS = ("drf sync", "drf gthread", "fastapi asyncpg", "fastapi psycopg")
ENDPOINTS = ("object", "list")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=5, help="of each pass")
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", nargs="*", help=f"peers, of: {', '.join(PEERS)}")
    parser.add_argument("--beside", type=Path, help="source folder of another version of ours to measure too")
    parser.add_argument("--threads", nargs="*", default=[], help="numbers of threads to measure ours with too")
    parser.add_argument("--json", type=Path, help="also write every pass here")
    return parser.parse_args()


def peers_python() -> Path:
    """The peers' own environment, made when it is missing or its lock changed."""
    folder = folder_of("peers")
    lock, stamp, python = HERE / "peers" / "requirements.txt", folder / "stamp", folder / "venv" / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        print("installing the peers ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
        subprocess.run(install, check=True, timeout=600)
        stamp.write_text(lock.read_text())
    return python


def _commands(python: Path, port: int) -> dict[str, tuple[list[str], dict[str, str]]]:
    bind, count = f"127.0.0.1:{port}", str(PROCESSES)
    binaries = python.parent
    gunicorn = [
        str(binaries / "gunicorn"),
        "-b",
        bind,
        "-w",
        count,
        "--access-logfile",
        "-",
        "peers.drf_app:application",
    ]
    uvicorn = [str(binaries / "uvicorn"), "peers.fastapi_app:app", "--port", str(port), "--workers", count]
    return {
        "drf sync": (gunicorn, {}),
        "drf gthread": ([*gunicorn, "-k", "gthread", "--threads", "4"], {"PEER_POOL": "1"}),
        "fastapi asyncpg": (uvicorn, {"PEER_DRIVER": "asyncpg"}),
        "fastapi psycopg": (uvicorn, {"PEER_DRIVER": "psycopg"}),
        OURS: ([sys.executable, "-m", "belgenet.cli", "serve", "--port", str(port), "--processes", count], {}),
    }


def _ours_with(threads: list[str]) -> list[str]:
    return [f"{OURS} {number} threads" for number in threads]


@contextmanager
def served(
    name: str, stage: Stage, folder: Path, python: Path | None, source: Path | None = None
) -> Iterator[tuple[int, int]]:
    """A running system; gives its port and the id of its first process."""
    port = free_port()
    command, extra = _commands(python or Path(sys.executable), port)[OURS if name.startswith(OURS) else name]
    if name.endswith(" threads"):
        command = [*command, "--threads", name.split()[1]]
    if name.startswith(OURS):
        environment = stage.environment() | ({"PYTHONPATH": str(source)} if source else {})
    else:
        url = stage.database.platform_url.replace("postgresql+psycopg://", "postgresql://")
        environment = {"PEER_DATABASE_URL": url, "PEER_JWT_KEY": f"bench:{KEY}", "PYTHONPATH": str(HERE), **extra}
    log = folder / f"{name.replace(' ', '-')}.log"
    with ManagedProcess(name, command, log=log, env=environment) as process:
        process.wait_ready(lambda: _answers(port), 60)
        yield port, process.pid or 0


def _answers(port: int) -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/orders", headers={"Host": HOST})
    try:
        urllib.request.urlopen(request, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def ask(port: int, path: str, token: str) -> dict:
    """One answer, for comparing what the systems say."""
    headers = {"Host": HOST, "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=10
    ) as r:
        return json.load(r)


def check_same(ports: dict[str, int], order: str, owner: str, stranger: str, admin: str) -> None:
    """All systems say the same to those who may ask, and nothing to others.

    :raises ServerError: they do not.
    """
    for path, token in ((f"/api/v1/orders/{order}", owner), ("/api/v1/admin/orders?limit=50", admin)):
        said = {name: json.dumps(_plain(ask(port, path, token)), sort_keys=True) for name, port in ports.items()}
        if len(set(said.values())) > 1:
            raise ServerError("\n".join(f"{name}: {text[:1500]}" for name, text in said.items()))
    for name, port in ports.items():
        try:
            ask(port, f"/api/v1/orders/{order}", stranger)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                continue
        raise ServerError(f"{name} shows an order to a stranger")


def _plain(answer: dict) -> dict:
    """The cursor is opaque; only its being there is compared."""
    return {**answer, "next": bool(answer["next"])} if "next" in answer else answer


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children so far."""
    first = psutil.Process(pid)
    return sum(times.user + times.system for times in (p.cpu_times() for p in (first, *first.children(recursive=True))))


def measure(
    options: argparse.Namespace, ports: dict[str, int], pids: dict[str, int], wrk: Wrk, targets: dict[str, Path]
) -> dict:
    """Passes by endpoint and system, alternating; the order of the systems turns with each pass."""
    found: dict[str, dict[str, list[Pass]]] = {endpoint: defaultdict(list) for endpoint in ENDPOINTS}
    names = list(ports)
    for endpoint in ENDPOINTS:
        for name in names:
            wrk.run(ports[name], targets[endpoint], 2, 1)
    for number in range(options.passes):
        turn = number % len(names)
        for endpoint in ENDPOINTS:
            for name in names[turn:] + names[:turn]:
                begin = cpu_seconds(pids[name])
                done = wrk.run(ports[name], targets[endpoint], options.seconds, number)
                spent = (cpu_seconds(pids[name]) - begin) * 1000 / done.requests
                found[endpoint][name].append(dataclasses.replace(done, cpu_ms=spent))
        print(f"pass {number + 1} of {options.passes}, load {os.getloadavg()[0]:.2f}", flush=True)
    return found


def report(found: dict[str, dict[str, list[Pass]]]) -> None:
    """Medians, spread (lowest and highest pass), CPU time of the system's processes a request, and ratios of ours to each."""
    for endpoint, systems in found.items():
        ours = [item.rate for item in systems[OURS]]
        print(
            f"\n{endpoint:16} {'req/s':>7} {'(min':>7} {'max)':>6} {'p95 ms':>7} {'(min':>7} {'max)':>6} CPU ms  ours/this (range)"
        )
        for name, passes in systems.items():
            rates, p95 = [item.rate for item in passes], [item.p95 for item in passes]
            ratios = [mine / theirs for mine, theirs in zip(ours, rates, strict=True)]
            cpu = statistics.median(item.cpu_ms for item in passes)
            print(
                f"{name:16} {statistics.median(rates):7.0f} {min(rates):7.0f} {max(rates):6.0f} "
                f"{statistics.median(p95):7.1f} {min(p95):7.1f} {max(p95):6.1f} {cpu:6.2f}  "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})"
            )


def main() -> int:
    """Start everything, measure, say it."""
    options = _arguments()
    peers = PEERS if options.only is None else options.only
    python = peers_python() if peers else None
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="belgenet-reads-")))
        stage = Stage(stack.enter_context(PostgresServer(folder / "postgres")))
        orders = stage.add_orders(options.orders)
        systems = {OURS: None, **({f"{OURS} beside": options.beside.resolve()} if options.beside else {})}
        systems |= dict.fromkeys([*_ours_with(options.threads), *peers])
        running = {
            name: stack.enter_context(served(name, stage, folder, python, source)) for name, source in systems.items()
        }
        ports, pids = ({name: pair[index] for name, pair in running.items()} for index in (0, 1))
        stranger = next(person for person in stage.donors if person is not orders[0][1])
        check_same(ports, str(orders[0][0]), orders[0][1].token, stranger.token, stage.admin.token)
        wrk = Wrk(folder, HOST, options.connections)
        targets = {
            "object": wrk.targets("object", [(f"/api/v1/orders/{key}", owner.token) for key, owner in orders]),
            "list": wrk.targets("list", [("/api/v1/admin/orders?limit=50", stage.admin.token)]),
        }
        begin = time.monotonic()
        found = measure(options, ports, pids, wrk, targets)
        print(
            f"{time.monotonic() - begin:.0f} s, {os.cpu_count()} CPUs, {options.connections} connections, {options.orders} orders"
        )
    report(found)
    if options.json:
        passes = {e: {n: [vars(p) for p in rows] for n, rows in s.items()} for e, s in found.items()}
        options.json.write_text(json.dumps(passes, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
