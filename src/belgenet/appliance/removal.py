"""Taking the product off a server. What people gave it stays unless its deletion is asked for by name."""

import pwd
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from belgenet.appliance.run import CommandError, run
from belgenet.appliance.site import SiteError, read_site

HEADER: Final = b"Managed by BelgeNet"
"""Stands at the head of every file that the roles write outside of our own folders."""
_LOOKED_AT: Final = ("etc", "usr/local")
_SHARED: Final = ("nginx", "postgresql@")
"""Services of the distribution that others may use too: they go on, without what we added to them."""
_DROP_IN: Final = re.compile(r"etc/systemd/system/(?P<unit>[^/]+)\.service\.d/[^/]+")
_DROP_INS: Final = "*belgenet*.d"
_AUTHORITIES: Final = "ca-certificates"
_JOURNAL: Final = "journald.conf.d"
OBJECT_SERVER: Final = "belgenet-objects"
"""The user it runs as."""
_FIREWALL: Final = b"#!/usr/sbin/nft -f\nflush ruleset\n"
_RULES: Final = "nftables.conf"
_BEFORE: Final = "nftables.conf.before-belgenet"
"""Where the role has put the rules that were there before us."""
_OPERATORS: Final = b'include "/etc/nftables.d/*.nft"\n'


@dataclass(frozen=True)
class Removal:
    """What would be removed.

    :param services: units that are stopped and stay off.
    :param files: what the roles wrote.
    :param folders: the programs.
    :param data: what people gave to it; stays by default.
    :param objects: folders that the operator chose for them; data too, but perhaps not ours alone.
    :param clusters: of PostgreSQL, as the folders of their settings, ``.../17/belgenet``; they are data too.
    """

    services: Sequence[str]
    files: Sequence[Path]
    folders: Sequence[Path]
    data: Sequence[Path]
    objects: Sequence[Path]
    clusters: Sequence[Path]
    emptied: Sequence[Path] = ()
    """Folders of drop-ins for units of ours from which somebody took the last one."""


def plan(root: Path = Path("/"), ask: Callable[..., str] = run) -> Removal:
    """Look at what is there.

    :param root: of the server's disk.
    :param ask: runs a program.
    """
    files = sorted(_managed(root))
    clusters = sorted(root.glob("etc/postgresql/*/belgenet"))
    services = sorted(_services(root, files, ask))
    folders = [root / "opt/belgenet", *sorted(path for path in root.glob("run/belgenet*") if path.is_dir())]
    data = [root / "var/lib/belgenet", *sorted(root.glob("var/lib/redis/belgenet-*"))]
    data += [root / "etc/belgenet", root / "var/log/belgenet"]
    emptied = sorted(path for path in (root / "etc/systemd/system").glob(_DROP_INS) if _is_empty(path))
    return Removal(services, files, _there(folders), _there(data), _there(_objects_elsewhere(root)), clusters, emptied)


def remove(removal: Removal, *, with_data: bool, tell: Callable[..., None], ask: Callable[..., str] = run) -> None:
    """Do it. Started again after it was cut off, it finishes: what is gone already is no failure.

    :param with_data: delete what people gave to it, too; backups stay in any case.
    :param tell: told each step, as a code with its parameters.
    :raises CommandError: a service cannot be stopped; nothing of its files is gone then.
    """
    tell("stopping")
    if removal.services:
        ask(["systemctl", "disable", "--now", "--quiet", *removal.services], timeout=300)
    for settings in removal.clusters:
        _end_cluster(settings, with_data=with_data, tell=tell, ask=ask)
    tell("removing_files", count=len(removal.files))
    for file in removal.files:
        _take_away(file)
    for folder in removal.emptied:
        with suppress(OSError):  # not any more
            folder.rmdir()
    _without_us(removal.files, tell=tell, ask=ask)
    for folder in removal.objects if with_data else ():  # before the settings, which say where they are
        tell("removing", path=folder)
        _delete_objects(folder)
    for folder in (*(removal.data if with_data else ()), *removal.folders):
        if folder.exists():  # some went with the service they belonged to
            tell("removing", path=folder)
            shutil.rmtree(folder)


def _without_us(files: Sequence[Path], *, tell: Callable[..., None], ask: Callable[..., str]) -> None:
    """What goes on without those files takes notice."""
    ask(["systemctl", "daemon-reload"])
    # One that had to be killed at last would be listed until the next start.
    ask(["systemctl", "reset-failed", "belgenet-*"])
    ask(["nft", "-f", "-"], input="table inet belgenet\ndelete table inet belgenet\n")
    for file in files:
        if file.name == _RULES:
            _load(file, tell=tell, ask=ask)
    ask(["systemctl", "try-reload-or-restart", "nginx"])
    if any(file.parent.name == _JOURNAL for file in files):
        ask(["systemctl", "try-restart", "systemd-journald"])
    if any(_is_authority(file) for file in files):
        ask(["update-ca-certificates", "--fresh"])


