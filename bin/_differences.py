"""Compares the archives in two folders and says in which of their members they differ: python bin/_differences.py FIRST SECOND"""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

SHOWN = 20
"""Members named of each archive: when more differ, one reason is behind them all."""


def members(archive: Path) -> dict[str, str]:
    """Each member of a .tar.gz or a .deb, in its order -> what is written about it and the hash of its content."""
    if archive.suffix == ".deb":
        return {
            f"{part}: {name}": told
            for part in ("ctrl", "fsys")
            for name, told in _tar(io.BytesIO(_output("dpkg-deb", f"--{part}-tarfile", str(archive))))
        }
    with archive.open("rb") as packed:
        return dict(_tar(packed))


def _output(*words: str) -> bytes:
    return subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout


def _tar(packed: io.BufferedIOBase | io.BytesIO) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=packed) as tar:
        for member in tar:
            opened = tar.extractfile(member) if member.isfile() else None
            content = opened.read() if opened else b""
            owner = f"{member.uid}:{member.gid} {member.uname}:{member.gname}"
            about = f"{member.mode:o} {owner} {member.mtime} {member.linkname}"
            yield member.name, f"{about} {hashlib.sha256(content).hexdigest()[:16]}"
            if member.name.endswith(".whl"):
                yield from _wheel(member.name, content)


def _wheel(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        for entry in wheel.infolist():
            about = f"{entry.external_attr >> 16:o} {entry.date_time}"
            yield f"{name} > {entry.filename}", f"{about} {entry.CRC:08x}"


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """A line for each member that is missing, new or other; one when only their order differs."""
    found = [f"only in the first: {name}" for name in first if name not in second]
    found += [f"only in the second: {name}" for name in second if name not in first]
    found += [
        f"differs: {name}\n      {first[name]}\n      {second[name]}"
        for name in first
        if name in second and first[name] != second[name]
    ]
    if not found:
        found = ["the same members, in another order or packed differently"]
    return found if len(found) <= SHOWN else [*found[:SHOWN], f"and {len(found) - SHOWN} more"]


def compare(first: Path, second: Path) -> bool:
    """Print a line for each archive, and in what it differs; whether all are the same."""
    same = True
    names = {file.name for folder in (first, second) for file in folder.iterdir()}
    for name in sorted(names):
        pair = first / name, second / name
        if lost := [file for file in pair if not file.is_file()]:
            print(f"missing  {lost[0]}")
            same = False
            continue
        sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in pair]
        if sums[0] == sums[1]:
            print(f"same     {sums[0]}  {name}")
            continue
        same = False
        print(f"DIFFERS  {sums[0]}  {name}\n         {sums[1]}")
        for line in differences(*map(members, pair)):
            print(f"  {line}")
    if not same:
        print(
            "Files below debs/ differ when the mirror got newer packages between the two builds: then run this again."
        )
    return same and bool(names)


if __name__ == "__main__":
    sys.exit(not compare(Path(sys.argv[1]), Path(sys.argv[2])))
