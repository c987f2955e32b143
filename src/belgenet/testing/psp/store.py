"""The provider's memory: documents by kind and id, in an append-only log that survives `kill -9`."""

import json
import threading
import time
from pathlib import Path
from typing import Any


class Store:
    """Documents in memory, each change appended to `journal.jsonl` before it counts.

    A line is handed to the operating system before `put` returns, so a killed process loses nothing; a
    line torn by the kill is the last one and is dropped at the next start. Hold `lock` around read,
    change and write.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "journal.jsonl"
        self._docs: dict[str, dict[str, str]] = {}
        self.lock = threading.RLock()
        self._load()
        self._log = self._path.open("ab", buffering=0)

    def put(self, kind: str, key: str, doc: dict[str, Any]) -> None:
        """Write a document; the last one written under a kind and key is the one that counts."""
        text = json.dumps(doc, ensure_ascii=False)
        with self.lock:
            self._log.write(_line(kind, key, text))
            self._docs.setdefault(kind, {})[key] = text

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a copy of a document, or None."""
        with self.lock:
            text = self._docs.get(kind, {}).get(key)
        return None if text is None else dict(json.loads(text))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return copies of all documents of a kind, oldest first."""
        with self.lock:
            texts = list(self._docs.get(kind, {}).values())
        return [json.loads(text) for text in texts]

    def number(self, kind: str, start: int) -> int:
        """Return the next number of a sequence that never repeats, not even after a restart, nor (counting from the seconds of the
        clock) in a provider with a new memory: a shop that had payments of the old one would take them for these.
        """
        with self.lock:
            known = self.get("sequence", kind) or {"value": start + int(time.time())}
            value = int(known["value"]) + 1
            self.put("sequence", kind, {"value": value})
            return value

    def reset(self) -> None:
        """Forget everything but the sequences: a reused payment number would be another bug than the one
        sought.
        """
        with self.lock:
            sequences = self._docs.get("sequence", {})
            self._docs = {"sequence": dict(sequences)}
            self._log.truncate(0)
            for key, text in sequences.items():
                self.put("sequence", key, json.loads(text))

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def _load(self) -> None:
        """Read the log and write it anew without what was overwritten since the last start."""
        if not self._path.exists():
            return
        whole, _, _torn = self._path.read_bytes().rpartition(b"\n")
        for line in whole.splitlines():
            kind, key, doc = json.loads(line)
            self._docs.setdefault(kind, {})[key] = json.dumps(doc, ensure_ascii=False)
        compact = self._path.with_suffix(".new")
        lines = (_line(kind, key, text) for kind, docs in self._docs.items() for key, text in docs.items())
        compact.write_bytes(b"".join(lines))
        compact.replace(self._path)


def _line(kind: str, key: str, text: str) -> bytes:
    return (json.dumps([kind, key], ensure_ascii=False)[:-1] + f",{text}]\n").encode()