def _load(rules: Path, *, tell: Callable[..., None], ask: Callable[..., str]) -> None:
    """The rules of before; without the operator's own files where those need our table, for nft takes all of it or nothing."""
    if not _are_taken(rules, ask):
        rules.write_bytes(rules.read_bytes().replace(_OPERATORS, b""))
        tell("own_rules_left_out", path=rules)
    if _are_taken(rules, ask):
        ask(["systemctl", "try-reload-or-restart", "nftables"])


def _are_taken(rules: Path, ask: Callable[..., str]) -> bool:
    try:
        ask(["nft", "--check", "--file", str(rules)])
    except CommandError:
        return False
    return True


def _end_cluster(settings: Path, *, with_data: bool, tell: Callable[..., None], ask: Callable[..., str]) -> None:
    major, name = settings.parent.name, settings.name
    ask(["systemctl", "stop", f"postgresql@{major}-{name}"], timeout=120)
    if not with_data:
        (settings / "start.conf").write_text("manual\n", encoding="ascii")
        return
    tell("deleting_cluster", name=f"{major}/{name}")
    if (settings / "postgresql.conf").exists():  # not yet gone when this was cut off
        ask(["pg_dropcluster", "--stop", major, name], timeout=120)
    if settings.exists():  # it leaves a folder in which it finds files that are not its own, as ours in conf.d
        shutil.rmtree(settings)


def _objects_elsewhere(root: Path) -> list[Path]:
    """The folder that the operator chose for the objects, when it is not among ours."""
    try:
        chosen = str(read_site(root / "etc/belgenet/site.yml").get("objectstore_folder", ""))
    except SiteError:
        return []
    folder = root / chosen.lstrip("/")
    return [] if not chosen or folder.is_relative_to(root / "var/lib/belgenet") else [folder]


def _delete_objects(folder: Path) -> None:
    """Delete what belongs to the object server. What others put there stays, and so does a disk's own folder."""
    try:
        owner = pwd.getpwnam(OBJECT_SERVER).pw_uid
    except KeyError:
        return
    for path in folder.iterdir():
        if path.lstat().st_uid != owner:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not folder.is_mount() and not any(folder.iterdir()):
        folder.rmdir()


def _managed(root: Path) -> Iterator[Path]:
    ours = root / "etc/belgenet"
    for top in _LOOKED_AT:
        for path in (root / top).rglob("*"):
            if path.is_relative_to(ours) or path.is_relative_to(root / "etc/postgresql"):
                continue
            if path.is_symlink():
                if "belgenet" in path.name or (path.parent.name.endswith((".wants", ".requires")) and _is_ours(path)):
                    yield path
            elif path.is_file() and (HEADER in _head(path) or _is_acl(path) or _is_authority(path)):
                yield path


def _is_ours(link: Path) -> bool:
    return "belgenet" in str(link.readlink())


def _is_acl(path: Path) -> bool:
    return path.parent.name == "redis" and path.name.startswith("belgenet-")  # its format knows no comments


def _is_authority(path: Path) -> bool:
    return path.parent.name == _AUTHORITIES and path.name.startswith(
        "belgenet-"
    )  # a certificate, as the institution gave it


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _services(root: Path, files: Sequence[Path], ask: Callable[..., str]) -> set[str]:
    words = ["--all", "--plain", "--no-legend", "belgenet-*", "redis-server@belgenet-*"]
    known = {line.split()[0] for line in ask(["systemctl", "list-units", *words]).splitlines() if line.strip()}
    known = {unit for unit in known if unit.endswith((".service", ".timer", ".socket", ".path"))}
    dressed = {m["unit"] for file in files if (m := _DROP_IN.fullmatch(str(file.relative_to(root))))}
    templates = {unit for unit in dressed if unit.endswith("@")}
    return known | {f"{unit}.service" for unit in dressed - templates if unit not in _SHARED}


def _take_away(file: Path) -> None:
    if file.name == _RULES:
        new = file.with_name(_BEFORE)
        rules = new.read_bytes() if new.exists() else _FIREWALL
        new.write_bytes(rules if _OPERATORS in rules else rules.rstrip() + b"\n" + _OPERATORS)
        new.replace(file)
        return
    file.unlink(missing_ok=True)
    folder = file.parent
    if (folder.name.endswith(".service.d") or folder.name == _JOURNAL) and _is_empty(folder):
        folder.rmdir()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())


def _there(folders: Sequence[Path]) -> list[Path]:
    return [folder for folder in folders if folder.exists()]
