"""Other people's work in the handbook's site is in the component lists."""

import pytest
from bundler import sbom, site
from bundler.components import Component
from bundler.run import BuildError

LOCK = "furo==2025.1 --hash=sha256:{0}\nSphinx-Basic-NG==1.0b2 --hash=sha256:{0}\n".format("a" * 64)
FILES = {
    "licences/furo.txt": "its terms",
    "licences/sphinx_basic_ng.txt": "its terms",
    "licences/snowball.txt": "its terms",
    "tr/_static/scripts/furo.js.LICENSE.txt": "/*!\n * gumshoejs v5.1.2 (patched)\n */",
    "tr/_static/styles/furo.css": "/*! normalize.css v8.0.1 | MIT License */html{}",
    "tr/_static/turkish-stemmer.js": "// Generated from turkish.sbl by Snowball 3.0.1 - https://snowballstem.org/",
}


@pytest.fixture
def built(tmp_path):
    """Site, environment, lock."""
    for name, text in FILES.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(text)
    for folder, name, version, licence in (
        ("furo-2025.1", "furo", "2025.1", "Classifier: License :: OSI Approved :: MIT License"),
        ("sphinx_basic_ng-1.0b2", "sphinx-basic-ng", "1.0b2", "License: UNKNOWN"),
        ("sphinx-9.0", "Sphinx", "9.0", "License-Expression: BSD-2-Clause"),
    ):
        (tmp_path / "packages" / f"{folder}.dist-info").mkdir(parents=True)
        about = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{licence}\n"
        (tmp_path / "packages" / f"{folder}.dist-info/METADATA").write_text(about)
    (tmp_path / "docs.txt").write_text(LOCK)
    return tmp_path / "site", tmp_path / "packages", tmp_path / "docs.txt"


def test_packages_with_their_terms_and_what_they_took_in(built):
    assert site.of_site(*built, {"sphinx-basic-ng": "MIT"}) == [
        Component("furo", "2025.1", "pkg:pypi/furo@2025.1", "MIT License"),
        Component("gumshoejs", "5.1.2", "pkg:npm/gumshoejs@5.1.2", "MIT"),
        Component("normalize.css", "8.0.1", "pkg:npm/normalize.css@8.0.1", "MIT"),
        Component("snowball", "3.0.1", "pkg:github/snowballstem/snowball@v3.0.1", "BSD-3-Clause"),
        Component("sphinx-basic-ng", "1.0b2", "pkg:pypi/sphinx-basic-ng@1.0b2", "MIT"),
    ]


def test_nothing_without_terms(built):
    with pytest.raises(BuildError, match=r"handbook: sphinx-basic-ng 1\.0b2"):
        sbom.check_licences({"handbook": site.of_site(*built, {})})


def test_what_the_lock_does_not_say_was_not_built(built):
    built[2].write_text(LOCK.replace("2025.1", "2025.2"))
    with pytest.raises(BuildError, match=r"furo 2025\.1, the lock says 2025\.2"):
        site.of_site(*built, {})


def test_a_part_that_is_gone_is_noticed(built):
    (built[0] / "tr/_static/styles/furo.css").write_text("html{}")
    with pytest.raises(BuildError, match=r"normalize\.css is not in"):
        site.of_site(*built, {"sphinx-basic-ng": "MIT"})
