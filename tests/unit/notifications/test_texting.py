"""Whatever an institution is called, an SMS to its people holds only letters that arrive, and no more segments than said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.samples import TENANT

from belgenet.core.i18n import LOCALES
from belgenet.core.sms import ALPHABET, count_segments
from belgenet.notifications.interfaces import SMS_CONTEXTS
from belgenet.notifications.services.texting import text_of

MOST = 2
"""Segments, at an institution whose address is no longer than 63 letters."""
NAMES = st.text(max_size=120) | st.text("ĞİŞçğış", max_size=120)
LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=63)


def text(template: str, locale: str, name: str, label: str) -> str:
    number = "KURBANVAKFIM-2026-000123"
    context = {"number": number, "verify_url": f"https://{label}/verify/AB12-CD34-EF56-GH78"}
    return text_of(template, locale, context, replace(TENANT, name=name))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", SMS_CONTEXTS)
@given(name=NAMES, label=LABELS)
def test_every_sms_stays_inside_the_alphabet_and_its_segments(
    template: str, locale: str, name: str, label: str
) -> None:
    written = text(template, locale, name, label)
    assert set(written) <= ALPHABET - set("\r\n\f")
    assert count_segments(written) <= MOST
    assert f"https://{label}/verify/AB12-CD34-EF56-GH78" in written


@given(number=st.text(max_size=40))
def test_what_callers_put_in_is_folded_too(number: str) -> None:
    written = text_of("certificate_ready", "tr", {"number": number, "verify_url": "https://x"}, TENANT)
    assert set(written) <= ALPHABET - set("\r\n\f")


def test_a_name_is_folded_before_it_is_cut() -> None:
    """What becomes longer by folding is cut all the same."""
    written = text("certificate_ready", "tr", "…" * 40, "x")
    assert written.startswith("." * 40 + ": ")


def test_an_ordinary_one_is_one_segment() -> None:
    written = text("certificate_ready", "tr", "Rahmet Vakfı", "vakif.example.org")
    assert count_segments(written) == 1
