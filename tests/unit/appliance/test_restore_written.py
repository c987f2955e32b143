"""Another backup is tried after one whose database did not come back: nothing of the first is left."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from belgenet.appliance.restore import work
from belgenet.appliance.restore.settings import Settings
from belgenet.appliance.restore.written import Written

FIRST, SECOND = "20261121T013000Z", "20261122T013000Z"


class Sealed(dict[str, str]):
    """A vault."""

    def remove(self, name: str) -> None:
        self.pop(name, None)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    file = tmp_path / "server/etc/belgenet/site.yml"
    file.parent.mkdir(parents=True)
    file.write_text("belgenet_domain: beforehand.example")
    return tmp_path / "server"


def backup(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def restore(server: Path, ident: str, kept: Path, vault: Sealed, *secrets: str) -> Written:
    """The steps up to the one that fails."""
    written = Written(ident, server.parent / "written.json")
    written.give_way(vault)
    written.secrets(secrets)
    vault.update(dict.fromkeys(secrets, ident))
    Settings(kept, written, server).put()
    return written


def below(server: Path) -> dict[str, str]:
    return {str(file.relative_to(server)): file.read_text() for file in server.rglob("*") if file.is_file()}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return backup(
        tmp_path / "first",
        **{
            "etc/belgenet/site.yml": "belgenet_domain: first.example",
            "etc/belgenet/nginx.d/office.conf": "deny all;",
            "named/srv/tls/okul.pem": "first",
            "own/etc/nftables.d/office.nft": "first",
        },
    )


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return backup(
        tmp_path / "second",
        **{"etc/belgenet/site.yml": "belgenet_domain: second.example", "named/srv/tls/okul.pem": "second"},
    )


def certificate(kept: Path, name: str) -> None:
    """As the product keeps it: see ``tls.pairs``."""
    tls = kept / "etc/belgenet/tls"
    backup(tls, **{f"sets/{name}/server.pem": name})
    (tls / "live").symlink_to(f"sets/{name}")
    (tls / "server.pem").symlink_to("live/server.pem")


@pytest.mark.parametrize("cut", ["etc/belgenet/tls/server.pem", "etc/belgenet/tls/live", ""])
def test_links_are_put_back_again_and_give_way(server: Path, first: Path, second: Path, cut: str):
    """Cut off anywhere and tried again, then another backup; a link is no folder to be copied into."""
    certificate(first, "a")
    certificate(second, "b")
    restore(server, FIRST, first, Sealed())
    if cut:
        (server / cut).unlink()
    restore(server, FIRST, first, Sealed())
    assert (server / "etc/belgenet/tls/server.pem").read_text() == "a"
    restore(server, SECOND, second, Sealed())
    assert (server / "etc/belgenet/tls/server.pem").read_text() == "b"
    assert not (server / "etc/belgenet/tls/sets/a/server.pem").exists()


def test_links_that_the_second_does_not_have_go(server: Path, first: Path, second: Path):
    certificate(first, "a")
    restore(server, FIRST, first, Sealed())
    restore(server, SECOND, second, Sealed())
    left = [file for file in (server / "etc/belgenet/tls").rglob("*") if file.is_symlink() or file.is_file()]
    assert left == []


def test_a_file_that_was_cut_off_is_put_there_whole_the_next_time(
    server: Path, first: Path, monkeypatch: pytest.MonkeyPatch
):
    real = shutil.copy2

    def cut(source: Path, target: Path, **how: bool) -> None:
        target.write_text("fi")
        raise KeyboardInterrupt

    with monkeypatch.context() as now:
        now.setattr(shutil, "copy2", cut)
        with pytest.raises(KeyboardInterrupt):
            restore(server, FIRST, first, Sealed())
    assert shutil.copy2 is real
    restore(server, FIRST, first, Sealed())
    assert below(server)["etc/nftables.d/office.nft"] == below(server)["srv/tls/okul.pem"] == "first"
    assert not [name for name in below(server) if name.endswith(".draft")]


def test_a_restoration_uses_it(tmp_path: Path, first: Path, second: Path, monkeypatch: pytest.MonkeyPatch):
    """The steps of ``Work``: notes before it writes, gives way, and forgets in the end."""
    vault, root = Sealed(), tmp_path / "server"
    vault.write = vault.__setitem__  # type: ignore[attr-defined]
    monkeypatch.setattr(work, "Vault", lambda _place: vault)
    monkeypatch.setattr(work, "Settings", lambda folder, written: Settings(folder, written, root))
    monkeypatch.setattr(work.journal, "FILE", tmp_path / "state.json")
    monkeypatch.setattr(work.Work, "_steps", lambda self: iter(()))

    def begun(ident: str, kept: Path, secrets: dict[str, str]) -> work.Work:
        made = work.Work.__new__(work.Work)
        made._settings, made._secrets = kept, secrets
        made._written = Written(ident, tmp_path / "written.json")
        made._write_secrets()
        made._write_settings()
        return made

    begun(FIRST, first, {"iyzico_key": "a"})
    made = begun(SECOND, second, {"recovery_key": "b"})
    assert vault == {"recovery_key": "b"}
    assert "etc/nftables.d/office.nft" not in below(root)
    made.backup, made._order = SimpleNamespace(id=SECOND), SimpleNamespace(address="/x", dump=False)
    made._source, made._copy = SimpleNamespace(address="/x"), ""
    made.run()
    assert not (tmp_path / "written.json").exists()


def test_what_only_the_first_had_goes(server: Path, first: Path, second: Path):
    vault = Sealed()
    restore(server, FIRST, first, vault, "recovery_key", "iyzico_key")
    restore(server, SECOND, second, vault, "recovery_key")
    assert below(server) == {"etc/belgenet/site.yml": "belgenet_domain: second.example", "srv/tls/okul.pem": "second"}
    assert vault == {"recovery_key": SECOND}


def test_so_it_does_when_the_first_was_cut_off_and_tried_again(server: Path, first: Path, second: Path):
    vault = Sealed()
    for _ in range(2):
        restore(server, FIRST, first, vault, "iyzico_key")
    restore(server, SECOND, second, vault)
    assert "etc/nftables.d/office.nft" not in below(server)
    assert vault == {}


def test_what_somebody_mended_meanwhile_and_what_was_here_before_stays(server: Path, first: Path, second: Path):
    (server / "etc/nftables.d").mkdir()
    (server / "etc/nftables.d/office.nft").write_text("first")  # by chance the same
    restore(server, FIRST, first, Sealed())
    (server / "etc/belgenet/nginx.d/office.conf").write_text("mended")
    restore(server, SECOND, second, Sealed())
    kept = below(server)
    assert kept["etc/belgenet/nginx.d/office.conf"] == "mended"
    assert kept["etc/nftables.d/office.nft"] == "first"


def test_a_restoration_that_ended_leaves_no_list(server: Path, first: Path):
    restore(server, FIRST, first, Sealed()).forget()
    assert not (server.parent / "written.json").exists()
