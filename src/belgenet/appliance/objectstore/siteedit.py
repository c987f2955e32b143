"""Changes the operator's file and leaves the rest of it, comments and all, as the operator wrote it."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from belgenet.appliance.site import SiteError


def with_values(text: str, prefix: str, values: Mapping[str, Any]) -> str:
    """The file with all its variables that begin with ``prefix`` replaced by ``values``.

    :raises SiteError: the file is written in a way that this does not understand; nothing else would be left as it was.
    """
    block = re.compile(rf"^{re.escape(prefix)}\w+[ \t]*:.*\n?(?:^(?:[ \t]+\S.*|-.*)\n?)*", re.MULTILINE)
    rest = block.sub("", text)
    if rest and not rest.endswith("\n"):
        rest += "\n"
    # JSON is YAML on one line.
    result = rest + "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    before = yaml.safe_load(text) or {}
    wanted = {name: value for name, value in before.items() if not str(name).startswith(prefix)} | dict(values)
    if _read(result) != wanted:
        raise SiteError(f"write the variables {prefix}* of the file one to a line, then try again")
    return result


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError:
        return None


def rewrite(file: Path, prefix: str, values: Mapping[str, Any]) -> None:
    """The same, in the file; a crash leaves the old one or the new one."""
    text = with_values(file.read_text(encoding="utf-8"), prefix, values)
    draft = file.with_name(f".{file.name}.new")
    with draft.open("w", encoding="utf-8") as handle:
        os.fchmod(handle.fileno(), file.stat().st_mode & 0o777)
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
