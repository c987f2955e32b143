"""Keeps on disk which handlers are still to run, so that a run that is killed leaves the rest to the next one.

Ansible keeps that in memory alone: who was to be restarted would go on with what it read before, and the next run, which finds
every file as it should be, would see no reason. A task's handlers are written down before it begins and crossed out when it
changed nothing; what is left is crossed out when they have run. ``belgenet_files`` asks for them again.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from ansible.inventory.host import Host
from ansible.playbook.handler import Handler
from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: belgenet_unfinished
type: notification
short_description: Handlers that a killed run did not come to
description: Only where the playbook runs on the server itself. E(BELGENET_UNFINISHED) is another place for the file.
requirements: [enabled in ansible.cfg]
"""

FILE: Final = "/var/lib/belgenet/apply/unfinished.json"


class CallbackModule(CallbackBase):
    """Ansible finds it by this name."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "belgenet_unfinished"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = Path(os.environ.get("BELGENET_UNFINISHED", FILE))
        self._late: set[str] | None = None
        self._own: set[str] = set()
        self._asked: set[str] = set()
        self._ran: set[str] = set()
        self._failed: set[str] = set()

    @staticmethod
    def notified_by(task: Task) -> set[str]:
        """The handlers that a task names; as it is written, one or several."""
        return {task.notify} if isinstance(task.notify, str) else set(task.notify or ())

    def late(self, *, check: bool) -> set[str]:
        """Handlers of earlier runs that have not run.

        :param check: this run changes nothing, so that whatever is written down is an earlier one's.
        """
        try:
            noted = json.loads(self._file.read_text(encoding="utf-8"))
            return set(noted["late"]) | set(noted["own"] if check else ())
        except (FileNotFoundError, ValueError):
            return set()

    def v2_runner_on_start(self, host: Host, task: Task) -> None:
        """Before anything of the task is done."""
        if task.check_mode or host.vars.get("ansible_connection") != "local" or isinstance(task, Handler):
            return
        if self._late is None:
            self._late = self.late(check=True)
        self._cross_out_those_that_ran()
        self._asked = self.notified_by(task) - self._own
        if self._asked:
            self._own |= self._asked
            self._write()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Done; a task that changed nothing needs no handler."""
        if isinstance(result.task, Handler):
            self._ran |= _names(result.task)
        elif self._asked and not result.is_changed():
            self._own -= self._asked
            self._write()
        self._asked = set()

    v2_runner_on_skipped = v2_runner_on_ok

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Half of it may have been done: its handlers stay."""
        del ignore_errors
        if isinstance(result.task, Handler):
            self._failed |= _names(result.task)
        self._asked = set()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end."""
        del stats
        self._cross_out_those_that_ran()

    def _cross_out_those_that_ran(self) -> None:
        """Not after each: several may listen to one name."""
        done, self._ran, self._failed = self._ran - self._failed, set(), set()
        if self._late is not None and done & (self._late | self._own):
            self._late -= done
            self._own -= done
            self._write()

    def _write(self) -> None:
        if not self._late and not self._own:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"late": sorted(self._late or ()), "own": sorted(self._own)}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)


def _names(handler: Handler) -> set[str]:
    return {str(handler.name), *(str(topic) for topic in handler.listen or ())}
