"""The same files give the same archive."""

import gzip
import hashlib
import io
import os
import tarfile

import pytest
from bundler.archive import write_archive, write_tar

EPOCH = 1_700_000_000


def make(parent, *, names=("b.txt", "a/deep/z", "a/run.sh", "é.txt", "a-b")):
    folder = parent / "belgenet-1.0"
    folder.mkdir(parents=True)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    (folder / "a/run.sh").chmod(0o755)
    return folder


def packed(folder, target, epoch=EPOCH):
    write_archive(folder, target, epoch)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def test_place_order_of_making_times_and_rights_do_not_matter(tmp_path):
    names = ("b.txt", "a/deep/z", "a/run.sh", "é.txt", "a-b")
    one = make(tmp_path / "one")
    two = make(tmp_path / "somewhere/else", names=names[::-1])
    for number, path in enumerate(two.rglob("*")):
        os.utime(path, (number, number))
    (two / "b.txt").chmod(0o600)
    (two / "a/run.sh").chmod(0o700)
    (two / "a").chmod(0o700)
    assert packed(one, tmp_path / "1.tar.gz") == packed(two, tmp_path / "2.tar.gz")


@pytest.mark.parametrize("change", ["content", "name", "mode", "time"])
def test_what_matters(tmp_path, change):
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    epoch = EPOCH
    if change == "content":
        (two / "b.txt").write_text("x")
    elif change == "name":
        (two / "b.txt").rename(two / "c.txt")
    elif change == "mode":
        (two / "b.txt").chmod(0o755)
    else:
        epoch += 1
    assert packed(one, tmp_path / "1.tar.gz") != packed(two, tmp_path / "2.tar.gz", epoch)


def test_what_is_in_it(tmp_path):
    write_archive(make(tmp_path), tmp_path / "x.tar.gz", EPOCH)
    with tarfile.open(tmp_path / "x.tar.gz") as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == [
        f"belgenet-1.0{rest}" for rest in ("", "/a", "/a/deep", "/a/deep/z", "/a/run.sh", "/a-b", "/b.txt", "/é.txt")
    ]
    assert {(member.uid, member.gid, member.uname, member.gname, member.mtime) for member in members} == {
        (0, 0, "", "", EPOCH)
    }
    assert {member.name: member.mode for member in members if member.isfile()} == {
        "belgenet-1.0/a/deep/z": 0o644,
        "belgenet-1.0/a/run.sh": 0o755,
        "belgenet-1.0/a-b": 0o644,
        "belgenet-1.0/b.txt": 0o644,
        "belgenet-1.0/é.txt": 0o644,
    }
    assert {member.mode for member in members if member.isdir()} == {0o755}


def test_the_head_of_the_gzip_file_names_no_file_and_no_machine(tmp_path):
    write_archive(make(tmp_path), tmp_path / "secret-name.tar.gz", EPOCH)
    head = (tmp_path / "secret-name.tar.gz").read_bytes()[:10]
    assert head[3] == 0  # no flags: no name, no comment
    assert int.from_bytes(head[4:8], "little") == EPOCH
    assert gzip.decompress((tmp_path / "secret-name.tar.gz").read_bytes())


def test_links_are_refused_and_leave_no_archive(tmp_path):
    folder = make(tmp_path)
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="neither a file nor a folder"):
        write_archive(folder, tmp_path / "x.tar.gz", EPOCH)
    assert not (tmp_path / "x.tar.gz").exists()


def test_the_tar_alone(tmp_path):
    folder, one, two = make(tmp_path), io.BytesIO(), io.BytesIO()
    write_tar(folder, one, EPOCH)
    write_tar(folder, two, EPOCH)
    assert one.getvalue() == two.getvalue() != b""
