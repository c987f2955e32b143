"""Who may ask for the figures from outside: one name and a secret, of which Nginx keeps the hash."""

import hashlib
from pathlib import Path
from typing import Final

from belgenet.appliance.run import run

USER: Final = "prometheus"
FILE: Final = Path("/etc/nginx/belgenet-metrics.password")


def entry(secret: str) -> str:
    """The line of Nginx's password file. The salt comes from the secret, which nobody guesses: the same secret gives the same line,
    and the playbook sees a change when there is one.

    :raises belgenet.appliance.run.CommandError: openssl cannot do it.
    """
    salt = hashlib.sha256(b"metrics door:" + secret.encode()).hexdigest()[:16]
    hashed = run(["openssl", "passwd", "-6", "-salt", salt, "-stdin"], input=f"{secret}\n", timeout=20)
    return f"{USER}:{hashed.strip()}\n"
