"""Objects behind the S3 contract."""

from typing import Any

from belgenet.core.storage.interfaces import NoSuchObject, ObjectStore, StorageUnavailable, StoredObject, tenant_key

__all__ = ["NoSuchObject", "ObjectStore", "StorageUnavailable", "StoredObject", "tenant_key"]


def includeme(config: Any) -> None:
    from belgenet.core.storage.s3 import S3Store  # noqa: PLC0415 - the SDK is heavy; commands that store nothing skip it

    store = S3Store.from_settings(config.registry.settings["belgenet"].storage)
    config.registry["belgenet.storage"] = store
    config.register_service(store, ObjectStore)
