import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.accounts.services.password_rules import fold, weakness

EMAIL, NAME = "ayse.yilmaz@example.org", "Ayşe Yılmaz"


def judge(password: str) -> str | None:
    return weakness(password, email=EMAIL, full_name=NAME)


@pytest.mark.parametrize(
    "password",
    [
        "password123", "PASSWORD123", "Password!2024", "p@ssw0rd1234", "qwerty123456", "1q2w3e4r5t", "iloveyou2024",
        "galatasaray", "Fenerbahçe1907", "fenerbahce!!!", "BEŞİKTAŞ1903", "beşiktaş1903", "şifre12345", "SIFRE12345",
        "İstanbul34!", "mustafakemal", "bismillahirrahmanirrahim", "1234567890", "administrator",
        "seniseviyorum", "trabzonspor61", "123456789a", "merhaba12345", "dragon123456", "michael12345",
    ],
)  # fmt: skip
def test_what_everybody_uses_is_refused(password: str) -> None:
    assert judge(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "aaaabbbbcccc",
        "asdfghjklasdf",
        "poiuytrewqpo",
        "abcdefghijklm",
        "9876543210987",
        "abcçdefgğh",
        "...........",
    ],
)
def test_patterns_are_refused(password: str) -> None:
    assert judge(password) in {"password_pattern", "password_common"}


@pytest.mark.parametrize(
    "password",
    ["ayse.yilmaz@example.org", "ayse.yilmaz", "AyşeYılmaz", "ayseyilmaz1985", "AYSE.YILMAZ!!", "yilmaz123456"],
)
def test_ones_own_name_is_refused(password: str) -> None:
    assert judge(password) in {"password_personal", "password_common"}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery 1",
        "kiraz agaci altinda 7",
        "Yılmaz ailesi 5 kişi",
        "xK9#mq2Lp0",
        "güneşli bir pazar",
        "mavi-masa-lamba",
        "şşşçççğğğıııööö123",
    ],
)
def test_good_ones_pass(password: str) -> None:
    assert judge(password) is None


@given(st.text(min_size=10, max_size=200))
def test_any_text_can_be_judged(password: str) -> None:
    assert judge(password) in {None, "password_common", "password_pattern", "password_personal"}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=16, max_size=16))
def test_dots_and_case_do_not_change_the_verdict(password: str) -> None:
    turkish = password.upper().replace("I", "İ")
    assert fold(turkish) == fold(password)


def test_the_list_is_as_its_reader_expects() -> None:
    from belgenet.accounts.services.password_rules import _common

    assert len(_common()) > 2000
    assert all(word == fold(word) and word.strip() == word for word in _common())
