import secrets
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.accounts.services.refresh_tokens import MalformedTokenError, RefreshToken, digest


def test_a_token_survives_its_text() -> None:
    token = RefreshToken.first(uuid.uuid4())
    assert RefreshToken.parse(token.encode()) == token
    assert len(token.encode()) == 107
    assert token.encode().isascii()


def test_the_successor_depends_on_token_and_salt_alone() -> None:
    token, salt = RefreshToken.first(uuid.uuid4()), secrets.token_bytes(32)
    assert token.next(salt) == token.next(salt)
    assert token.next(salt).leaf != token.next(secrets.token_bytes(32)).leaf
    assert token.next(salt).family == token.family
    assert token.next(salt).session_id == token.session_id
    assert digest(token.next(salt).leaf) != digest(token.leaf)


def test_the_proof_is_the_sessions_and_gives_nothing_away() -> None:
    token = RefreshToken.first(uuid.uuid4())
    assert token.csrf == token.next(b"salt").csrf
    assert token.csrf != RefreshToken.first(token.session_id).csrf
    assert token.csrf not in token.family.hex()
    assert digest(token.family).hex()[:32] != token.csrf


def test_a_token_does_not_show_itself_in_a_log() -> None:
    token = RefreshToken.first(uuid.uuid4())
    assert token.leaf.hex() not in repr(token)
    assert str(token.leaf) not in repr(token)


@given(st.text(max_size=300))
def test_any_other_text_is_malformed(text: str) -> None:
    try:
        assert RefreshToken.parse(text).encode().rstrip("=") != ""
    except MalformedTokenError:
        return
    assert len(text) >= 106


@pytest.mark.parametrize("text", ["", "a", "ş" * 107, "A" * 106, "A" * 109, "!" * 107])
def test_short_long_and_foreign(text: str) -> None:
    with pytest.raises(MalformedTokenError):
        RefreshToken.parse(text)
