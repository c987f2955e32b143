"""What keeps an institution from being brought back, each with an exit code and a text to act on."""

from enum import IntEnum
from typing import Final

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.words import words


class Exit(IntEnum):
    """Exit codes of ``install.sh --restore-from``, beside its own."""

    FAILED = 20
    KEY_MISTYPED = 30
    NO_REPOSITORY = 31
    WRONG_KEY = 32
    DAMAGED = 33
    OTHER_RELEASE = 34
    OTHER_MAJOR = 35
    OBJECTS_MISSING = 36
    NOT_EMPTY = 37
    NOT_WHOLE = 38
    NOT_REACHED = 39


_OF_CODE: Final = {
    "key_mistyped": Exit.KEY_MISTYPED,
    "no_repository": Exit.NO_REPOSITORY,
    "no_backup": Exit.NO_REPOSITORY,
    "no_copy": Exit.NO_REPOSITORY,
    "no_dump": Exit.NO_REPOSITORY,
    "at_in_future": Exit.NO_REPOSITORY,
    "at_after_copy": Exit.NO_REPOSITORY,
    "at_within_backup": Exit.NO_REPOSITORY,
    "repository_absent": Exit.NO_REPOSITORY,
    "wrong_key": Exit.WRONG_KEY,
    "database_wrong_key": Exit.WRONG_KEY,
    "damaged": Exit.DAMAGED,
    "database_part_missing": Exit.DAMAGED,
    "recovery_failed": Exit.DAMAGED,
    "files_damaged": Exit.DAMAGED,
    "files_failed": Exit.DAMAGED,
    "manifest_unreadable": Exit.DAMAGED,
    "database_damaged": Exit.DAMAGED,
    "database_unreadable": Exit.DAMAGED,
    "database_failed": Exit.DAMAGED,
    "other_release": Exit.OTHER_RELEASE,
    "newer_release": Exit.OTHER_RELEASE,
    "other_major": Exit.OTHER_MAJOR,
    "batch_missing": Exit.OBJECTS_MISSING,
    "objects_missing": Exit.OBJECTS_MISSING,
    "not_empty": Exit.NOT_EMPTY,
    "other_backup": Exit.NOT_EMPTY,
    "not_whole": Exit.NOT_WHOLE,
    "host_key_unknown": Exit.NOT_REACHED,
    "place_refused": Exit.NOT_REACHED,
    "place_unreachable": Exit.NOT_REACHED,
}
_OTHER_HELP: Final = {"wrong_key", "host_key_unknown", "place_refused", "place_unreachable"}
"""Errors of backups that somebody with an empty server puts right in another way than on the institution's."""


class RestoreError(Exception):
    """The restoration cannot begin, or did not come to its end.

    :param code: of the text in ``texts/restore.*.json``; stable.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params

    def told(self, lang: str = "") -> str:
        """For the administrator."""
        return words("restore", lang)(self.code, **self.params)

    def __str__(self) -> str:
        return self.told("en")


def exit_code(error: RestoreError | BackupError) -> int:
    """What a script is told."""
    return int(_OF_CODE.get(error.code, Exit.FAILED))


def told(error: RestoreError | BackupError, lang: str) -> str:
    """The error in words."""
    if isinstance(error, RestoreError):
        return error.told(lang)
    return words("restore" if error.code in _OTHER_HELP else "backup", lang)(error.code, **error.params)
