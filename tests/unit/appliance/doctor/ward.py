"""A server for the doctor to look at: files below a folder, and what programs would answer."""

import json
from datetime import UTC, datetime
from pathlib import Path

from belgenet.appliance.doctor.system import System
from belgenet.appliance.run import CommandError
from belgenet.appliance.words import words

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DOMAIN = "okul.example"


class Patient(System):
    """``answers``: beginning of a command line -> what it prints, or the error it ends with."""

    def __init__(self, root: Path, answers=None, rows=None):
        super().__init__(root)
        self.answered = dict(answers or {})
        self.rows = rows
        self.write("/etc/belgenet/site.yml", f"belgenet_domain: {DOMAIN}\nbelgenet_admin_email: bt@{DOMAIN}\n")

    def now(self):
        return NOW

    def write(self, name, content):
        file = self.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    def run(self, words, *, user="", input="", timeout=15):  # noqa: A002
        line = " ".join(words)
        for begin, answer in self.answered.items():
            if line.startswith(begin):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        raise CommandError(words[0], None, "there is no such program")

    def sql(self, query):
        if self.rows is None:
            raise CommandError("psql", 2, "could not connect to server")
        return self.rows(query) if callable(self.rows) else self.rows


def told(findings, lang="en"):
    """``level: title`` of each, as a person reads it."""
    say = words("doctor", lang)
    return [f"{item.level}: {item.told(say)['title']}" for item in findings]


def codes(findings):
    return [item.code for item in findings]
