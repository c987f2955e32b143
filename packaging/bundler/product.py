"""Our own wheel, built from a copy of the tree, so that nothing an earlier build left behind gets into it."""

import os
import shutil
import sys
from pathlib import Path

from bundler.run import BuildError, run

ROOMS = ("src", "migrations", "config")
FILES = (
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "development.ini",
)
WEB = "src/belgenet/static/web"


def git(root: Path, *words: str) -> str:
    """What git says about the tree."""
    return run("git", "-C", root, *words).decode()


def commit_time(root: Path) -> int:
    """Seconds since 1970 of the newest commit: the time of everything in the bundle."""
    return int(git(root, "log", "-1", "--format=%ct"))


def uncommitted(root: Path) -> list[str]:
    """Files of the tree that differ from the newest commit, new ones too."""
    return [entry[3:] for entry in git(root, "status", "--porcelain", "--no-renames", "-z").split("\0") if entry]


def refuse_uncommitted(root: Path) -> None:
    """What a release key signs can be made again from a commit. :raises BuildError: this could not."""
    if changed := uncommitted(root):
        names = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")  # noqa: PLR2004
        raise BuildError(
            f"no commit holds this tree ({names}): commit, or say --allow-dirty when it is not for a release"
        )


def commit_name(root: Path) -> str:
    """The newest commit; ``-dirty`` behind it when the tree holds more than that."""
    name = git(root, "rev-parse", "HEAD").strip()
    return f"{name}-dirty" if uncommitted(root) else name


def tracked(root: Path, *where: str) -> list[Path]:
    """Files below ``where`` that git knows or would take, relative to the tree."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *where)
    return sorted({Path(name) for name in listed.split("\0") if name and (root / name).is_file()})


def copy(root: Path, files: list[Path], target: Path) -> None:
    """Copy files to the same places below ``target``; of their modes only the execute bit is kept."""
    for name in files:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, place)
        place.chmod(0o755 if os.access(root / name, os.X_OK) else 0o644)


def build(root: Path, scratch: Path, epoch: int) -> Path:
    """The product's wheel, compared with the tree it comes from."""
    tree, out = scratch / "tree", scratch / "dist"
    web = [path.relative_to(root) for path in (root / WEB).rglob("*") if path.is_file()]
    if not web:
        raise BuildError("the web client is not built")
    copy(root, [*tracked(root, *ROOMS, *FILES), *web], tree)
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, folder=tree, env=environment)
    run(sys.executable, root / "bin/_contents.py", out, tree)
    return next(out.glob("*.whl"))
