"""An archive whose bytes depend on nothing but the files' names, contents and execute bits."""

import gzip
import tarfile
from pathlib import Path
from typing import IO, cast

EXECUTABLE = 0o100
LEVEL = 6
"""Wheels and packages are compressed already; a higher level costs seconds and saves nothing."""


def entry(path: Path, name: str, epoch: int) -> tarfile.TarInfo:
    """Head of one file or folder: root's, of the release's time, readable by all, written by root alone."""
    info = tarfile.TarInfo(name)
    info.mtime = epoch
    info.mode = 0o755 if path.is_dir() or path.stat().st_mode & EXECUTABLE else 0o644
    if path.is_dir():
        info.type = tarfile.DIRTYPE
    else:
        info.size = path.stat().st_size
    return info


def write_tar(folder: Path, out: IO[bytes], epoch: int) -> None:
    """Write the folder, under its own name, in the order of the names. Links and devices are refused with ValueError."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted([folder, *folder.rglob("*")], key=lambda path: path.relative_to(folder).parts):
            name = str(Path(folder.name) / path.relative_to(folder))
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise ValueError(f"neither a file nor a folder: {path}")
            info = entry(path, name, epoch)
            if path.is_dir():
                tar.addfile(info)
            else:
                with path.open("rb") as content:
                    tar.addfile(info, content)


def write_archive(folder: Path, target: Path, epoch: int) -> None:
    """Write ``target`` (.tar.gz); nothing half-written is left under that name."""
    unfinished = target.with_name(f".{target.name}.part")
    with (
        unfinished.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=raw, mtime=epoch) as packed,
    ):
        write_tar(folder, cast("IO[bytes]", packed), epoch)
    unfinished.replace(target)
