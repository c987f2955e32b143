"""SMS as files: one JSON object each, written whole or not at all, named so that they sort by arrival."""

import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class StoredSms:
    """One SMS that was taken.

    :param number: E.164.
    :param at: seconds since 1970.
    :param job: what its sender was told it is called.
    """

    number: str
    text: str
    sender: str
    at: float
    job: str


def store_sms(folder: Path, number: str, text: str, sender: str) -> StoredSms:
    """Keep one SMS."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = StoredSms(number, text, sender, time.time(), f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}")
    part = folder / f".{kept.job}.part"
    part.write_text(json.dumps(asdict(kept), ensure_ascii=False), encoding="utf-8")
    part.rename(folder / f"{kept.job}.json")
    return kept


def read_all_sms(folder: Path) -> list[StoredSms]:
    """Return all SMS, oldest first."""
    return [_read(file) for file in sorted(folder.glob("*.json"))]


def recent(folder: Path, number: str, seconds: float) -> int:
    """Count the SMS a number got within the last ``seconds``."""
    since = time.time() - seconds
    found: Iterable[Path] = (file for file in folder.glob("*.json") if int(file.name[:20]) / 1e9 >= since)
    return sum(_read(file).number == number for file in found)


def _read(file: Path) -> StoredSms:
    return StoredSms(**json.loads(file.read_text(encoding="utf-8")))
