"""A Debian package for servers that reach their distribution's mirror: the bundle without the distribution's packages."""

import os
import shutil
from pathlib import Path
from typing import Any, Final

from bundler import sums
from bundler.run import run, say

FOLDER: Final = Path("usr/share/belgenet/bundle")
NEEDED: Final = ("openssh-client", "python3-apt", "python3-venv", "restic")
"""What install.sh itself needs; all else is the playbooks' to install."""
_CONTROL: Final = """Package: belgenet
Version: {version}
Architecture: {architecture}
Maintainer: BelgeNet <info@belgenet.invalid>
Installed-Size: {kilobytes}
Depends: {depends}
Section: web
Priority: optional
Description: learning and donations for one institution, on its own server
 Akademi, a learning platform, and Kurban Cebimde, a qurban donation service, on one core. This package
 holds a release; nothing runs before belgenet-install has set up the server, and removing the package
 leaves what was set up.
"""
_STARTER: Final = f"""#!/bin/sh
# Installs the release of the package, or brings an older one to it; takes the words of install.sh.
exec /{FOLDER}/install.sh "$@"
"""
_AFTER: Final = """#!/bin/sh
set -e
if [ "$1" = configure ]; then
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    tr*) echo 'BelgeNet paketi hazır. Kurmak ya da yükseltmek için: sudo belgenet-install' ;;
    *) echo 'The BelgeNet package is in place. To install or upgrade: sudo belgenet-install' ;;
  esac
fi
"""


def package(bundle: Path, facts: dict[str, Any], key: Path, scratch: Path, out: Path) -> Path:
    """Build ``belgenet_<version>-1~<os>_<arch>.deb``; its path. The same bundle and key give the same bytes.

    :param bundle: a whole one. :param facts: of its manifest.
    """
    say("the Debian package")
    tree = scratch / "thin"
    inner = tree / FOLDER
    shutil.copytree(bundle, inner, ignore=lambda folder, _: ["debs"] if Path(folder) == bundle else [])
    sums.write_manifest(inner, facts)
    sums.write_sums(inner)
    sums.sign(inner, key)
    _write(tree / "usr/sbin/belgenet-install", _STARTER, executable=True)
    version = f"{facts['version']}-1~{facts['os']}"
    kilobytes = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    control = _CONTROL.format(
        version=version, architecture=facts["arch"], kilobytes=kilobytes, depends=", ".join(NEEDED)
    )
    _write(tree / "DEBIAN/control", control)
    _write(tree / "DEBIAN/postinst", _AFTER, executable=True)
    epoch = facts["source_date_epoch"]
    for path in [tree, *tree.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (epoch, epoch))
    target = out / f"belgenet_{version}_{facts['arch']}.deb"
    # One thread: what several write depends on how many there are.
    words = ["--root-owner-group", "--uniform-compression", "-Zzstd", "-z6", "--threads-max=1", "--build"]
    run("dpkg-deb", *words, tree, target, env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)})
    shutil.rmtree(tree)
    return target


def _write(path: Path, text: str, *, executable: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755 if executable else 0o644)
