"""What people read in their mailbox."""

import dataclasses
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError
from tests.unit.notifications.samples import SAMPLES, TENANT, URL

from belgenet.core.i18n import LOCALES
from belgenet.core.money import Money
from belgenet.notifications.interfaces import CONTEXTS
from belgenet.notifications.services.rendering import RenderedMail, Renderer, one_line, readable_on

RENDERER = Renderer(["belgenet.notifications:templates"])
EVERY = [(name, locale) for name in SAMPLES for locale in LOCALES]
TURKISH_ONLY = set("ğşıİ")


def render(name: str, locale: str = "tr", **changes: Any) -> RenderedMail:
    return RENDERER.render(name, locale, {**SAMPLES[name], **changes}, TENANT, URL)


class Text(HTMLParser):
    """Collects text, links and unbalanced tags."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_samples_are_what_the_contexts_promise() -> None:
    assert {name: frozenset(context) for name, context in SAMPLES.items()} == dict(CONTEXTS)


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_every_template_makes_a_whole_mail(name: str, locale: str) -> None:
    mail = render(name, locale)
    page = Text(mail.html)
    assert mail.subject
    assert "\n" not in mail.subject
    assert f'lang="{locale}"' in mail.html
    assert page.tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "table",
        "tr",
        "td",
        "a",
        "h1",
        "p",
        "strong",
        "br",
        "span",
        "img",
    }
    assert "{{" not in mail.html + mail.text + mail.subject
    assert "\n\n\n" not in mail.text
    assert "Rahmet Vakfı" in mail.text
    for link in (value for key, value in SAMPLES[name].items() if key.endswith("_url")):
        assert link in page.links, "the HTML links to it"
        assert link in mail.text, "and so does the text"


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_both_forms_greet_by_name_and_say_the_same_numbers(name: str, locale: str) -> None:
    mail = render(name, locale)
    text = Text(mail.html).text
    assert SAMPLES[name]["full_name"] in text
    assert SAMPLES[name]["full_name"] in mail.text
    for number in re.findall(r"[0-9][0-9.,]*[0-9]", mail.text.split("-- ")[0]):
        assert number in mail.html, number


@pytest.mark.parametrize("name", SAMPLES)
def test_languages_are_not_mixed(name: str) -> None:
    neutral = {"full_name": "Jane", "title": "Course", "reason": "", "lines": []}
    given_keys = {key: value for key, value in neutral.items() if key in SAMPLES[name]}
    tenant = dataclasses.replace(TENANT, name="Mercy")
    english = RENDERER.render(name, "en", {**SAMPLES[name], **given_keys}, tenant, URL)
    assert not TURKISH_ONLY & set(english.subject + english.text + Text(english.html).text)
    turkish = RENDERER.render(name, "tr", {**SAMPLES[name], **given_keys}, tenant, URL)
    assert TURKISH_ONLY & set(turkish.text)
    assert not re.search(r"\b(your|the|and|you)\b", turkish.text, re.IGNORECASE)


@pytest.mark.parametrize(("name", "locale"), EVERY)
def test_markup_in_a_name_is_only_text(name: str, locale: str) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    mail = render(name, locale, full_name=evil)
    page = Text(mail.html)
    assert "script" not in page.tags
    assert evil in page.text
    assert evil in mail.text, "plain text is not escaped"


@pytest.mark.parametrize(("name", "missing"), [(name, key) for name, keys in CONTEXTS.items() for key in sorted(keys)])
def test_a_missing_fact_is_an_error_at_once(name: str, missing: str) -> None:
    context = {key: value for key, value in SAMPLES[name].items() if key != missing}
    with pytest.raises(UndefinedError):
        RENDERER.render(name, "tr", context, TENANT, URL)


@pytest.mark.parametrize("name", ["nothing", "_layout", "../secret", "", "verify_email.tr", "a/b"])
def test_unknown_templates(name: str) -> None:
    with pytest.raises((TemplateNotFound, ValueError)):
        RENDERER.render(name, "tr", {}, TENANT, URL)


def test_an_unknown_language_falls_back_to_turkish() -> None:
    assert render("verify_email", "de") == render("verify_email", "tr")


@pytest.mark.parametrize(
    ("locale", "amount", "shown"),
    [
        ("tr", Money(3_475_050, "TRY"), "₺34.750,50"),
        ("en", Money(3_475_050, "TRY"), "₺34,750.50"),
        ("tr", {"amount": "10.00", "currency": "EUR"}, "€10,00"),
        ("tr", Money(500, "JPY"), "¥500"),
    ],
)
def test_money_is_written_the_readers_way(locale: str, amount: Any, shown: str) -> None:
    text = render("order_refunded", locale, amount=amount).text
    assert f" {shown} " in text or text.startswith(shown) or f"\n{shown} " in text, text


def test_times_are_the_tenants() -> None:
    assert "28 Mayıs 2026 00:30" in render("password_changed", "tr").text
    assert "28 May 2026, 00:30" in render("password_changed", "en").text


def test_a_reason_is_left_out_when_there_is_none() -> None:
    assert "Açıklama" in render("order_refunded").html
    assert "Açıklama" not in render("order_refunded", reason="").html
    assert "Açıklama" not in render("order_refunded", reason="").text


@pytest.mark.parametrize(
    ("branding", "expected"),
    [
        ({}, "#0b7285"),
        ({"primary_color": "#ffcc00"}, "#ffcc00"),
        ({"primary_color": "red;background:url(x)"}, "#0b7285"),
        ({"primary_color": None}, "#0b7285"),
    ],
)
def test_the_colour_is_the_tenants_if_it_is_one(branding: dict[str, Any], expected: str) -> None:
    tenant = dataclasses.replace(TENANT, branding=branding)
    html = RENDERER.render("verify_email", "tr", SAMPLES["verify_email"], tenant, URL).html
    assert f"background:{expected}" in html
    assert "url(x)" not in html


@pytest.mark.parametrize(
    ("logo", "src"),
    [("/files/logo.png", f"{URL}/files/logo.png"), ("https://cdn.example.org/l.png", "https://cdn.example.org/l.png")],
)
def test_the_logo_has_a_full_address_and_the_name_as_its_text(logo: str, src: str) -> None:
    tenant = dataclasses.replace(TENANT, branding={"logo_url": logo})
    html = RENDERER.render("verify_email", "tr", SAMPLES["verify_email"], tenant, URL).html
    assert f'src="{src}" alt="Rahmet Vakfı"' in html


@pytest.mark.parametrize(
    ("color", "text"), [("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#ffcc00", "#000000"), ("#0b7285", "#ffffff")]
)
def test_text_on_the_colour_can_be_read(color: str, text: str) -> None:
    assert readable_on(color) == text


@given(st.text())
def test_a_subject_is_one_line_whatever_a_title_holds(title: str) -> None:
    subject = render("certificate_ready", title=title).subject
    assert subject.isprintable()
    assert len(subject) <= 200
    assert one_line(subject) == subject
