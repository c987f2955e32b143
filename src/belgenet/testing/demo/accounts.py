"""The contract between the demo and its data.

``belgenet.testing.demo.data`` has one function, ``load(environ: Mapping[str, str]) -> list[DemoAccount]``: it fills an
empty, migrated database (settings come from `environ`, as for every process) and says who can sign in. It may use the
product's services; it is called once per demo folder, again when it failed.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec

_DATA = "belgenet.testing.demo.data"


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in.

    :param tenant: slug, empty for the platform's administrators.
    :param role: what the account is for, as a role name (``ORG_ADMIN``, ``DONOR`` ...).
    """

    tenant: str
    email: str
    password: str
    role: str


def main() -> int:
    """Load the data with the settings of the environment and print the accounts as JSON."""
    accounts = import_module(_DATA).load(os.environ) if find_spec(_DATA) else []
    json.dump([asdict(account) for account in accounts], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
