"""What an S3 server must do for the product, asked of a real one; the same questions in tests and in ``objectstore check``.

Everything happens below ``belgenet-check/`` of the bucket and is taken away afterwards.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from belgenet.appliance.objectstore.place import Keys, Place
from belgenet.core.db.types import utcnow

PREFIX: Final = "belgenet-check/"
_OLD: Final = timedelta(hours=1)


class Broken(Exception):  # noqa: N818 -- a finding
    """The server does not do what it must; the text says what it did."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. ``code`` names the question; ``level`` is ``ok``, ``warning`` or ``error``."""

    code: str
    level: str
    detail: str = ""


@dataclass
class Subject:
    """The server that is asked.

    :param keys: as a service has them: for this bucket, and no other.
    :param admin: as who may make another bucket; None: nobody we know may, and the other bucket is one that is not there.
    """

    place: Place
    keys: Keys
    admin: Keys | None = None
    prefix: str = field(default_factory=lambda: f"{PREFIX}{secrets.token_hex(6)}/")

    def __post_init__(self) -> None:
        self.http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=30), retries=False)
        self.client: Minio = self.place.client(self.keys)

    @property
    def bucket(self) -> str:
        """Its name."""
        return self.place.bucket

    def key(self, name: str) -> str:
        """An object's key among ours."""
        return self.prefix + name

    def status(self, method: str, url: str, **options: object) -> int:
        """Status of a request without the SDK."""
        return int(self.http.request(method, url, **options).status)  # type: ignore[arg-type]


Check = Callable[[Subject], None]


def expect(what: str, found: object, *wanted: object) -> None:
    """:raises Broken: ``found`` is none of ``wanted``."""
    if found not in wanted:
        raise Broken(f"{what}: {found}")


def refused(what: str, act: Callable[[], object], *codes: str) -> None:
    """:raises Broken: it was done, or refused for another reason than one of ``codes``."""
    try:
        act()
    except S3Error as error:
        expect(what, error.code, *codes)
        return
    raise Broken(f"{what}: accepted")


def run(subject: Subject, checks: dict[str, tuple[str, Check]]) -> Iterator[Finding]:
    """Ask everything, one after the other. When the first question fails, nothing else is asked.

    :param checks: code -> how bad it is when it fails, and the question.
    """
    try:
        for code, (level, check) in checks.items():
            finding = _ask(subject, code, level, check)
            yield finding
            if code == "reachable" and finding.level == "error":
                return
    finally:
        with suppress(MinioException, urllib3.exceptions.HTTPError, OSError, ValueError):
            sweep(subject)


def _ask(subject: Subject, code: str, level: str, check: Check) -> Finding:
    try:
        check(subject)
    except Broken as broken:
        return Finding(code, level, str(broken))
    except S3Error as error:
        return Finding(code, level, f"{error.code}: {error.message}")
    except (MinioException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return Finding(code, level, f"{type(error).__name__}: {error}")
    return Finding(code, "ok")


def sweep(subject: Subject) -> None:
    """Take away what this check made, and what one left that was killed."""
    before = utcnow() - _OLD
    for entry in subject.client.list_objects(subject.bucket, prefix=PREFIX, recursive=True):
        own = entry.object_name.startswith(subject.prefix)
        if own or (entry.last_modified is not None and entry.last_modified < before):
            subject.client.remove_object(subject.bucket, entry.object_name)


def eventually(question: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether it becomes so; permissions take a moment to be known everywhere."""
    until = time.monotonic() + seconds
    while not question():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True
