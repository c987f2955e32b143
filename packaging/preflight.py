#!/usr/bin/env python3
"""Looks at a server before BelgeNet is installed on it, and says everything that is wrong at once, each with cause and cure.

Exit codes: 0 fit, perhaps with warnings; 13 wrong operating system; 14 not fit; 15 this release may not follow the installed one.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# python3 -I leaves this folder out; what is not of the standard library is read out of the bundle's wheels, as they are packed.
WHEELS = (file for name in ("pyyaml", "belgenet") for file in HERE.glob(f"wheels/{name}-*.whl"))
sys.path[:0] = [str(HERE), *map(str, WHEELS)]

from checks import backup, disk, foreign, machine, ports, release, scanner, settings, site, ssh, store, tls  # noqa: E402
from checks.probe import ERROR, Finding, Probe  # noqa: E402

HANDBOOK = HERE / "docs/operator"
FIT, WRONG_SYSTEM, UNFIT, WRONG_RELEASE = 0, 13, 14, 15
OWN_CODES = {
    "os_unsupported": WRONG_SYSTEM,
    "architecture": WRONG_SYSTEM,
    "downgrade": WRONG_RELEASE,
    "upgrade_skips": WRONG_RELEASE,
}
WORDS = {
    "tr": {
        "error": "HATA",
        "warning": "UYARI",
        "cure": "Çözüm",
        "fit": "Sunucu kuruluma uygun.",
        "unfit": "Hiçbir şey değiştirilmedi.",
    },
    "en": {
        "error": "ERROR",
        "warning": "WARNING",
        "cure": "Cure",
        "fit": "The server is fit.",
        "unfit": "Nothing was changed.",
    },
}


def look(
    probe: Probe, manifest: dict[str, Any], answers: str, defaults: str, *, restoring: bool = False
) -> Iterator[Finding]:
    """Everything that is not as it should be.

    :param restoring: the certificate comes with the backup.
    """
    unreadable = list(site.readable(answers))
    yield from machine.operating_system(probe, manifest)
    yield from release.release(probe, manifest)
    yield from machine.systemd(probe)
    yield from machine.memory(probe)
    yield from machine.control_groups(probe)
    yield from machine.clock(probe, manifest)
    yield from disk.writable(probe)
    yield from disk.disk(probe, disk.needs(release.installed_version(probe), manifest["version"]))
    yield from ports.ports(probe, {} if unreadable else site.read_tree(answers))
    yield from foreign.foreign_postgres(probe)
    yield from foreign.foreign_sites(probe)
    yield from foreign.foreign_redis(probe)
    if unreadable:
        yield from unreadable
        return
    read = site.read_answers(answers)
    yield from site.site(answers, defaults)
    yield from settings.settings(answers)
    yield from scanner.scanner(probe, read, restoring=restoring)
    yield from ssh.ssh(probe, answers, restoring=restoring)
    yield from store.store(probe, read)
    yield from backup.backup(probe, answers, restoring=restoring)
    if not restoring:
        yield from tls.tls(probe, read)


def exit_code(findings: list[Finding]) -> int:
    """Of several reasons to refuse, the one that no change to the server removes."""
    codes = {OWN_CODES.get(finding.code, UNFIT) for finding in findings if finding.severity == ERROR}
    return min(codes - {UNFIT} or codes, default=FIT)


def texts(language: str) -> dict[str, dict[str, str]]:
    """Code -> cause and cure."""
    found: dict[str, dict[str, str]] = json.loads(
        (HERE / "checks/texts" / f"{language}.json").read_text(encoding="utf-8")
    )
    return found


def told(finding: Finding, language: str, handbook: Path = HANDBOOK) -> dict[str, str]:
    """A finding in words."""
    words = texts(language)[finding.code]
    values = {"handbook": handbook, **finding.values}
    return {
        "code": finding.code,
        "severity": finding.severity,
        "cause": words["cause"].format(**values),
        "cure": words["cure"].format(**values),
    }


def report(findings: list[Finding], language: str, handbook: Path = HANDBOOK) -> str:
    """For people: errors first."""
    words, lines = WORDS[language], []
    for found in sorted(
        (told(finding, language, handbook) for finding in findings), key=lambda found: found["severity"] != ERROR
    ):
        lines += [
            f"{words[found['severity']]} [{found['code']}] {found['cause']}",
            f"  {words['cure']}: {found['cure']}",
        ]
    return "\n".join([*lines, words["unfit" if exit_code(findings) else "fit"]])


def arguments(words: list[str] | None) -> argparse.Namespace:
    """The command line."""
    told_language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    parser = argparse.ArgumentParser(description="Looks at this server before an installation; changes nothing.")
    parser.add_argument("--bundle", type=Path, default=HERE, help="folder of the unpacked bundle")
    parser.add_argument("--site", type=Path, default=Path("/etc/belgenet/site.yml"), help="the operator's answers")
    parser.add_argument("--lang", choices=sorted(WORDS), default="tr" if told_language.startswith("tr") else "en")
    parser.add_argument("--handbook", type=Path, default=HANDBOOK, help="where the operator finds its pages")
    parser.add_argument("--restoring", action="store_true", help="settings and certificate come out of a backup")
    parser.add_argument("--json", action="store_true", help="findings for programs")
    return parser.parse_args(words)


def main(words: list[str] | None = None, probe: Probe | None = None) -> int:
    """Print the findings; the exit code."""
    asked = arguments(words)
    manifest = json.loads((asked.bundle / "manifest.json").read_text(encoding="utf-8"))
    answers = asked.site.read_text(encoding="utf-8", errors="replace") if asked.site.is_file() else ""
    defaults = (asked.bundle / "ansible/deploy/group_vars/all.yml").read_text(encoding="utf-8")
    findings = list(look(probe or Probe(), manifest, answers, defaults, restoring=asked.restoring))
    if asked.json:
        told_all = [told(finding, asked.lang, asked.handbook) for finding in findings]
        print(json.dumps({"findings": told_all}, ensure_ascii=False, indent=1))
    else:
        print(report(findings, asked.lang, asked.handbook))
    return exit_code(findings)


if __name__ == "__main__":
    sys.exit(main())
