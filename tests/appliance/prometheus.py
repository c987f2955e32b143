"""An institution's Prometheus: the real program, configured with what the server hands out, on this computer."""

import shlex
import shutil
import time
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from tests.appliance.installation import DOMAIN, Installation

from belgenet.testing.paths import var_folder
from belgenet.testing.servers.ports import free_port
from belgenet.testing.servers.process import ManagedProcess

_HANDED_OUT = "/etc/belgenet/monitoring"
_QUICK = {"scrape_interval": "5s", "evaluation_interval": "5s"}
"""So that a test need not wait for minutes of figures."""


class Prometheus:
    """``with Prometheus(site, password, folder) as prometheus: prometheus.ask("up")``.

    :param site: whose door for figures is open to this computer.
    :param password: of that door.
    :param folder: for configuration and figures; the names in it are those the documentation tells.
    """

    def __init__(self, site: Installation, password: str, folder: Path) -> None:
        beside = folder / "belgenet"
        beside.mkdir(parents=True)
        for rules in site.server.run(f"cd {_HANDED_OUT} && ls *.yml").stdout.split():
            (beside / rules).write_text(site.server.read(f"{_HANDED_OUT}/{rules}"))
        (beside / "password").write_text(password)
        (beside / "server.pem").write_text(site.server.read("/etc/belgenet/tls/server.pem"))
        configuration = yaml.safe_load((beside / "prometheus.yml").read_text())
        self.jobs = sorted(job["job_name"] for job in configuration["scrape_configs"])
        for job in configuration["scrape_configs"]:
            job |= {"scrape_interval": "5s", "scrape_timeout": "5s"}
        (folder / "prometheus.yml").write_text(yaml.safe_dump({"global": _QUICK, **configuration}))
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n{site.server.address} {DOMAIN}\n")
        port = free_port()
        program = shutil.which("prometheus", path=str(var_folder() / "tools/prometheus")) or "prometheus"
        words = [
            program,
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=figures",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with_names = f"mount --bind hosts /etc/hosts && exec {shlex.join(words)}"  # no DNS knows the site
        self._process = ManagedProcess(
            "prometheus", ["unshare", "--mount", "sh", "-c", with_names], log=folder / "prometheus.log", cwd=folder
        )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=20)

    def __enter__(self) -> Self:
        self._process.start()
        self._process.wait_ready(self._answers, timeout=30)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.stop()

    def _answers(self) -> bool:
        try:
            return self._client.get("targets").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def get(self, path: str, **asked: str) -> Any:
        """What its API tells, without the envelope."""
        answer = self._client.get(path, params=asked).json()
        assert answer["status"] == "success", f"{path} {asked}: {answer}"
        return answer["data"]

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Series that a query gives now."""
        found: list[dict[str, Any]] = self.get("query", query=query, time=str(time.time()))["result"]
        return found

    def targets(self) -> dict[str, str]:
        """Job -> ``up``, or why not."""
        listed = self.get("targets", state="active")["activeTargets"]
        return {one["labels"]["job"]: one["health"] if one["health"] == "up" else one["lastError"] for one in listed}

    def rules(self) -> list[dict[str, Any]]:
        """Every rule, as it was evaluated last."""
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]
