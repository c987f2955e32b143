import pytest

from belgenet.testing.psp.faults import Fault, Faults, from_header


@pytest.fixture
def faults():
    return Faults()


def test_a_fault_is_used_up(faults):
    faults.arm(Fault("iyzico.refund", "garbage", times=2))
    assert [bool(faults.take("iyzico.refund")) for _ in range(3)] == [True, True, False]


def test_a_fault_for_ever_is_not(faults):
    faults.arm(Fault("iyzico.*", "garbage", times=None))
    assert all(faults.take("iyzico.retrieve") for _ in range(5))
    faults.clear()
    assert not faults.take("iyzico.retrieve")


def test_only_what_matches_fails(faults):
    faults.arm(Fault("stripe.refund.*", "delay", contains="pi_1", params={"seconds": 2}))
    assert not faults.take("stripe.session.create", "pi_1")
    assert not faults.take("stripe.refund.create", "pi_2")
    assert faults.take("stripe.refund.create", "payment_intent=pi_1") == {"delay": {"seconds": 2}}


def test_several_faults_may_strike_at_once_but_each_only_once(faults):
    for name in ("delay", "garbage", "delay"):
        faults.arm(Fault("x", name))
    assert set(faults.take("x")) == {"delay", "garbage"}
    assert set(faults.take("x")) == {"delay"}
    assert list(faults.armed()) == []


def test_unknown_faults_are_refused(faults):
    with pytest.raises(ValueError, match="known"):
        faults.arm(Fault("x", "explode"))
    with pytest.raises(ValueError, match="known"):
        from_header("explode")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, {}),
        ("", {}),
        ("garbage", {"garbage": {}}),
        ("drop_after_commit, delay:2.5", {"drop_after_commit": {}, "delay": {"seconds": 2.5}}),
    ],
)
def test_faults_by_header(header, expected):
    assert from_header(header) == expected
