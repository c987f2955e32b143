"""Component lists and the licence report."""

import json

import pytest
from bundler import components, sbom
from bundler.components import Component
from bundler.run import BuildError

from .test_apt import make_package, needs_dpkg
from .test_wheels import make_wheel

PARTS = [
    Component("zeta", "2.0", "pkg:pypi/zeta@2.0", "MIT", "f" * 64),
    Component("alpha", "1.0", "pkg:pypi/alpha@1.0", "A <& B"),
]


def test_a_document(tmp_path):
    sbom.write(tmp_path, "1.2.3", {"python": PARTS})
    document = json.loads((tmp_path / "python.cdx.json").read_text())
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert document["metadata"] == {
        "component": {"type": "application", "bom-ref": "belgenet@1.2.3", "name": "belgenet", "version": "1.2.3"}
    }
    assert [part["name"] for part in document["components"]] == ["alpha", "zeta"]
    assert document["components"][1]["hashes"] == [{"alg": "SHA-256", "content": "f" * 64}]
    references = [part["bom-ref"] for part in document["components"]]
    assert len(set(references)) == len(references)


def test_nothing_in_it_changes_from_build_to_build(tmp_path):
    for name, parts in (("one", PARTS), ("two", PARTS[::-1])):
        sbom.write(tmp_path / name, "1.0", {"python": parts})
    for name in ("python.cdx.json", "licences.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    text = (tmp_path / "one/python.cdx.json").read_text()
    assert "timestamp" not in text
    assert "serialNumber" not in text


def test_the_report_is_for_people(tmp_path):
    sbom.write(tmp_path, "1.0", {"python": PARTS, "npm": []})
    page = (tmp_path / "licences.html").read_text()
    assert "python (2)" in page
    assert "A &lt;&amp; B" in page
    assert "<& B" not in page


def test_a_part_without_a_licence_stops_the_build(tmp_path):
    with pytest.raises(BuildError, match=r"npm: left-out 1\.0.*licences\.json"):
        sbom.write(tmp_path, "1.0", {"npm": [Component("left-out", "1.0", "pkg:npm/left-out@1.0", "")]})


@pytest.mark.parametrize(
    ("headers", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: other\n", "MIT OR Apache-2.0"),
        ("License: ZPL-2.1\n", "ZPL-2.1"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n", "BSD License"),
        ("License: " + "word " * 40 + "\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        ("", "from the list"),
    ],
)
def test_the_licence_of_a_wheel(tmp_path, headers, licence):
    wheel = make_wheel(tmp_path, "Some_Thing", headers=headers)
    found = components.of_wheel(wheel, {"some-thing": "from the list"})
    assert (found.name, found.purl, found.licence) == ("some-thing", "pkg:pypi/some-thing@1.0", licence)


def test_what_of_npm_gets_into_the_client(tmp_path):
    packages = {
        "": {"name": "root"},
        "web": {"name": "@belgenet/web", "version": "1.0"},
        "node_modules/@belgenet/web": {"link": True, "resolved": "web"},
        "node_modules/react": {"version": "19.0.0", "license": "MIT"},
        "node_modules/a/node_modules/@scope/b": {"version": "2.0.0", "license": "ISC"},
        "node_modules/vite": {"version": "8.0.0", "license": "MIT", "dev": True},
        "node_modules/odd": {"version": "1.0.0"},
    }
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}))
    assert [(part.name, part.purl, part.licence) for part in components.of_lock(lock, {"odd": "0BSD"})] == [
        ("@scope/b", "pkg:npm/%40scope/b@2.0.0", "ISC"),
        ("odd", "pkg:npm/odd@1.0.0", "0BSD"),
        ("react", "pkg:npm/react@19.0.0", "MIT"),
    ]


def test_every_part_of_the_client_has_a_licence(request):
    known = json.loads((request.config.rootpath / "packaging/licences.json").read_text())["npm"]
    found = components.of_lock(request.config.rootpath / "clients/package-lock.json", known)
    assert len(found) > 20
    sbom.check_licences({"npm": found})


@needs_dpkg
def test_a_package_of_the_distribution(tmp_path):
    package = make_package(tmp_path, "first", "1:1.0+b1")
    control = {
        "package": "first",
        "version": "1:1.0+b1",
        "architecture": "all",
        "filename": f"./{package.name}",
        "sha256": "0" * 64,
    }
    assert components.of_package(control, tmp_path, "debian") == Component(
        "first", "1:1.0+b1", "pkg:deb/debian/first@1%3A1.0%2Bb1?arch=all", "Expat", "0" * 64, "first"
    )


@pytest.mark.parametrize(
    ("text", "licences"),
    [
        (
            "Format: http://x/copyright-format/1.0\nLicense: GPL-2+\n\nLicense: Expat\n text\n\nLicense: GPL-2+\n",
            "Expat, GPL-2+",
        ),
        ("This package was made by X.\nLicense: as you like\n", components.IN_COPYRIGHT_FILE),
        ("Format: http://x/copyright-format/1.0\n", components.IN_COPYRIGHT_FILE),
        ("", components.IN_COPYRIGHT_FILE),
    ],
)
def test_copyright_files(text, licences):
    assert components.licences_in(text) == licences
