"""The S3 server."""

from collections.abc import Iterator

from belgenet.appliance.doctor.finding import Finding, error
from belgenet.appliance.doctor.system import System


def objects(system: System) -> Iterator[Finding]:
    """It keeps an object, gives it back unchanged and forgets it."""
    found = system.probe()
    if "error" in found:
        code = "objects_unreachable" if found["step"] == "reach" else "objects_canary"
        yield error(code, reason=found["error"], step=found["step"])
