"""What a machine has become, kept so that others begin there: an installed server costs two minutes, one that stands on it none."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ANSWERS = ("etc/belgenet/site.yml", "etc/belgenet/belgenet.ini", "root/answers.yml")
"""Files that name the world outside of the machine."""


@dataclass(frozen=True)
class Layer:
    """A machine's disk as it was when it was switched off, above the base root of its system.

    :param folder: the files; nobody writes to them.
    :param outside: the address of the world outside of the machine it comes from.
    """

    folder: Path
    outside: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """A layer that was kept."""
        return cls(folder, json.loads(folder.with_suffix(".json").read_text())["outside"])

    def keep(self) -> Self:
        """Write down what :meth:`of` needs."""
        self.folder.with_suffix(".json").write_text(json.dumps({"outside": self.outside}))
        return self

    def settle(self, root: Path, outside: str) -> None:
        """Let a machine that stands on this one know its own world.

        :param root: its disk.
        """
        for name in _ANSWERS:
            if (file := root / name).exists():
                file.write_text(file.read_text().replace(self.outside, outside))
