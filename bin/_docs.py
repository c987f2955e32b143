"""Lays out docs/operator for Sphinx, one folder for each language, and builds the site: python bin/_docs.py SPHINX_BUILD TARGET

The pages are written for a reader of the repository (``backup.tr.md`` beside ``backup.md``). On the site the language is a folder,
the table of README is the navigation, and the decisions (docs/adr) that pages name are part of the English one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"tr": ".tr.md", "en": ".md"}
PARTS = {name: name for name in ("furo", "sphinx", "sphinx_basic_ng", "pygments")} | {"snowball": "snowballstemmer"}
"""Whose scripts and styles are part of the site, and the package that has their terms."""
OTHER_LANGUAGE = re.compile(r"^(?:Türkçe · )?\[(English|Türkçe)\]\([\w.]+\)(?: · (?:Türkçe|English))?\n+", re.MULTILINE)
FILE_NAME = re.compile(r"[\w-]+(\.tr)?\.md")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
TOCTREE = "\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"
FRONT = """<!doctype html><html lang="tr"><meta charset="utf-8"><title>BelgeNet</title>
<meta http-equiv="refresh" content="0; url=tr/index.html">
<p><a href="tr/index.html">Türkçe</a> · <a href="en/index.html">English</a></p></html>
"""


def pages(language: str) -> dict[str, Path]:
    """Name on the site -> file, of one language."""
    suffix = LANGUAGES[language]
    found = sorted((ROOT / "docs/operator").glob(f"*{suffix}"))
    mine = {
        file.name.removesuffix(suffix): file for file in found if language == "tr" or not file.name.endswith(".tr.md")
    }
    return {("index" if name == "README" else name): file for name, file in mine.items()}


def led(link: re.Match[str], language: str, inside: Mapping[str, Path]) -> str:
    """A link as it is on the site; its words alone where it leads to something that is not there."""
    words, target = link[1], link[2]
    path, _, anchor = target.partition("#")
    tail = f"#{anchor}" if anchor else ""
    if "://" in target or not path:
        return link[0]
    if path.startswith("../adr/"):
        name, where = path.removeprefix("../").removesuffix(".md"), "en"
        name = "adr/index" if name == "adr/" else name
    else:
        where = language if path.endswith(LANGUAGES[language]) else "en"
        name = path.removesuffix(LANGUAGES[where]).replace("README", "index")
        if name not in inside:
            return words
    if FILE_NAME.fullmatch(words) and name in inside:
        words = inside[name].read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    if where == language:
        return f"[{words}]({name}.md{tail})"
    return f'<a href="../{where}/{name}.html{tail}" hreflang="{where}">{words}</a>'


def stage(language: str, folder: Path) -> None:
    """One language's pages, for Sphinx."""
    mine = pages(language)
    for name, file in mine.items():
        text = OTHER_LANGUAGE.sub("", file.read_text(encoding="utf-8"), count=1)
        text = LINK.sub(lambda link: led(link, language, mine), text)
        if name == "index":
            named = dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md", text))
            rest = [page for page in mine if page not in named and page != "index"]
            adr = ["adr/index"] if language == "en" else []
            text += TOCTREE.format(pages="\n".join([*named, *rest, *adr]))
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    if language == "en":
        stage_decisions(folder / "adr")


def stage_decisions(folder: Path) -> None:
    """The decisions, with a list of them."""
    folder.mkdir()
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    inside = {file.stem: file for file in files}
    for file in files:
        text = LINK.sub(lambda link: led(link, "en", inside), file.read_text(encoding="utf-8"))
        (folder / file.name).write_text(text, encoding="utf-8")
    listed = TOCTREE.replace(":hidden:", ":maxdepth: 1").format(pages="\n".join(sorted(inside)))
    (folder / "index.md").write_text(f"# Decisions\n\nWhy things are as they are.\n{listed}", encoding="utf-8")


def add_licences(site_packages: Path, target: Path) -> None:
    """The terms of PARTS, which ask for it. packaging/bundler/site.py lists them."""
    target.mkdir(parents=True, exist_ok=True)
    for name, package in PARTS.items():
        (terms,) = (
            file for word in ("LICENSE", "COPYING") for file in site_packages.glob(f"{package}-*.dist-info/**/{word}*")
        )
        shutil.copyfile(terms, target / f"{name}.txt")


def build(sphinx: str, target: Path) -> None:
    """The site of both languages; a link that leads nowhere is an error."""
    for made in (*LANGUAGES, "licences"):  # and nothing else of a folder that somebody named
        shutil.rmtree(target / made, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        for language in LANGUAGES:
            folder = Path(scratch) / language
            shutil.copytree(ROOT / "docs/site", folder)
            stage(language, folder)
            words = ["-q", "-W", "--keep-going", "-d", f"{scratch}/{language}-trees", "-D", f"language={language}"]
            # Sphinx ends with an error when LANG names a locale that this machine does not have.
            environment = os.environ | {"SOURCE_DATE_EPOCH": "0", "LC_ALL": "C.UTF-8"}
            subprocess.run([sphinx, *words, folder, target / language], check=True, env=environment)
            for waste in (".buildinfo", "objects.inv"):
                (target / language / waste).unlink(missing_ok=True)
    (site_packages,) = Path(sphinx).absolute().parents[1].glob("lib/python3*/site-packages")
    add_licences(site_packages, target / "licences")
    (target / "index.html").write_text(FRONT, encoding="utf-8")


if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]))
