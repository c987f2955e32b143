import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from belgenet.accounts.schemas import RefreshIn, RegisterIn, normalise_email, normalise_phone
from belgenet.core.web.schema import check_json


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Ayse@Example.ORG", "ayse@example.org"),
        ("a.b+kurban@example.org", "a.b+kurban@example.org"),
        ("ayse@örnek.org", "ayse@xn--rnek-4qa.org"),
        ("AYSE@ÖRNEK.org", "ayse@xn--rnek-4qa.org"),
        ("info@EXAMPLE.com.tr", "info@example.com.tr"),
    ],
)
def test_one_mailbox_is_one_text(given_text: str, kept: str) -> None:
    assert normalise_email(given_text) == kept
    assert normalise_email(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b.org",
        "a b@example.org",
        "a@b",
        "a@-b.org",
        "a@@b.org",
        "a@b..org",
        "ayşe@example.org",
        "a@example.org\n",
        "a\r\nBcc:x@example.org",
        '"a b"@example.org',
        "a@[127.0.0.1]",
        "a@example.org, b@example.org",
        "<a@example.org>",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        normalise_email(text)


@given(st.text(max_size=100))
def test_no_text_breaks_the_check_or_smuggles_a_line(text: str) -> None:
    try:
        found = normalise_email(text)
    except PydanticCustomError:
        return
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
    assert normalise_email(found) == found


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("0532 123 45 67", "+905321234567"),
        ("532 123 45 67", "+905321234567"),
        ("+90 (532) 123-45-67", "+905321234567"),
        ("00905321234567", "+905321234567"),
        ("0212 123 45 67", "+902121234567"),
        ("+49 30 1234567", "+49301234567"),
        ("0049301234567", "+49301234567"),
    ],
)
def test_phones_become_e164(given_text: str, kept: str) -> None:
    assert normalise_phone(given_text) == kept
    assert normalise_phone(kept) == kept


@pytest.mark.parametrize(
    "text",
    ["", "123", "abc", "+0123456789", "+123456789012345678", "٠٥٣٢١٢٣٤٥٦٧", "0532 123 45 67 x", "++905321234567"],
)
def test_what_is_no_phone(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        normalise_phone(text)


@given(st.text(max_size=40))
def test_any_text_is_a_phone_or_refused(text: str) -> None:
    try:
        found = normalise_phone(text)
    except PydanticCustomError:
        return
    assert found.startswith("+")
    assert found[1:].isascii()
    assert found[1:].isdigit()


def test_blanks_belong_to_the_password_only() -> None:
    body = check_json(
        RegisterIn, b'{"email": " a@example.org ", "password": "  iki bosluk  ", "full_name": " Ay\\u015fe "}'
    )
    assert (body.email, body.password, body.full_name) == ("a@example.org", "  iki bosluk  ", "Ayşe")


def test_an_empty_body_asks_for_the_cookie() -> None:
    assert check_json(RefreshIn, b"").refresh_token is None
    assert check_json(RefreshIn, b"{}").refresh_token is None
