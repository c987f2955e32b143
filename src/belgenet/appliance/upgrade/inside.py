"""Steps that need the new release's whole environment; run by its Python: ``python -m belgenet.appliance.upgrade.inside WHAT``."""

import sys
from datetime import UTC, datetime

from belgenet.appliance.maintenance import Switch


def main(words: list[str]) -> None:
    """``backup REASON``, ``close`` or ``open``. What goes wrong is said on standard error, and is exit code 1."""
    what, *rest = words
    if what == "backup":
        from belgenet.appliance.backup import gate  # noqa: PLC0415 -- opening a site must not depend on it

        sys.stdout.write(f"{gate(*rest)}\n")
    elif what == "close":
        Switch().on(now=datetime.now(UTC))
    elif what == "open":
        Switch().off()
    else:
        raise ValueError(what)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 -- one line for whoever reads the journal of the upgrade
        sys.exit(f"{type(error).__name__}: {error}")
