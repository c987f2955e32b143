"""Start and rest: ``python -m benchmarks.footprint``. Seconds of a second ``bin/run`` to ready, then memory of the idle system.

PSS counts a page that several processes share once in total; RSS counts it in each of them and is shown for comparison.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
MIB = 1024 * 1024


@contextmanager
def running(folder: Path, limit: float) -> Iterator[tuple[psutil.Process, float]]:
    """``bin/run`` on a folder; gives it and the seconds it took to be ready. Ends it afterwards.

    :raises RuntimeError: not ready within ``limit`` seconds.
    """
    begin = time.monotonic()
    command = [str(ROOT / "bin" / "run"), "--folder", str(folder / "demo")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    ready = threading.Event()
    took = [0.0]

    def listen() -> None:
        for line in process.stdout or ():
            said.append(line)
            if line.rstrip().endswith("] ready"):
                took[0] = time.monotonic() - begin
                ready.set()

    threading.Thread(target=listen, daemon=True).start()
    try:
        while not ready.wait(0.2):
            if process.poll() is not None or time.monotonic() - begin > limit:
                raise RuntimeError("".join(said[-40:]))
        yield psutil.Process(process.pid), took[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def memory(first: psutil.Process) -> dict[str, list[float]]:
    """MiB by what a process is: number of processes, PSS, RSS."""
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for process in (first, *first.children(recursive=True)):
        try:
            used, words = process.memory_full_info(), process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        entry = found[name_of(words)]
        entry[0] += 1
        entry[1] += used.pss / MIB
        entry[2] += used.rss / MIB
    return dict(found)


def name_of(words: list[str]) -> str:
    """What a process of the demo is, by its command line."""
    if "belgenet.cli" in words:
        part = words[words.index("belgenet.cli") + 1]
        return {"serve": "web"}.get(part, part)
    if "-m" in words:
        return words[words.index("-m") + 1].removeprefix("belgenet.testing.")
    first = Path(words[0].split(":")[0]).name if words else "?"
    return first.split()[0]


def main() -> int:
    """Measure and say; status 1 when a goal is missed (20 s, 1.2 GiB)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=float, default=60, help="seconds to wait before memory is counted")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="belgenet-footprint-") as name:
        folder = Path(name)
        with running(folder, 600) as (_, first):
            print(f"first start of a new folder: {first:.1f} s", flush=True)
        with running(folder, 120) as (process, second):
            print(f"second start: {second:.1f} s (load {os.getloadavg()[0]:.2f})", flush=True)
            time.sleep(options.idle)
            found = memory(process)
        with running(folder, 120) as (_, third):
            print(f"third start: {third:.1f} s (load {os.getloadavg()[0]:.2f})", flush=True)
    print(f"after {options.idle:.0f} s of rest, MiB:\n{'':24} {'number':>6} {'PSS':>7} {'RSS':>7}")
    for title, (count, pss, rss) in sorted(found.items(), key=lambda item: -item[1][1]):
        print(f"{title:24} {count:6.0f} {pss:7.0f} {rss:7.0f}")
    pss, rss = (sum(entry[index] for entry in found.values()) for index in (1, 2))
    print(f"{'together':24} {sum(entry[0] for entry in found.values()):6.0f} {pss:7.0f} {rss:7.0f}")
    return int(min(second, third) >= 20 or pss >= 1.2 * 1024)


if __name__ == "__main__":
    sys.exit(main())
