"""Two real S3 servers' worth of places: two buckets of the test's own server, each with a key of its own."""

import uuid

import pytest

from belgenet.appliance.objectstore.place import Keys, Place


@pytest.fixture
def keys(s3_server):
    return Keys(s3_server.access_key, s3_server.secret_key)


@pytest.fixture
def new_place(s3_server):
    """Makes places: a fresh bucket each. They go again: each takes volumes, of which a small disk holds few."""
    client, made = s3_server.client(), []

    def make():
        bucket = f"belgenet-{uuid.uuid4().hex[:10]}"
        client.make_bucket(bucket_name=bucket)
        made.append(bucket)
        return Place("external_s3", s3_server.endpoint.removeprefix("http://"), bucket)

    yield make
    for bucket in made:
        for item in list(client.list_objects(bucket_name=bucket, recursive=True)):
            client.remove_object(bucket_name=bucket, object_name=item.object_name)
        client.remove_bucket(bucket_name=bucket)


@pytest.fixture
def place(new_place):
    return new_place()
