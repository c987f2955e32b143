"""What verbs of the server share: they are for root, one at a time, and end with codes that programs understand."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from belgenet.appliance.exclusive import Busy, exclusive
from belgenet.appliance.words import words

NO, FAILED, BUSY = 1, 2, 3
"""Exit codes: a finding or "no"; it could not be done; another verb is at work."""


def require_root(lang: str = "") -> None:
    """End with a clear line unless root asks. :param lang: by default the terminal's."""
    if os.geteuid() != 0:
        click.echo(words("server", lang)("not_root"), err=True)
        sys.exit(FAILED)


@contextmanager
def alone(verb: str, lang: str = "") -> Iterator[None]:
    """Hold the server's lock; ends the program with ``BUSY`` when another verb does. :param lang: by default the terminal's."""
    try:
        with exclusive(verb):
            yield
    except Busy as busy:
        click.echo(busy.told(lang), err=True)
        sys.exit(BUSY)
