"""The bucket of this installation, as a source of objects for a backup."""

import hashlib
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from belgenet.appliance import places
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.objects import Listed
from belgenet.appliance.objectstore.place import Keys, read_places
from belgenet.appliance.vault import Vault

INI = places.ETC / "belgenet.ini"


class Bucket:
    """Objects of one bucket."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def list(self) -> Iterator[Listed]:
        """See Source. :raises BackupError: the S3 server does not answer."""
        try:
            for found in self._client.list_objects(self._bucket, recursive=True):
                if not found.is_dir and found.object_name:
                    yield Listed(found.object_name, found.size or 0, found.etag or "")
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise BackupError("objects_unreachable", said=error) from None

    def fetch(self, key: str, file: Path) -> tuple[str, str] | None:
        """See Source. :raises BackupError: as :meth:`list`."""
        digest = hashlib.sha256()
        try:
            answer = self._client.get_object(self._bucket, key)
            try:
                with file.open("wb") as target:
                    for piece in answer.stream(1024 * 1024):
                        digest.update(piece)
                        target.write(piece)
                return digest.hexdigest(), answer.headers.get("Content-Type", "application/octet-stream")
            finally:
                answer.close()
                answer.release_conn()
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise BackupError("objects_unreachable", said=error) from None
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise BackupError("objects_unreachable", said=error) from None


def bucket(keys: Vault | None = None) -> Bucket:
    """The product's bucket, with the keys of its web service: root can be anyone, so keys of its own would keep nobody out.

    :raises BackupError: keys are missing.
    """
    keys = keys or Vault(places.SERVICES / "web", prefix="belgenet")
    access, secret = keys.read("storage.access_key"), keys.read("storage.secret_key")
    if not access or not secret:
        raise BackupError("not_set_up", file=keys.folder)
    place, _ = read_places()
    return Bucket(place.client(Keys(access, secret)), place.bucket)


def product_settings(ini: Path = INI) -> Mapping[str, str]:
    """Settings of the product that are no secrets, by ``module.key``. :raises BackupError: there are none."""
    parser = ConfigParser(interpolation=None)
    if not parser.read(ini, encoding="utf-8") or not parser.has_section("app:main"):
        raise BackupError("not_set_up", file=ini)
    return {
        name.removeprefix("belgenet."): value
        for name, value in parser["app:main"].items()
        if name.startswith("belgenet.")
    }
