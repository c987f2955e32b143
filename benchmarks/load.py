"""Load: `wrk` with one thread, asking in turn for the targets of a file; requests/s and latencies of one pass."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LUA = """
local targets, n = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local path, token = line:match("^(%S+) (%S+)$")
    n = n + 1
    targets[n] = wrk.format("GET", path, {["Host"] = args[2], ["Authorization"] = "Bearer " .. token})
  end
  math.randomseed(tonumber(args[3]))
end
function request() return targets[math.random(n)] end
function response(status) if status ~= 200 then bad = (bad or 0) + 1 end end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "us": %d, "p50": %.3f, "p95": %.3f, "p99": %.3f, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class LoadError(RuntimeError):
    """wrk is missing or said nothing, or answers were not 200."""


@dataclass(frozen=True)
class Pass:
    """One pass: requests, requests/s, milliseconds; ``cpu_ms`` a request is the caller's to measure."""

    requests: int
    rate: float
    p50: float
    p95: float
    p99: float
    cpu_ms: float = 0.0


class Wrk:
    """:param folder: for the script and the targets. :raises LoadError: wrk is not installed."""

    def __init__(self, folder: Path, host: str, connections: int) -> None:
        if not shutil.which("wrk"):
            raise LoadError("this benchmark needs wrk (Debian and Ubuntu: apt install wrk)")
        self.connections = connections
        self._host = host
        self._folder = folder
        self._script = folder / "wrk.lua"
        self._script.write_text(LUA)

    def targets(self, name: str, pairs: list[tuple[str, str]]) -> Path:
        """A file of (path, token)."""
        file = self._folder / f"{name}.targets"
        file.write_text("".join(f"{path} {token}\n" for path, token in pairs))
        return file

    def run(self, port: int, targets: Path, seconds: int, seed: int) -> Pass:
        """:raises LoadError: an answer was not 200 or a connection failed."""
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(self._script)]
        command += [f"http://127.0.0.1:{port}", "--", str(targets), self._host, str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
        line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            raise LoadError(done.stdout + done.stderr)
        found = json.loads(line.removeprefix("RESULT "))
        if found["errors"] or not found["requests"]:
            raise LoadError(f"port {port}, {targets.stem}: {found}")
        rate = found["requests"] / found["us"] * 1e6
        return Pass(found["requests"], rate, found["p50"], found["p95"], found["p99"])
