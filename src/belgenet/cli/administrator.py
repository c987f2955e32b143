"""What verbs of the server share: they are for root, one at a time, and end with codes that programs understand."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from belgenet.appliance.exclusive import Busy, exclusive

NO, FAILED, BUSY = 1, 2, 3
"""Exit codes: a finding or "no"; it could not be done; another verb is at work."""


def require_root() -> None:
    """End with a clear line unless root asks."""
    if os.geteuid() != 0:
        click.echo("this is for the administrator of the server: use sudo", err=True)
        sys.exit(FAILED)


@contextmanager
def alone(verb: str) -> Iterator[None]:
    """Hold the server's lock; ends the program with ``BUSY`` when another verb does."""
    try:
        with exclusive(verb):
            yield
    except Busy as busy:
        click.echo(str(busy), err=True)
        sys.exit(BUSY)
