"""Folders of a checkout that tests and the demo use."""

import os
from pathlib import Path


def project_root() -> Path:
    """Folder of the checkout (the one that holds ``pyproject.toml``), else the current folder."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").exists():
            return folder
    return Path.cwd()


def var_folder() -> Path:
    """Folder for everything that is made at run time; ``BNDEV_VAR`` moves it."""
    configured = os.environ.get("BNDEV_VAR")
    return Path(configured).resolve() if configured else project_root() / "var"
