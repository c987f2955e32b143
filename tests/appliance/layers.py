"""What a machine has become, kept so that others begin there: an installed server costs two minutes, one that stands on it none."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.common.authority import Authority

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
    def given(cls) -> Self | None:
        """The layer that this run is told to begin with, in ``APPLIANCE_LAYER``."""
        name = os.environ.get("APPLIANCE_LAYER")
        return cls.of(Path(name)) if name else None

    @classmethod
    def of(cls, folder: Path) -> Self:
        """A layer that was kept."""
        return cls(folder, json.loads(folder.with_suffix(".json").read_text())["outside"])

    @property
    def authority(self) -> Authority:
        """The one that the machine trusts."""
        return Authority(self.folder.with_suffix(".authority"))

    def keep(self, authority: Path) -> Self:
        """Write down what :meth:`of` and :attr:`authority` need.

        :param authority: the folder of the one that the machine trusts.
        """
        self.folder.with_suffix(".json").write_text(json.dumps({"outside": self.outside}))
        kept = self.folder.with_suffix(".authority")
        kept.mkdir(exist_ok=True)
        for name in ("authority.pem", "authority.key"):
            (kept / name).write_bytes((authority / name).read_bytes())
        return self

    def settle(self, root: Path, outside: str) -> None:
        """Let a machine that stands on this one know its own world.

        :param root: its disk.
        """
        for name in _ANSWERS:
            if (file := root / name).exists():
                file.write_text(file.read_text().replace(self.outside, outside))


def older_than_checkout() -> bool:
    """Whether the machines stand on a layer that an older checkout made, so that this one's files are brought onto them."""
    return "APPLIANCE_LAYER" in os.environ and "APPLIANCE_AS_IS" not in os.environ
