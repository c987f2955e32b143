"""MinIO's users and policy. There is no MinIO to be had: its administrative side is a stand-in in memory, its S3 side is the tests'
real server, so that what is asked for is known, and what MinIO makes of it is not.
"""

import json

import pytest

from belgenet.appliance.objectstore.place import Keys
from belgenet.appliance.objectstore.provision import POLICY, policy, provision


class Admin:
    """What ``MinioAdmin`` answers, after MinIO's description of its interface."""

    def __init__(self):
        self.policies, self.users = {}, {}

    def policy_list(self):
        return json.dumps(self.policies)

    def policy_add(self, name, policy):
        self.policies[name] = json.loads(json.dumps(policy))

    def user_list(self):
        return json.dumps(self.users)

    def user_add(self, access, secret):
        self.users[access] = {"status": "enabled", "policyName": "", "secret": secret}

    def user_remove(self, access):
        del self.users[access]

    def policy_set(self, name, user):
        self.users[user]["policyName"] = name


@pytest.fixture
def admin():
    return Admin()


@pytest.fixture
def services(keys):
    """One whose key the S3 side knows."""
    return {"web": [keys]}


def test_the_second_time_nothing_is_changed(place, keys, services, admin):
    assert provision(place, keys, services, admin=admin) == [f"policy {POLICY}", "user web"]
    assert provision(place, keys, services, admin=admin) == []
    assert admin.policies[POLICY] == policy(place.bucket)


def test_a_bucket_that_is_missing_is_made(new_place, keys, services, admin):
    place = new_place()
    place.client(keys).remove_bucket(place.bucket)
    assert f"bucket {place.bucket}" in provision(place, keys, services, admin=admin)
    assert place.client(keys).bucket_exists(place.bucket)


def test_a_policy_that_somebody_widened_is_put_back(place, keys, services, admin):
    provision(place, keys, services, admin=admin)
    admin.policies[POLICY]["Statement"][0]["Action"] = ["s3:*"]
    assert provision(place, keys, services, admin=admin) == [f"policy {POLICY}"]
    admin.policies[POLICY]["Statement"].reverse()
    assert provision(place, keys, services, admin=admin) == [], "the order says nothing"


@pytest.mark.parametrize("change", [{"status": "disabled"}, {"policyName": "readonly"}])
def test_a_user_that_somebody_changed_is_put_back(place, keys, services, admin, change):
    provision(place, keys, services, admin=admin)
    admin.users[keys.access] |= change
    assert provision(place, keys, services, admin=admin) == ["user web"]


def test_a_secret_that_does_not_open_is_set_again(place, keys, admin):
    services = {"worker": [Keys(keys.access, "another-secret")]}
    provision(place, keys, services, admin=admin)
    assert provision(place, keys, services, admin=admin) == ["user worker"]


def test_former_keys_of_ours_go_and_strangers_stay(place, keys, services, admin):
    provision(place, keys, services, admin=admin)
    admin.users["former"] = {"status": "enabled", "policyName": POLICY}
    admin.users["stranger"] = {"status": "enabled", "policyName": "readwrite"}
    assert provision(place, keys, services, admin=admin) == ["a former user"]
    assert set(admin.users) == {keys.access, "stranger"}


def test_the_policy_opens_the_bucket_and_nothing_else():
    text = json.dumps(policy("belgenet"))
    assert "*" not in text.replace("belgenet/*", "")
    assert {one["Effect"] for one in policy("belgenet")["Statement"]} == {"Allow"}
    assert "DeleteBucket" not in text
