"""Command line of the demo: ``run``, ``run -- COMMAND``, ``reset``."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from belgenet.testing.demo.state import DemoLock, forget
from belgenet.testing.demo.summary import lines, write
from belgenet.testing.demo.system import DemoSystem
from belgenet.testing.paths import var_folder
from belgenet.testing.servers import ServerError

_COMMAND_FAILED = 70
_FILE_VARIABLE = "BELGENET_E2E_JSON"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m belgenet.testing.demo", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    run = steps.add_parser("run", help="start everything and watch over it until Ctrl-C")
    run.add_argument("--folder", type=Path, default=var_folder() / "demo", help="data and logs")
    run.add_argument("--json", type=Path, help="file for tools; default: run/demo.json beside the folder")
    run.add_argument("--fresh", action="store_true", help="forget the folder's data first")
    run.add_argument("--since", type=float, default=0.0, help="seconds spent before, for the progress lines")
    run.add_argument("command", nargs="*", help="run this against the started system, then stop")
    reset = steps.add_parser("reset", help="forget all data")
    reset.add_argument("--folder", type=Path, default=var_folder() / "demo")
    return parser.parse_args()


def main() -> int:
    """Run a step; problems end with one message and status 1."""
    options = _arguments()
    options.folder = options.folder.resolve()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    try:
        with DemoLock(options.folder):
            return _reset(options.folder) if options.step == "reset" else _run(options)
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _reset(folder: Path) -> int:
    print(f"forgot {folder}" if forget(folder) else f"nothing to forget in {folder}")
    return 0


def _run(options: argparse.Namespace) -> int:
    begin = time.monotonic() - options.since

    def say(words: str) -> None:
        print(f"[{time.monotonic() - begin:4.0f} s] {words}", flush=True)

    if options.fresh:
        forget(options.folder)
    system = DemoSystem(options.folder, say)
    file = (options.json or options.folder.parent / "run" / "demo.json").resolve()
    try:
        system.start()
        write(system, file)
        say("ready")
        if options.command:
            return _command(options.command, file, system)
        print("\n".join(lines(system)), flush=True)
        _watch(system, file)
    except KeyboardInterrupt:
        print(flush=True)
    finally:
        say("stopping ...")
        system.stop()
        file.unlink(missing_ok=True)
        say("stopped")
    return 0


def _watch(system: DemoSystem, file: Path) -> None:
    """Keep everything running; ``demo.json`` follows when a process got a new id."""
    known = system.supervisor.pids()

    def changed() -> bool:
        nonlocal known
        now = system.supervisor.pids()
        if now != known:
            known = now
            write(system, file)
        return False

    system.supervisor.watch(until=changed)


def _command(command: list[str], file: Path, system: DemoSystem) -> int:
    """Run a command with the address file in its environment, restarting what dies meanwhile."""
    environment = os.environ | {_FILE_VARIABLE: str(file)}
    try:
        child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"error: {shlex.join(command)}: {error}", file=sys.stderr)
        return _COMMAND_FAILED
    try:
        system.supervisor.watch(until=lambda: child.poll() is not None)
    finally:
        if child.poll() is None:
            child.terminate()
        code = child.wait()
    return code


if __name__ == "__main__":
    sys.exit(main())
