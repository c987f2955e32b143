"""Tokens, keyrings and the role matrix."""

import base64
import time
import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from belgenet.core.security import ROLE_MATRIX, Identity, Keyring, Permission, Role
from belgenet.core.security.identity import permissions_of
from belgenet.core.security.tokens import AccessTokens, InvalidToken
from belgenet.settings import SettingsError


def key(byte: bytes) -> str:
    return base64.b64encode(byte * 32).decode()


def ring(text: str) -> Keyring:
    return Keyring.parse("security.jwt_keys", text)


def test_issued_token_verifies_to_its_claims() -> None:
    tokens = AccessTokens(ring(f"a:{key(b'a')}"), 60)
    account, tenant, session = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    claims = tokens.verify(tokens.issue(account, tenant, session))
    assert (claims.account_id, claims.tenant_id, claims.session_id) == (account, tenant, session)


def test_rotation_old_key_still_verifies_until_dropped() -> None:
    old = AccessTokens(ring(f"a:{key(b'a')}"), 60)
    token = old.issue(uuid.uuid4(), None, uuid.uuid4())
    AccessTokens(ring(f"b:{key(b'b')} a:{key(b'a')}"), 60).verify(token)
    with pytest.raises(InvalidToken):
        AccessTokens(ring(f"b:{key(b'b')}"), 60).verify(token)


def test_a_master_key_has_the_length_of_its_cipher() -> None:
    long = base64.b64encode(b"a" * 33).decode()
    assert ring(f"a:{long}").current[0] == "a"
    with pytest.raises(
        SettingsError, match=r"'security\.master_keys' wants 'kid:base64' pairs of 32 bytes, each id once"
    ):
        Keyring.of_masters(f"a:{long}")


def test_expired_forged_and_malformed_tokens_are_refused() -> None:
    tokens = AccessTokens(ring(f"a:{key(b'a')}"), -1)
    expired = tokens.issue(uuid.uuid4(), None, uuid.uuid4())
    claims = {
        "iss": "belgenet",
        "sub": str(uuid.uuid4()),
        "tid": None,
        "sid": str(uuid.uuid4()),
        "exp": int(time.time()) + 60,
    }
    forged = jwt.encode({"alg": "HS256", "kid": "a"}, claims, OctKey.import_key(b"x" * 32))
    no_algorithm = ".".join(
        [base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("="), forged.split(".")[1], ""]
    )
    other_issuer = jwt.encode({"alg": "HS256", "kid": "a"}, {**claims, "iss": "x"}, OctKey.import_key(b"a" * 32))
    no_subject = jwt.encode(
        {"alg": "HS256", "kid": "a"}, {k: v for k, v in claims.items() if k != "sub"}, OctKey.import_key(b"a" * 32)
    )
    for token in (expired, forged, no_algorithm, other_issuer, no_subject, "", "a.b.c", "ş", expired[:-2]):
        with pytest.raises(InvalidToken):
            tokens.verify(token)


def test_a_remembered_token_dies_when_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = AccessTokens(ring(f"a:{key(b'a')}"), 60)
    token = tokens.issue(uuid.uuid4(), None, uuid.uuid4())
    assert tokens.verify(token) is tokens.verify(token)
    later = time.time() + 61
    monkeypatch.setattr("belgenet.core.security.tokens.time.time", lambda: later)
    with pytest.raises(InvalidToken):
        tokens.verify(token)


def test_only_good_tokens_are_remembered_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("belgenet.core.security.tokens.REMEMBERED", 3)
    tokens = AccessTokens(ring(f"a:{key(b'a')}"), 60)
    good = [tokens.issue(uuid.uuid4(), None, uuid.uuid4()) for _ in range(10)]
    for token in good:
        for bad in (token[:-2], f"{token}x", token.swapcase()):
            with pytest.raises(InvalidToken):
                tokens.verify(bad)
        tokens.verify(token)
    assert len({tokens.verify(token).account_id for token in good}) == 10
    assert len(tokens._verified) <= 3


@pytest.mark.parametrize("text", ["", "a", "a:", "a:short", f"a:{key(b'a')} a:{key(b'b')}", f":{key(b'a')}", "a:###"])
def test_bad_keyrings_stop_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match=r"security\.jwt_keys"):
        ring(text)


def test_principals_carry_the_tenant() -> None:
    tenant = uuid.uuid4()
    identity = Identity(uuid.uuid4(), tenant, uuid.uuid4(), frozenset({Role.DONOR}))
    assert f"tenant:{tenant}:role:DONOR" in identity.principals
    platform = Identity(uuid.uuid4(), None, uuid.uuid4(), frozenset({Role.SUPER_ADMIN}))
    assert "platform:role:SUPER_ADMIN" in platform.principals


def test_every_role_is_in_the_matrix_and_only_the_platform_manages_tenants() -> None:
    assert set(ROLE_MATRIX) == set(Role)
    assert [role for role in Role if Permission.PLATFORM_TENANTS in ROLE_MATRIX[role]] == [Role.SUPER_ADMIN]
    assert Permission.ORDER_REFUND not in permissions_of([Role.STUDENT, Role.DONOR, Role.INSTRUCTOR, Role.OPERATOR])
    assert permissions_of([]) == frozenset()
