"""Further releases for tests: the bundle that was built, with another version written into it, and signed anew. Takes seconds."""

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.appliance.installation import Installation
from tests.appliance.layers import older_than_checkout
from tests.appliance.roots import home

from belgenet.testing.paths import project_root

Files = dict[str, bytes]
Change = Callable[[Files], None]
_VERSIONS = "belgenet/migrations/versions/"
_MIGRATION = '''"""What a later release adds."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.execute("{statement}")


def downgrade() -> None:
    raise NotImplementedError
'''
SHIPPED = ("install.sh", "installer", "upgrade.sh", "preflight.py", "checks")


_ENVIRONMENTS = """set -e
old=$(readlink -f /opt/belgenet/current) new=/opt/belgenet/releases/{version}
rm -rf $new && mkdir -p $new/ansible && cp -al $old/venv $new/venv && cp -al $old/ansible/venv $new/ansible/venv
grep -rlI --null "$old/" $new/venv/bin $new/ansible/venv/bin $new/venv/pyvenv.cfg $new/ansible/venv/pyvenv.cfg |
  xargs -0 sed -i "s,$old/,$new/,g"
$new/venv/bin/python -m pip --isolated install --quiet --no-index --no-deps --force-reinstall --no-compile \
  --root-user-action=ignore {folder}/wheels/belgenet-*.whl
$new/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash $new/venv/lib/python3*/site-packages/belgenet
for place in "" ansible/; do
  rm -f $new/${{place}}venv/.complete && sha256sum <{folder}/${{place}}requirements.txt | tr -d '\n' >$new/${{place}}venv/.complete
  $new/venv/bin/python -I -B -m belgenet.appliance.installed note $new/${{place}}venv
done"""


def migration(statement: str) -> Change:
    """A release that changes the schema once more."""

    def add(files: Files) -> None:
        known = sorted(name for name in files if re.fullmatch(rf"{_VERSIONS}\d{{4}}_\w+\.py", name))
        before = re.search(rb'^revision(?::[^=]+)? = "([^"]+)"', files[known[-1]], re.MULTILINE)
        assert before is not None
        number = int(Path(known[-1]).name[:4]) + 1
        text = _MIGRATION.format(revision=f"{number:04}", before=before[1].decode(), statement=statement)
        files[f"{_VERSIONS}{number:04}_trial.py"] = text.encode()

    return add


def replaced(name: str, old: str, new: str) -> Change:
    """A release in which a line of a file says something else."""

    def change(files: Files) -> None:
        assert old.encode() in files[name], f"{name} does not say {old!r}"
        files[name] = files[name].replace(old.encode(), new.encode(), 1)

    return change


def few_roles(files: Files, *more: str) -> None:
    """A release with the roles that switch to it, and none besides: for stories about what else happens on the way.

    What every role does to a server that runs is told where nobody disturbs the upgrade.

    :param more: roles that stay, too.
    """
    kept = {"base", "objectstore", "app", *more}  # the object server's: its handler is called by the others
    name = "ansible/deploy/site.yml"
    text = files[name].decode()
    roles = re.findall(r"^    - role: \w+\n      tags: .*\n", text, re.MULTILINE)
    for role in roles:
        if role.split()[2] not in kept:
            text = text.replace(role, "")
    assert len(roles) > text.count("- role: ") == len(kept)
    files[name] = text.encode()


PAGE = "/yeni-sayfa"
NO_CONTENT = 204


def new_page(files: Files) -> None:
    """A release with new settings for nginx: it answers at :data:`PAGE`."""
    replaced(
        "ansible/deploy/roles/nginx/templates/belgenet.conf.j2",
        "    location = /metrics { return 404; }\n",
        f"    location = /metrics {{ return 404; }}\n    location = {PAGE} {{ return {NO_CONTENT}; }}\n",
    )(files)
    few_roles(files, "nginx")


def nothing(_: Files) -> None:
    """A release that is the same but for its version."""


BROKEN_WORKER = replaced(
    "belgenet/cli/processes.py",
    '    """Work off the queues."""\n',
    '    """Work off the queues."""\n    raise SystemExit("a setting is missing")\n',
)
"""A release whose workers do not start."""


