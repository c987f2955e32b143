"""In what two bundles differ is named."""

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def wheel(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("belgenet/__init__.py"), text)
    return packed.getvalue()


FILES = {"b/x": b"1", "b/y": b"2", "b/belgenet-1.whl": wheel("same")}


def bundle(folder: Path, files: dict[str, bytes], **about: int) -> None:
    folder.mkdir()
    with tarfile.open(folder / "b.tar.gz", "w:gz") as tar:
        for name, content in files.items():
            head = tarfile.TarInfo(name)
            head.size = len(content)
            for field, value in about.items():
                setattr(head, field, value)
            tar.addfile(head, io.BytesIO(content))


def package(folder: Path, text: str) -> None:
    (folder / "tree/DEBIAN").mkdir(parents=True)
    (folder / "tree/DEBIAN/control").write_text(
        "Package: b\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    )
    (folder / "tree/file").write_text(text)
    (folder / "out").mkdir()
    subprocess.run(["dpkg-deb", "--build", folder / "tree", folder / "out/b.deb"], check=True, capture_output=True)


def compare(first: Path, second: Path) -> tuple[int, str]:
    words = [sys.executable, ROOT / "bin/_differences.py", first, second]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "b.tar.gz").write_bytes(b"alike, whatever it is")
    code, said = compare(tmp_path / "first", tmp_path / "second")
    assert (code, said.split()[0], len(said.splitlines())) == (0, "same", 1)


@pytest.mark.parametrize(
    ("files", "about", "said"),
    [
        (FILES | {"b/y": b"3"}, {}, "differs: b/y\n"),
        (FILES | {"b/z": b""}, {}, "only in the second: b/z\n"),
        ({name: text for name, text in FILES.items() if name != "b/x"}, {}, "only in the first: b/x\n"),
        (FILES | {"b/belgenet-1.whl": wheel("other")}, {}, "differs: b/belgenet-1.whl > belgenet/__init__.py\n"),
        (FILES, {"mode": 0o600}, "differs: b/x\n"),
        (FILES, {"mtime": 1}, "differs: b/x\n"),
        (FILES, {"uid": 7}, "differs: b/x\n"),
        (dict(reversed(FILES.items())), {}, "the same members, in another order or packed differently\n"),
    ],
)
def test_what_differs_is_named(tmp_path: Path, files: dict[str, bytes], about: dict[str, int], said: str) -> None:
    bundle(tmp_path / "first", FILES)
    bundle(tmp_path / "second", files, **about)
    code, printed = compare(tmp_path / "first", tmp_path / "second")
    assert code == 1
    assert said in printed


def test_a_file_of_a_debian_package_is_named(tmp_path: Path) -> None:
    package(tmp_path / "1", "one")
    package(tmp_path / "2", "two")
    code, printed = compare(tmp_path / "1/out", tmp_path / "2/out")
    assert code == 1
    assert "differs: fsys: ./file\n" in printed


def test_what_was_not_built_is_a_difference(tmp_path: Path) -> None:
    bundle(tmp_path / "first", FILES)
    (tmp_path / "second").mkdir()
    assert compare(tmp_path / "first", tmp_path / "second")[0] == 1
    assert compare(tmp_path / "second", tmp_path / "second")[0] == 1, "nothing was compared"
