"""The packages of another release of this machine's distribution, from the mirror this machine uses, without being root.

apt gets folders of its own and an empty list of what is installed. So the bundle holds everything the packages need, not just
what the newest minimal installation lacks: a server that got no updates for a year can still be installed on, without a network.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from bundler.run import BuildError, run
from bundler.targets import Target

ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)")


@dataclass(frozen=True)
class Source:
    """One archive, one suite."""

    uri: str
    suite: str
    components: str
    keyring: str = ""

    def line(self) -> str:
        """As apt's one-line format has it."""
        keyring = f"[signed-by={self.keyring}] " if self.keyring else ""
        return f"deb {keyring}{self.uri} {self.suite} {self.components}"


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """Fields of each paragraph of a deb822 file, names in lower case; comments left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = re.findall(r"^([A-Za-z0-9-]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        if fields:
            yield {name.lower(): value.strip() for name, value in fields}


def sources_of(path: Path) -> Iterator[Source]:
    """What one of apt's files names, in either of its formats."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".list":
        for match in filter(None, map(ONE_LINE.match, text.splitlines())):
            keyring = re.search(r"signed-by=(\S+)", match["options"] or "")
            yield Source(match["uri"], match["suite"], match["components"].strip(), keyring[1] if keyring else "")
        return
    for fields in stanzas(text):
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no":
            for uri in fields.get("uris", "").split():
                for suite in fields.get("suites", "").split():
                    yield Source(uri, suite, fields.get("components", ""), fields.get("signed-by", ""))


def sources_for(target: Target, etc: Path = Path("/etc")) -> list[Source]:
    """This machine's own archives, with the target's suites. BuildError when they are another distribution's."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', (etc / "os-release").read_text(encoding="utf-8"), re.MULTILINE))
    if release.get("ID") != target.distribution:
        raise BuildError(f"a bundle for {target.name} is built on {target.distribution}, this is {release.get('ID')}")
    codename = release["VERSION_CODENAME"]
    files = [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*"))]
    found = [
        source
        for path in files
        if path.suffix in {".list", ".sources"} and path.is_file()
        for source in sources_of(path)
    ]
    ours = re.compile(rf"{re.escape(codename)}(?P<rest>-updates|-security)?")
    wanted = [
        Source(source.uri, target.codename + (match["rest"] or ""), source.components, source.keyring)
        for source in found
        if (match := ours.fullmatch(source.suite))
    ]
    if not wanted:
        raise BuildError(f"apt's sources on this machine name no archive of {codename}")
    return list(dict.fromkeys(wanted))


class Apt:
    """apt with folders of its own below ``folder``, which may be kept: what is there is not fetched again."""

    def __init__(self, folder: Path, target: Target, sources: list[Source]) -> None:
        self.folder = folder.resolve()
        for name in ("lists/partial", "archives/partial", "nothing/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").write_text("")
        lines = "".join(f"{source.line()}\n" for source in sources)
        (self.folder / "sources.list").write_text(lines, encoding="utf-8")
        self.options = self._options(target.architecture)

    def _options(self, architecture: str) -> list[str]:
        settings = {
            "Dir::State::lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder,
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "APT::Architecture": architecture,
            "APT::Architectures::": architecture,
            "APT::Sandbox::User": "root",
            "APT::Install-Recommends": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": 3,
        }
        return [f"-o{name}={value}" for name, value in settings.items()]

    def update(self) -> None:
        """Read the archives' lists; apt checks their signatures."""
        run("apt-get", *self.options, "--error-on=any", "update")

    def needed(self, names: list[str]) -> list[str]:
        """File names of the packages and of everything they depend on."""
        nothing = f"-oDir::Cache::archives={self.folder / 'nothing'}"  # or it leaves out what was fetched before
        listed = run("apt-get", *self.options, nothing, "--print-uris", "-qq", "-y", "install", *names).decode()
        return sorted(shlex.split(line)[1] for line in listed.splitlines() if line.startswith("'"))

    def fetch(self, names: list[str]) -> list[Path]:
        """The packages' files; apt compares each with the hash in the signed lists."""
        archives = self.folder / "archives"
        run("apt-get", *self.options, f"-oDir::Cache::archives={archives}", "--download-only", "-y", "install", *names)
        files = [archives / name for name in self.needed(names)]
        lost = [path.name for path in files if not path.is_file()]
        if lost:
            raise BuildError(f"apt did not fetch {', '.join(lost)}")
        return files


def plain_name(path: Path) -> str:
    """Name under which a package lies in the bundle: the epoch's ``%3a`` would be read as an escape in an address."""
    return unquote(path.name).replace(":", "-")