@dataclass
class Forge:
    """Makes bundles on a machine, out of the one it was installed from.

    :param site: the machine; the unpacked bundle lies on it.
    """

    site: Installation
    key: Path = field(default_factory=lambda: home() / "release.key")
    history: list[Change] = field(default_factory=list)
    """What the release that runs changed: every later one has it too, as a migration that was run can no longer be missing."""

    def __post_init__(self) -> None:
        # What lies on the machine, not what was built last: a machine that stands on a kept layer has an older bundle.
        wanted = "manifest.json requirements.txt release-signers wheels/belgenet-*.whl ansible/deploy"
        packed = base64.b64decode(
            self.site.server.run(f"cd {self.site.folder} && tar -cf - {wanted} | base64 -w0").stdout
        )
        self._built: Files = {}
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for member in archive:
                if (content := archive.extractfile(member)) is not None:
                    self._built[member.name] = content.read()
        self._manifest: dict[str, Any] = json.loads(self._built["manifest.json"])

    def make(
        self,
        version: str,
        change: Change = nothing,
        *,
        roles: Change = nothing,
        key: Path | None = None,
        **facts: object,
    ) -> str:
        """A release; its folder on the machine.

        :param change: to the files of the wheel.
        :param roles: to those of the playbook, named from ``ansible/deploy`` on.
        :param facts: of the manifest, such as ``min_upgrade_from``.
        :param key: that signs, when it is not the usual one.
        """
        old = self._manifest["version"]
        name, wheel = self._wheel(old, version, change)
        deploy = {file: content for file, content in self._built.items() if file.startswith("ansible/deploy/")}
        new: Files = {**(self._ours() or deploy), f"wheels/{name}": wheel}
        roles(new)
        new["requirements.txt"] = re.sub(
            rb"^belgenet==.*$",
            f"belgenet=={version} --hash=sha256:{hashlib.sha256(wheel).hexdigest()}".encode(),
            self._built["requirements.txt"],
            flags=re.MULTILINE,
        )
        new["release-signers"] = self._signer(key or self.key)
        old_ones = ("wheels/belgenet-", "ansible/deploy/")
        gone = {file for file in self._manifest["files"] if file.startswith(old_ones)}
        kept = {file: value for file, value in self._manifest["files"].items() if file not in gone}
        sums = {**kept, **{file: hashlib.sha256(content).hexdigest() for file, content in new.items()}}
        manifest = {
            **self._manifest,
            "rollback_to": old,
            **facts,
            "version": version,
            "files": dict(sorted(sums.items())),
        }
        new["manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
        sums["manifest.json"] = hashlib.sha256(new["manifest.json"]).hexdigest()
        new["SHA256SUMS"] = "".join(f"{value}  {file}\n" for file, value in sorted(sums.items())).encode()
        new["SHA256SUMS.sig"] = self._signature(new["SHA256SUMS"], key or self.key)
        return self._place(old, version, new, gone)

    def furnish(self, folder: str, version: str) -> None:
        """Lay a release's environments on the server, out of those that run: an upgrade to it finds them and need not build.

        For stories that are about another step: building is half of an upgrade's work.

        :param folder: what :meth:`make` returned.
        """
        self.site.server.run(_ENVIRONMENTS.format(folder=folder, version=version), timeout=300)

    def _place(self, old: str, version: str, new: Files, gone: set[str]) -> str:
        """What did not change is linked, so that a release costs no room and no time."""
        folder = self.site.folder.replace(f"-{old}-", f"-{version}-")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for file, content in new.items():
                head = tarfile.TarInfo(file)
                head.size, head.mode = len(content), 0o755 if file.endswith(".sh") else 0o644
                archive.addfile(head, io.BytesIO(content))
        server = self.site.server
        server.run(f"rm -rf {folder} && cp -al {self.site.folder} {folder}")
        server.run(f"cd {folder} && xargs -d '\\n' rm -f", input="\n".join([*gone, *new]))
        server.run(["tar", "-C", folder, "--no-same-owner", "-xf", "-"], input=packed.getvalue())
        return folder

    def _ours(self) -> Files:
        """When machines stand on a kept layer, what was built is older than this checkout: the checkout's files then."""
        if not older_than_checkout():
            return {}
        root = project_root()
        found = {f"ansible/deploy/{name}": content for name, content in _read(root / "deploy/ansible").items()}
        for name in SHIPPED:
            place = root / "packaging" / name
            found |= {f"{name}/{inner}": text for inner, text in _read(place).items()} if place.is_dir() else {}
            found |= {name: place.read_bytes()} if place.is_file() else {}
        return found

    def _wheel(self, old: str, version: str, change: Change) -> tuple[str, bytes]:
        (name,) = (file.removeprefix("wheels/") for file in self._built if file.startswith("wheels/"))
        with zipfile.ZipFile(io.BytesIO(self._built[f"wheels/{name}"])) as wheel:
            files = {entry: wheel.read(entry) for entry in wheel.namelist() if not entry.endswith("/")}
        if older_than_checkout():
            root = project_root()
            files |= {f"belgenet/{inner}": text for inner, text in _read(root / "src/belgenet", "static").items()}
            files |= {f"belgenet/migrations/{inner}": text for inner, text in _read(root / "migrations").items()}
        for step in (*self.history, change):
            step(files)
        replaced("belgenet/__init__.py", f'__version__ = "{old}"', f'__version__ = "{version}"')(files)
        about = f"belgenet-{old}.dist-info/"
        replaced(f"{about}METADATA", f"\nVersion: {old}\n", f"\nVersion: {version}\n")(files)
        moved = {entry.replace(about, f"belgenet-{version}.dist-info/", 1): text for entry, text in files.items()}
        record = f"belgenet-{version}.dist-info/RECORD"
        moved[record] = _record({entry: text for entry, text in moved.items() if entry != record}, record)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as wheel:
            for entry, text in moved.items():
                wheel.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), text)
        return name.replace(f"-{old}-", f"-{version}-"), packed.getvalue()

    def _signer(self, key: Path) -> bytes:
        public = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, check=True, text=True).stdout
        algorithm, text = public.split()[:2]
        return f'release namespaces="belgenet-release" {algorithm} {text}\n'.encode()

    def _signature(self, content: bytes, key: Path) -> bytes:
        words = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", "belgenet-release"]
        return subprocess.run(words, input=content, capture_output=True, check=True).stdout


def _read(folder: Path, *without: str) -> Files:
    found = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in inner.parts and not set(without) & set(inner.parts):
            found[str(inner)] = path.read_bytes()
    return found


def _record(files: Files, own: str) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.writerow([name, f"sha256={digest}", len(content)])
    lines.writerow([own, "", ""])
    return out.getvalue().encode()
