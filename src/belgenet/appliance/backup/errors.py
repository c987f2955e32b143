"""What goes wrong with backups, each with a text an administrator can act on."""

from belgenet.appliance.words import words


class BackupError(Exception):
    """A backup, its verification or a drill did not come to its end.

    :param code: of the text in ``texts/backup.*.json``; stable.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params

    def __str__(self) -> str:
        return words("backup")(self.code, **self.params)
