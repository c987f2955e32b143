"""Which master keys the settings of a backup get."""

from belgenet.appliance.backup import masters
from belgenet.appliance.rotation.kinds import MASTER
from belgenet.appliance.secrets import beside

COMING, GOING = beside(MASTER)


def test_the_newest_is_in_use_and_every_other_one_is_going():
    kept = {MASTER: "k1:a", "other": "x"}
    assert masters._with_all(kept, {MASTER: "k1:a", COMING: "k2:b"}) == {MASTER: "k2:b", GOING: "k1:a", "other": "x"}


def test_where_none_is_left_over_none_is_going():
    assert masters._with_all({MASTER: "k1:a", GOING: "k0:z"}, {MASTER: "k2:b k1:a k0:z"}) == {MASTER: "k2:b k1:a k0:z"}
