"""A service gets the place of the objects together with the key that opens it."""

from collections import defaultdict

import pytest
from tests.unit.appliance.test_secrets import PlainVault

from belgenet.appliance.objectstore.access import KeyRing
from belgenet.appliance.objectstore.place import Place, PlaceError
from belgenet.appliance.secrets import STORING, Secrets
from belgenet.settings import load

OURS = Place("seaweedfs", "127.0.0.1:8333")
THEIRS = Place(
    "external_s3", "s3.kurum.example", "dosyalar", "tr-1", secure=True, public_endpoint="dosya.kurum.example"
)


@pytest.fixture
def vault():
    return PlainVault()


@pytest.fixture
def folders():
    return defaultdict(PlainVault)


def settings(folders, service, folder):
    folder.mkdir()
    for name, text in folders[service].kept.items():
        (folder / f"belgenet_{name}").write_text(text)
    return load({"belgenet.database.url": "postgresql:///x"}, {"CREDENTIALS_DIRECTORY": str(folder)}).storage


def test_place_and_key_change_together_and_back(vault, folders, tmp_path):
    Secrets(vault, folders.__getitem__, OURS).init()
    first = settings(folders, "web", tmp_path / "a")
    Secrets(vault, folders.__getitem__, OURS).set("storage.access_key", "theirs")
    Secrets(vault, folders.__getitem__, OURS).set("storage.secret_key", "their-secret")
    assert not Secrets(vault, folders.__getitem__, OURS).init().derived, "kept, not handed out yet"
    Secrets(vault, folders.__getitem__, THEIRS).init()
    second = settings(folders, "web", tmp_path / "b")
    assert (second.endpoint, second.bucket, second.region, second.secure) == (
        "s3.kurum.example",
        "dosyalar",
        "tr-1",
        True,
    )
    assert (second.access_key.get_secret_value(), second.secret_key.get_secret_value()) == ("theirs", "their-secret")
    assert second.public_endpoint == "dosya.kurum.example"
    Secrets(vault, folders.__getitem__, OURS).init()
    assert settings(folders, "web", tmp_path / "c") == first


def test_who_stores_nothing_gets_neither(vault, folders):
    Secrets(vault, folders.__getitem__, THEIRS).init()
    for service in ("beat", "relay"):
        assert not [name for name in folders[service].kept if name.startswith("storage.")]


def test_minio_reads_its_own_keys_and_no_service_does(vault, folders):
    Secrets(vault, folders.__getitem__, Place("minio", "127.0.0.1:9000")).init()
    lines = folders["minio"].kept["root.env"].splitlines()
    assert [line.partition("=")[0] for line in lines] == ["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"]
    assert len(lines[0].partition("=")[2]) <= 20, "the longest name MinIO takes"
    assert 8 <= len(lines[1].partition("=")[2]) <= 40, "the secrets MinIO takes"
    secret = lines[1].partition("=")[2]
    assert not [text for service in STORING for text in folders[service].kept.values() if secret in text]


def test_a_ring_has_the_keys_of_each_place(vault, folders):
    Secrets(vault, folders.__getitem__, OURS).init()
    ring = KeyRing(vault)
    assert ring.of_service(OURS) != ring.of_keeper(OURS)
    assert ring.of_maker(OURS) == ring.of_keeper(OURS)
    assert ring.of_maker(Place("minio", "127.0.0.1:9000")) not in {ring.of_keeper(OURS), None}
    assert ring.of_maker(THEIRS) is None
    with pytest.raises(PlaceError) as missing:
        ring.of_service(THEIRS)
    assert missing.value.params["name"] == "storage.access_key"
    assert set(ring.of_services()) == set(STORING)
    assert all(len(several) == 1 for several in ring.of_services().values())
    vault.write("objects.web.next", "name:secret")
    assert [one.access for one in ring.of_services()["web"]][1] == "name"
