"""CycloneDX 1.6 documents and the licence report. No serial numbers and no times: the same parts give the same bytes."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bundler.components import Component
from bundler.run import BuildError
from bundler.sums import write_json

PAGE = """<!doctype html>
<html lang="tr"><head><meta charset="utf-8"><title>BelgeNet {version}: lisanslar / licences</title>
<style>
body {{ font: 14px sans-serif; margin: 2em }}
table {{ border-collapse: collapse }}
td {{ border: 1px solid #ccc; padding: 2px 8px }}
</style>
</head><body>
<h1>BelgeNet {version}: lisanslar / licences</h1>
<p>Bu paketle birlikte gelen yazılımlar ve lisansları. / The software that comes with this bundle, and its licences.</p>
{tables}</body></html>
"""


def component(part: Component) -> dict[str, Any]:
    """One component as CycloneDX has it."""
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"license": {"name": part.licence}}],
    }
    if part.sha256:
        found["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    if part.source:
        found["properties"] = [{"name": "belgenet:source", "value": part.source}]
    return found


def document(version: str, parts: Sequence[Component]) -> dict[str, Any]:
    """A whole document about one kind of parts."""
    product = {"type": "application", "bom-ref": f"belgenet@{version}", "name": "belgenet", "version": version}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": [component(part) for part in sorted(parts)],
    }


def table(title: str, parts: Sequence[Component]) -> str:
    """A table of the licence report."""
    rows = "".join(
        f"<tr><td>{escape(part.name)}</td><td>{escape(part.version)}</td><td>{escape(part.licence)}</td></tr>\n"
        for part in sorted(parts)
    )
    return f"<h2>{escape(title)} ({len(parts)})</h2>\n<table>\n{rows}</table>\n"


def check_licences(kinds: Mapping[str, Sequence[Component]]) -> None:
    """BuildError that names everything without a licence: nobody may be handed what nobody allowed."""
    unknown = [
        f"{kind}: {part.name} {part.version}" for kind, parts in kinds.items() for part in parts if not part.licence
    ]
    if unknown:
        raise BuildError(
            "no licence is known for " + ", ".join(unknown) + "; read it and add it to packaging/licences.json"
        )


def write(folder: Path, version: str, kinds: Mapping[str, Sequence[Component]]) -> None:
    """Write ``<kind>.cdx.json`` for each kind of parts and ``licences.html`` for all of them."""
    check_licences(kinds)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, parts in kinds.items():
        write_json(folder / f"{kind}.cdx.json", document(version, parts))
    tables = "".join(table(kind, parts) for kind, parts in kinds.items())
    (folder / "licences.html").write_text(PAGE.format(version=escape(version), tables=tables), encoding="utf-8")
