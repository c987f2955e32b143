"""The S3 server that the operator chose, as far as it can be seen before anything is installed."""

import re
from collections.abc import Iterator

from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import Answers

KEY = "/etc/belgenet/credentials/vault/storage.access_key"


def store(probe: Probe, answers: Answers) -> Iterator[Finding]:
    """What the chosen one needs; the bundled one needs nothing."""
    backend = answers.get("belgenet_objectstore_backend", "")
    if backend == "external_s3":
        yield from external(probe, answers.get("belgenet_objectstore_endpoint", ""))
    elif backend == "minio":
        yield from minio(probe, answers)


def external(probe: Probe, endpoint: str) -> Iterator[Finding]:
    """Somebody else's: a name that is known here, and its keys."""
    if not endpoint or "/" in endpoint:
        yield Finding("store_endpoint", ERROR, {"found": endpoint})
        return
    host = re.sub(r":\d+$", "", endpoint)
    if probe.run(["getent", "ahosts", host.strip("[]")])[0]:
        yield Finding("name_unresolved", WARNING, {"name": host})
    if not probe.path(KEY).is_file():
        yield Finding("store_keys", WARNING, {"endpoint": endpoint})


def minio(probe: Probe, answers: Answers) -> Iterator[Finding]:
    """A program that the institution brings, and its digest."""
    program = answers.get("belgenet_minio_binary", "")
    digest = answers.get("belgenet_minio_sha256", "")
    if not program or not probe.path(program).is_file() or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        yield Finding("store_minio", ERROR, {"program": program or "-"})
