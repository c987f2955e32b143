"""The S3 server."""

import re
from collections.abc import Iterator

from belgenet.appliance.doctor.finding import Finding, error, info, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.objectstore.minio_build import holes_of
from belgenet.appliance.objectstore.place import FILE
from belgenet.appliance.run import CommandError

MOVE = "/var/lib/belgenet/objectstore/migration.json"
MINIO = "/opt/belgenet/bin/minio"


def objects(system: System) -> Iterator[Finding]:
    """It keeps an object, gives it back unchanged and forgets it; it is the only one, and without known holes."""
    found = system.probe()
    if "error" in found:
        code = "objects_unreachable" if found["step"] == "reach" else "objects_canary"
        yield error(code, reason=found["error"], step=found["step"])
    yield from two_stores(system)
    yield from minio(system)


def two_stores(system: System) -> Iterator[Finding]:
    """A move that has begun, or an old server that still keeps what people have erased since."""
    if system.document(MOVE).get("phase", "done") != "done":
        yield warning("objects_moving")
    elif other := system.document(FILE).get("other"):
        yield info("objects_old_store", endpoint=other.get("endpoint", ""))


def minio(system: System) -> Iterator[Finding]:
    """A build that was accepted with known holes, or was replaced by one."""
    places = system.document(FILE)
    if "minio" not in {(places.get(name) or {}).get("backend") for name in ("main", "other")}:
        return
    try:
        said = re.search(r"RELEASE\.([\dTZ-]+)", system.run([MINIO, "--version"], user="belgenet-minio"))
    except CommandError:
        return  # that it does not run, the first question has found
    if said and (holes := holes_of(said[1])):
        yield warning("objects_minio_holes", release=said[1], holes=", ".join(holes))
