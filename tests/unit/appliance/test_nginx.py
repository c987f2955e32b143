"""Nginx is done with its old files when no worker that knows them takes connections any more."""

import pytest

from belgenet.appliance import nginx
from belgenet.appliance.run import CommandError

WORKER = b"nginx: worker process"
RETIRING = b"nginx: worker process is shutting down"


class Fake:
    """A master with the number 10 and its workers.

    :param retire: how often it is looked at until the old worker notices.
    """

    def __init__(self, proc, retire=2):
        self.proc, self.told, self._retire = proc, [], retire
        self.looked = 0
        (proc / "10/task/10").mkdir(parents=True)
        self.workers({11: WORKER})

    def workers(self, found):
        (self.proc / "10/task/10/children").write_text("".join(f"{number} " for number in found))
        for number, title in found.items():
            (self.proc / str(number)).mkdir(exist_ok=True)
            (self.proc / str(number) / "cmdline").write_bytes(title + b"\0\0  \0")

    def ask(self, words, **_):
        self.told.append(words)
        if words[:2] == ["systemctl", "reload"]:
            self.workers({11: WORKER, 12: WORKER})
        return "10\n" if words[1] == "show" else ""

    def pass_time(self):
        self.looked += 1
        if self.looked == self._retire:
            self.workers({11: RETIRING, 12: WORKER})


@pytest.fixture
def fake(tmp_path, monkeypatch):
    made = Fake(tmp_path)
    monkeypatch.setattr(nginx.time, "sleep", lambda _seconds: made.pass_time())
    return made


def test_it_is_waited_for_the_worker_from_before_and_for_no_other(fake):
    nginx.reload(fake.ask, fake.proc)
    assert fake.looked == 2
    assert [words[0:2] for words in fake.told] == [["nginx", "-t"], ["systemctl", "show"], ["systemctl", "reload"]]


def test_a_worker_that_has_ended_is_waited_for_no_longer(fake):
    fake.pass_time = lambda: fake.workers({12: WORKER})
    nginx.reload(fake.ask, fake.proc, seconds=5)


def test_files_that_are_not_good_are_read_by_nobody(fake):
    def ask(words, **_):
        fake.told.append(words)
        raise CommandError("nginx", 1, "unexpected }")

    with pytest.raises(CommandError, match="unexpected }"):
        nginx.reload(ask, fake.proc)
    assert fake.told == [["nginx", "-t", "-q"]]


def test_workers_that_go_on_with_the_old_files_are_a_failure(fake):
    with pytest.raises(CommandError, match="files from before"):
        nginx.reload(fake.ask, fake.proc, seconds=0)


def test_where_nothing_is_seen_of_it_nothing_is_waited_for(tmp_path):
    nginx.reload(lambda words, **_: "0\n" if words[1] == "show" else "", tmp_path)
