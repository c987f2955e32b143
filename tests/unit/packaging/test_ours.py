"""What the bundle takes from this tree: the pages that the server's programs name are among it."""

import re
from pathlib import Path

import preflight
import pytest
from bundler import ours
from checks.probe import WARNING
from checks.probe import Finding as Reason

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import error
from belgenet.appliance.words import LANGUAGES, texts, words
from belgenet.testing.paths import project_root

BUNDLE = places.CURRENT / "bundle"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    ours.collect(project_root(), folder)
    return folder


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_every_finding_is_on_the_server(bundle, lang):
    say, known = words("doctor", lang), texts("doctor", lang)
    codes = [code for code in known if "." not in code]
    assert len(codes) > 50
    for code in codes:
        params = re.findall(r"\{(\w+)\}", " ".join(known[f"{code}{part}"] for part in ("", ".cause", ".cure")))
        told = error(code, **dict.fromkeys(set(params) - {"subject", "handbook"}, "?")).as_json(say)
        kept = bundle / Path(told["page"]).relative_to(BUNDLE)
        assert kept.is_file(), told
        assert f"\n### `{code}`\n" in kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_that_texts_name_are_on_the_server(bundle, lang):
    for area in ("doctor", "objectstore", "secrets", "tls", "upgrade", "backup", "restore"):
        for text in texts(area, lang).values():
            for name in re.findall(r"\{handbook\}/(\S+\.md)", text):
                assert name.endswith(".tr.md") == (lang == "tr"), text
                assert (bundle / "docs/operator" / name).is_file(), text
    told = preflight.told(Reason("name_unknown", WARNING, {"name": "x"}), lang)["cure"]
    name = Path(re.search(r"/\S+\.md", told)[0])
    assert (bundle / name.relative_to(preflight.HERE)).is_file(), told


def test_no_page_links_to_one_that_is_not_there(bundle):
    pages = list((bundle / "docs/operator").glob("*.md"))
    assert len(pages) > 20
    for page in pages:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_what_starts_the_installation_is_taken_with_its_rights(bundle):
    assert (bundle / "install.sh").stat().st_mode & 0o111
    assert (bundle / "ansible/deploy/site.yml").is_file()
