import pytest

from belgenet.accounts.services.hasher import Hasher
from belgenet.settings.modules import Security

KEY = "k:" + "a" * 43 + "="


def hasher(**costs: int) -> Hasher:
    cheap = {"argon2_time_cost": 1, "argon2_memory_kib": 64, **costs}
    return Hasher(Security(jwt_keys=KEY, master_keys=KEY, **cheap))  # type: ignore[arg-type]


def test_a_hash_is_argon2id_with_the_configured_costs_and_a_salt() -> None:
    one, two = hasher().hash("parola"), hasher().hash("parola")
    assert one.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert one != two


def test_only_the_right_password_fits() -> None:
    kept = hasher().hash("İyi bir parola ğ")
    assert hasher().verify(kept, "İyi bir parola ğ")
    assert not hasher().verify(kept, "iyi bir parola g")
    assert not hasher().verify(kept, "")


@pytest.mark.parametrize("broken", [None, "", "x", "$argon2id$v=19$m=64,t=1,p=1$AAAA", "$2b$12$abcdefghijklmnopqrstuv"])
def test_what_is_no_hash_fits_nothing(broken: str | None) -> None:
    assert not hasher().verify(broken, "nobody's password")


def test_higher_costs_make_older_hashes_outdated() -> None:
    kept = hasher().hash("parola")
    assert not hasher().outdated(kept)
    assert hasher(argon2_time_cost=2).outdated(kept)
    assert hasher(argon2_time_cost=2).verify(kept, "parola")
