"""What is in the bundle, and the signature that says so."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from bundler.run import BuildError, run

NAMESPACE = "belgenet-release"
PRINCIPAL = "release"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
SIGNERS = "release-signers"
BLOCK = 1 << 20


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def digests(folder: Path, *, without: set[str]) -> dict[str, str]:
    """Path inside the folder -> SHA-256, in the order of the paths."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return {name: digest(folder / name) for name in names if name not in without}


def write_json(path: Path, content: Any) -> None:
    """Write the same bytes for the same content."""
    path.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Write the facts and the hash of every file that is there by now."""
    files = digests(folder, without={MANIFEST, SUMS, SIGNATURE})
    write_json(folder / MANIFEST, {**facts, "files": files})


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS as ``sha256sum --check`` reads it."""
    found = digests(folder, without={SUMS, SIGNATURE})
    (folder / SUMS).write_text("".join(f"{value}  {name}\n" for name, value in found.items()), encoding="utf-8")


def make_key(path: Path) -> None:
    """Make a key that nobody keeps."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "throw-away", "-f", path)


def write_signers(folder: Path, key: Path) -> str:
    """Write who signs, in the format of ``allowed_signers``; the key's fingerprint. Only Ed25519: its signatures do not vary."""
    algorithm, public = run("ssh-keygen", "-y", "-f", key).decode().split()[:2]
    if algorithm != "ssh-ed25519":
        raise BuildError(f"the release key must be an Ed25519 key, this is {algorithm}")
    line = f'{PRINCIPAL} namespaces="{NAMESPACE}" {algorithm} {public}\n'
    (folder / SIGNERS).write_text(line, encoding="utf-8")
    return run("ssh-keygen", "-lf", "-", stdin=f"{algorithm} {public}\n".encode()).decode().split()[1]


def sign(folder: Path, key: Path) -> None:
    """Sign SHA256SUMS."""
    signature = folder / SIGNATURE
    signature.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"}
    run("ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", NAMESPACE, folder / SUMS, env=environment)
