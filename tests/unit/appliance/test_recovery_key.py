"""The key on paper: what a tired person may do to it, and what is found out about it."""

import random
import string

import pytest

from belgenet.appliance import recovery_key
from belgenet.appliance.recovery_key import RecoveryKeyError, derive, make, parse, write

KEY = bytes(range(32))
PRINTED = write(KEY)


def groups_of(text: str) -> list[str]:
    return text.split("-")


def test_a_key_is_fourteen_groups_of_five_and_never_the_same():
    keys = {make() for _ in range(50)}
    assert len(keys) == 50
    for key in keys:
        assert [len(group) for group in groups_of(key)] == [5] * 14
        assert not set(key) & set("ILOU")
        assert len(parse(key)) == 32


def test_what_is_printed_is_read_back():
    for seed in range(200):
        key = random.Random(seed).randbytes(32)
        assert parse(write(key)) == key
    assert parse(write(bytes(32))) == bytes(32)
    assert parse(write(b"\xff" * 32)) == b"\xff" * 32


@pytest.mark.parametrize(
    "typed",
    [
        PRINTED.lower(),
        PRINTED.replace("-", " "),
        PRINTED.replace("-", ""),
        f"\n  {PRINTED.replace('-', ' - ')}\t\n",
        PRINTED.replace("0", "O"),
        PRINTED.replace("0", "o"),
        PRINTED.replace("1", "I"),
        PRINTED.replace("1", "l"),
    ],
)
def test_reading_is_forgiving(typed):
    assert parse(typed) == KEY


def test_any_one_wrong_character_names_its_group():
    for at, character in enumerate(PRINTED):
        if character == "-":
            continue
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if other == character:
                continue
            with pytest.raises(RecoveryKeyError) as caught:
                parse(PRINTED[:at] + other + PRINTED[at + 1 :])
            assert (caught.value.code, caught.value.params) == ("group", {"groups": str(at // 6 + 1)})


def test_exchanged_neighbours_are_found():
    for at in range(len(PRINTED) - 1):
        one, other = PRINTED[at], PRINTED[at + 1]
        if one != other and "-" not in (one, other):
            with pytest.raises(RecoveryKeyError) as caught:
                parse(PRINTED[:at] + other + one + PRINTED[at + 2 :])
            assert caught.value.params == {"groups": str(at // 6 + 1)}


def test_groups_that_changed_places_are_both_named():
    for first in range(14):
        for second in range(first + 1, 14):
            groups = groups_of(PRINTED)
            groups[first], groups[second] = groups[second], groups[first]
            with pytest.raises(RecoveryKeyError) as caught:
                parse("-".join(groups))
            assert caught.value.params == {"groups": f"{first + 1}, {second + 1}"}


def test_groups_of_two_keys_do_not_make_one():
    other = groups_of(write(KEY[::-1]))
    for place in range(14):
        groups = groups_of(PRINTED)
        groups[place] = other[place]
        with pytest.raises(RecoveryKeyError, match="whole") as caught:
            parse("-".join(groups))
        assert caught.value.code == "whole"


def test_what_cannot_stand_in_a_key_is_named_with_its_group():
    for letter in set(string.printable) - set(string.whitespace) - set(string.ascii_letters + string.digits + "-"):
        with pytest.raises(RecoveryKeyError) as caught:
            parse(PRINTED[:7] + letter + PRINTED[8:])
        assert (caught.value.code, caught.value.params) == ("character", {"character": letter, "group": 2})
    with pytest.raises(RecoveryKeyError) as caught:
        parse(PRINTED.replace(PRINTED[0], "u", 1))
    assert caught.value.params == {"character": "U", "group": 1}


@pytest.mark.parametrize(("typed", "found"), [("", 0), (PRINTED[:-1], 69), (PRINTED[6:], 65), (PRINTED + "0", 71)])
def test_too_little_and_too_much_is_told(typed, found):
    with pytest.raises(RecoveryKeyError) as caught:
        parse(typed)
    assert (caught.value.code, caught.value.params) == ("length", {"found": found, "needed": 70})


def test_no_error_says_the_key():
    with pytest.raises(RecoveryKeyError) as caught:
        parse(PRINTED[:-1])
    assert PRINTED[:5] not in str(caught.value)


def test_another_size_is_no_key():
    with pytest.raises(ValueError, match="32 bytes"):
        write(b"short")


def test_every_purpose_has_a_password_of_its_own():
    """Fixed: a password that changed with a release would lock everybody out of their backups."""
    assert derive(PRINTED, recovery_key.DATABASE) == derive(PRINTED.lower(), "pgbackrest")
    assert derive(PRINTED, recovery_key.DATABASE) != derive(PRINTED, recovery_key.FILES)
    assert derive(PRINTED, "pgbackrest") != derive(write(KEY[::-1]), "pgbackrest")
    assert PRINTED == ("000GD-40R4X-0M300-E209K-185G3-R38ED-1W811-24GKZ-2GAH1-C5RR2-34D1B-P70XX-3RFGZ-QAW2N")
    assert derive(PRINTED, "pgbackrest") == "d087688e2e123597e4334f362edfae34953bfe0e3ccd134b0440c6847b4fb563"
    assert derive(PRINTED, "restic") == "c99ab956aded49aa1cc5739570d8ede43e5af1e49128b1f03098988671cdf3ef"
