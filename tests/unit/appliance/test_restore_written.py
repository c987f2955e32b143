"""Another backup is tried after one whose database did not come back: nothing of the first is left."""

from pathlib import Path

import pytest

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
