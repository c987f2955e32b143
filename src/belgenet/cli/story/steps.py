import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import httpx


class StoryFailed(Exception):  # noqa: N818
    """A step did not end as it should; the message says what was seen."""


class Teller:
    """Prints each step with the seconds it took."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.current = ""
        self.seconds = 0.0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step. :raises StoryFailed: also for network errors and answers of another shape."""
        self.current = title
        started = time.perf_counter()
        try:
            yield
        except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError) as error:
            raise StoryFailed(f"{type(error).__name__}: {error}") from error
        took = time.perf_counter() - started
        self.seconds += took
        click.echo(f"{self.name}: {title:<52} {took * 1000:8.0f} ms")


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Poll until the condition gives something. :raises StoryFailed: it never did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.2)
    raise StoryFailed(f"{what}: not within {seconds:.0f} s")


def wait_for_value(read: Callable[[], Any], wanted: Any, what: str, seconds: float = 60) -> None:
    """Poll until ``wanted`` is read. :raises StoryFailed: it never was; says what was read last."""
    until = time.monotonic() + seconds
    while (seen := read()) != wanted:
        if time.monotonic() > until:
            raise StoryFailed(f"{what}: {seen}, not {wanted} within {seconds:.0f} s")
        time.sleep(0.2)


def expect(condition: object, what: str) -> None:
    """:raises StoryFailed: it is not so."""
    if not condition:
        raise StoryFailed(what)
