"""Two real S3 servers' worth of places: two buckets of the test's own server, each with a key of its own."""

import uuid

import pytest

from belgenet.appliance.objectstore.place import Keys, Place


@pytest.fixture
def keys(s3_server):
    return Keys(s3_server.access_key, s3_server.secret_key)


@pytest.fixture
def new_place(s3_server):
    """Makes places: a fresh bucket each."""

    def make():
        bucket = f"belgenet-{uuid.uuid4().hex[:10]}"
        s3_server.client().make_bucket(bucket_name=bucket)
        return Place("external_s3", s3_server.endpoint.removeprefix("http://"), bucket)

    return make


@pytest.fixture
def place(new_place):
    return new_place()
