"""How an operator describes a place, and what his file looks like afterwards."""

import json

import pytest
import yaml

from belgenet.appliance.objectstore.place import Place, PlaceError, place_of, read_places, write_places
from belgenet.appliance.objectstore.siteedit import rewrite, with_values
from belgenet.appliance.site import SiteError

OTHER = {
    "belgenet_objectstore_backend": "external_s3",
    "belgenet_objectstore_endpoint": "s3.kurum.example:9000",
    "belgenet_objectstore_bucket": "dosyalar",
}


def test_without_a_word_it_is_the_bundled_server():
    assert place_of({}) == Place("seaweedfs", "127.0.0.1:8333")
    assert place_of({"belgenet_objectstore_backend": "minio"}).endpoint == "127.0.0.1:9000"


def test_an_institutions_own_server_speaks_tls_unless_told_otherwise():
    place = place_of(OTHER | {"belgenet_domain": "okul.example"})
    assert (place.secure, place.bucket, place.local) == (True, "dosyalar", False)
    assert place.url("a/b c") == "https://s3.kurum.example:9000/dosyalar/a/b%20c"
    assert not place_of(OTHER | {"belgenet_objectstore_secure": False}).secure


def test_the_bucket_may_be_part_of_the_name():
    said = OTHER | {"belgenet_objectstore_virtual_hosts": True, "belgenet_objectstore_public_endpoint": "s3.example"}
    assert place_of(said).url("a") == "https://dosyalar.s3.kurum.example:9000/a"
    assert place_of(said).url() == "https://dosyalar.s3.kurum.example:9000/"


def test_yes_and_no_may_stand_in_quotes():
    assert not place_of(OTHER | {"belgenet_objectstore_secure": "no"}).secure
    assert not place_of(OTHER | {"belgenet_objectstore_virtual_hosts": "False"}).virtual_hosts
    assert place_of(OTHER | {"belgenet_objectstore_secure": "perhaps"}).secure is True


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"belgenet_objectstore_backend": "ceph"}, "unknown_backend"),
        ({"belgenet_objectstore_backend": "external_s3"}, "no_endpoint"),
        (OTHER | {"belgenet_objectstore_endpoint": "https://s3.example"}, "no_endpoint"),
        (OTHER | {"belgenet_objectstore_virtual_hosts": True}, "virtual_needs_public"),
    ],
)
def test_half_a_description_is_refused(said, code):
    with pytest.raises(PlaceError) as refused:
        place_of(said)
    assert refused.value.code == code


def test_a_place_and_its_variables_say_the_same():
    place = place_of(OTHER)
    assert place_of(place.variables()) == place
    assert place_of(Place("minio", "127.0.0.1:9000").variables()).backend == "minio"


def test_what_the_roles_wrote_is_understood(tmp_path):
    file = tmp_path / "objectstore.json"
    assert read_places(file) == (Place("seaweedfs", "127.0.0.1:8333"), None)
    file.write_text(json.dumps({"main": place_of(OTHER).plain(), "other": {}}))
    assert read_places(file) == (place_of(OTHER), None)
    file.write_text(json.dumps({"main": place_of(OTHER).plain(), "other": place_of({}).plain()}))
    assert read_places(file)[1] == place_of({})


def test_what_is_written_is_read_and_looks_as_the_roles_write_it(tmp_path):
    file = tmp_path / "objectstore.json"
    write_places(place_of(OTHER), place_of({}), file)
    assert read_places(file) == (place_of(OTHER), place_of({}))
    assert file.read_text().startswith(
        '{\n    "main": {\n        "backend": "external_s3",\n        "bucket": "dosyalar",'
    )
    assert file.read_text().endswith('"virtual_hosts": false\n    }\n}\n')
    assert file.stat().st_mode & 0o777 == 0o644
    write_places(place_of({}), None, file)
    assert read_places(file) == (place_of({}), None)


SITE = """# Sunucumuz
belgenet_domain: okul.example   # alan adı
belgenet_objectstore_backend: seaweedfs
belgenet_objectstore_other:
  backend: external_s3
  endpoint: s3.example
belgenet_settings:
  mail.host: smtp.example
"""


def test_the_operators_file_keeps_its_comments():
    text = with_values(SITE, "belgenet_objectstore_", OTHER | {"belgenet_objectstore_other": {"backend": "seaweedfs"}})
    assert text.startswith("# Sunucumuz\nbelgenet_domain: okul.example   # alan adı\nbelgenet_settings:\n")
    said = yaml.safe_load(text)
    assert said["belgenet_objectstore_other"] == {"backend": "seaweedfs"}
    assert said["belgenet_objectstore_endpoint"] == "s3.kurum.example:9000"
    assert said["belgenet_settings"] == {"mail.host": "smtp.example"}
    assert with_values(text, "belgenet_objectstore_", {}).count("objectstore") == 0


def test_a_file_written_in_another_way_is_left_alone(tmp_path):
    file = tmp_path / "site.yml"
    file.write_text("{belgenet_domain: okul.example, belgenet_objectstore_backend: seaweedfs}\n")
    with pytest.raises(SiteError):
        rewrite(file, "belgenet_objectstore_", OTHER)
    assert file.read_text().startswith("{belgenet_domain")


def test_a_rewritten_file_keeps_its_mode(tmp_path):
    file = tmp_path / "site.yml"
    file.write_text(SITE)
    file.chmod(0o640)
    rewrite(file, "belgenet_objectstore_", {"belgenet_objectstore_backend": "minio"})
    assert file.stat().st_mode & 0o777 == 0o640
    assert yaml.safe_load(file.read_text())["belgenet_objectstore_backend"] == "minio"
    assert [one.name for one in tmp_path.iterdir()] == ["site.yml"]
