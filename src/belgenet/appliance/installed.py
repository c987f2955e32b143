"""Files of a release, compared with the list that was made when it was installed.

    python -m belgenet.appliance.installed note VENV     writes the list of the environment's files, beside it
    python -m belgenet.appliance.installed check VENV    names those that differ; exit code 1 when there are any

install.sh runs this out of the release's wheel, before anything is installed: only the standard library is imported here.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path


def contents(folder: Path) -> dict[str, str]:
    """All that lies in a folder: path -> SHA-256 of a file (empty: it cannot be read), target of a link, or what else it is."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            if kind := _kind(path):
                found[str(path.relative_to(folder))] = kind
    return dict(sorted(found.items()))


def _kind(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            return ""
        if stat.S_ISLNK(mode):
            return f"-> {path.readlink()}"
        if not stat.S_ISREG(mode):
            return "special"  # opening it might never return
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def differing(noted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Names of what was changed, is missing, or was added."""
    return sorted(name for name in {*noted, *found} if noted.get(name) != found.get(name))


def list_of(venv: Path) -> Path:
    """Where the list of an environment's files is kept: beside it, so that it lists all that is in it."""
    return venv.with_name(f"{venv.name}.files")


def note(venv: Path) -> None:
    """Write the list: the very last step of making an environment."""
    kept = list_of(venv)
    kept.unlink(missing_ok=True)
    with kept.open("x", encoding="utf-8") as out:
        json.dump(contents(venv), out, indent=0)
        out.write("\n")
    kept.chmod(0o444)


def altered(venv: Path) -> list[str]:
    """Paths, from the folder that the environment is in, of files that are not as they were installed.

    What Python compiled is among them: it runs it without a look at the source. An environment without a list is not believed: the
    list alone is named.
    """
    kept = list_of(venv)
    try:
        noted = json.loads(kept.read_text(encoding="utf-8"))
        names = differing(noted, contents(venv))
    except (OSError, ValueError, AttributeError, TypeError):
        return [kept.name]
    return [f"{venv.name}/{name}" for name in names]


def shown(name: str) -> str:
    """A file's name for people: whoever planted it chose it, and a terminal obeys some characters."""
    return name if name.isprintable() else ascii(name)


def main(words: list[str]) -> int:
    """See the module."""
    verb, venv = words[0], Path(words[1])
    if verb == "note":
        note(venv)
        return 0
    names = altered(venv)
    sys.stdout.writelines(f"{shown(name)}\n" for name in names)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
