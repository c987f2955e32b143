"""As whom the cluster's work is done."""

import pytest

from belgenet.appliance.backup import database
from belgenet.appliance.backup.database import Database


def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Words of the programs that are run from now on."""
    seen: list[list[str]] = []

    def run(words, **_given):
        seen.append(list(words))
        return ""

    monkeypatch.setattr(database, "run", run)
    return seen


def test_a_unit_becomes_nobody_and_takes_along_what_it_has_asked_for(monkeypatch):
    monkeypatch.setenv("BELGENET_UNIT", "belgenet-drill.service")
    seen = started(monkeypatch)
    Database().as_owner("true")
    Database().serve("pg_ctl", "start")
    assert [words[0] for words in seen] == ["systemd-run", "systemd-run"]
    for words in seen:
        assert {"--property=User=postgres", "--property=BindsTo=belgenet-drill.service"} < set(words)
    assert ["--wait" in words for words in seen] == [True, False], "a server is not waited for"
    assert Database().words("psql")[0] == "systemd-run"
    assert "--property=User=belgenet-backup" in Database(reader="belgenet-backup").words("pg_dump")


def test_who_types_the_command_becomes_the_owner(monkeypatch):
    monkeypatch.delenv("BELGENET_UNIT", raising=False)
    seen = started(monkeypatch)
    Database().as_owner("true")
    assert seen == [["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "true"]]
    Database(user="").as_owner("true")
    assert seen[1] == ["true"], "the owner is there already"
