"""Compares the wheel and the source distribution in a folder with the source tree: nothing missing, nothing strange.

python bin/_contents.py DIST [ROOT]
"""

import re
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

ROOMS = {"src/belgenet": "belgenet", "migrations": "belgenet/migrations", "config": "belgenet/config"}
"""Folder of the source tree -> where the wheel has it."""
BESIDE = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "MANIFEST.in",
    "README.md",
    "development.ini",
    "pyproject.toml",
    "setup.py",
}
MADE = {"PKG-INFO", "setup.cfg"}
"""What setuptools adds to a source distribution."""
NEEDED = (
    r"belgenet/migrations/versions/\d{4}_\w+\.py",
    r"belgenet/migrations/(env\.py|roles\.sql|database\.sql|script\.py\.mako)",
    r"belgenet/config/production\.ini",
    r"belgenet/static/web/index\.html",
    r"belgenet/static/web/assets/.+\.js",
    r"belgenet/certificates/templates/.+\.html",
    r"belgenet/notifications/templates/.+\.tr\.txt",
    r"belgenet/core/pdf/fonts/.+\.ttf",
    r"belgenet/core/pdf/fonts/OFL\.txt",
    r"belgenet/.+/locale/tr\.json",
    r"belgenet/.+/locale/en\.json",
    r"belgenet/py\.typed",
    r"belgenet-[^/]+\.dist-info/licenses/LICENSE",
    r"belgenet-[^/]+\.dist-info/entry_points\.txt",
)
"""What an installation cannot do without, should the source tree have lost it too."""


def sources(root: Path) -> dict[str, str]:
    """Files of the source tree that ship -> their name in the wheel. Hidden ones (.vite) are the tools'."""
    found = {}
    for folder, target in ROOMS.items():
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root / folder)
            if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
                found[f"{folder}/{inside}"] = f"{target}/{inside}"
    return found


def differences(what: str, there: set[str], wanted: set[str]) -> list[str]:
    """What is missing and what is strange, a line each."""
    missing = [f"{what} lacks {name}" for name in sorted(wanted - there)]
    return missing + [f"{what} holds {name}, which does not belong there" for name in sorted(there - wanted)]


def of_wheel(file: Path, root: Path) -> list[str]:
    """Compare a wheel with the source tree."""
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        shell = "belgenet/static/web/index.html"
        page = archive.read(shell).decode() if shell in names else ""
    ours = {name for name in names if not PurePosixPath(name).parts[0].endswith(".dist-info")}
    problems = differences(file.name, ours, set(sources(root).values()))
    problems += [f"{file.name} lacks {kind}" for kind in NEEDED if not any(re.fullmatch(kind, name) for name in names)]
    for address in re.findall(r'(?:src|href)="/([^"?#]+)"', page):
        if f"belgenet/static/web/{address}" not in names:
            problems.append(f"{file.name} lacks {address}, which its index.html asks for")
    return problems


def of_sdist(file: Path, root: Path) -> list[str]:
    """Compare a source distribution with the source tree."""
    with tarfile.open(file) as archive:
        paths = [PurePosixPath(member.name) for member in archive.getmembers() if not member.isdir()]
    names = {str(PurePosixPath(*path.parts[1:])) for path in paths if ".egg-info" not in str(path)}
    return differences(file.name, names, set(sources(root)) | BESIDE | MADE)


def main() -> int:
    """Print what is wrong; 1 when something is."""
    folder = Path(sys.argv[1])
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1]  # noqa: PLR2004
    problems = []
    for pattern, check in (("*.whl", of_wheel), ("*.tar.gz", of_sdist)):
        files = list(folder.glob(pattern))
        problems += check(files[0], root) if len(files) == 1 else [f"{len(files)} files {pattern} instead of one"]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
