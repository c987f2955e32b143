"""The parts of the certificates domain that need no database."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.certificates.facts import TENANT, context, words_of

from belgenet.certificates.interfaces import CertifiableRegistry, CertificateFacts, Fact, Line
from belgenet.certificates.services.codes import CODE_ALPHABET, grouped_code, new_code, plain_code
from belgenet.certificates.services.documents import DEFAULT_COLOR, context_of
from belgenet.certificates.services.templates import PACKAGED_KINDS, packaged_template
from belgenet.certificates.services.verify import mask
from belgenet.core.i18n import LOCALES, catalogue, translate
from belgenet.core.pdf import PdfTemplate, render_template
from belgenet.core.pdf.weasy import WeasyPdfRenderer
from belgenet.core.signing.qr import qr_markup
from belgenet.core.traversal import TenantInfo

CODES = st.text(alphabet=CODE_ALPHABET, min_size=16, max_size=16)


@given(CODES)
def test_a_code_survives_printing_and_typing(code: str) -> None:
    for typed in (
        code,
        grouped_code(code),
        grouped_code(code).lower(),
        f" {grouped_code(code)} ",
        code.replace("-", " "),
    ):
        assert plain_code(typed) == code


def test_codes_differ() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Ayşe Yılmaz", "A*** Y***"),
        ("  Ayşe   Nur Yılmaz ", "A*** N*** Y***"),
        ("محمد", "م***"),
        ("X", "X***"),
        ("", ""),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask(name) == masked


@given(st.text(max_size=200))
def test_a_masked_name_tells_first_letters_only(name: str) -> None:
    assert all(len(word) == 4 and word.endswith("***") for word in mask(name).split(" ") if word)


def test_two_kinds_of_one_name_are_refused() -> None:
    class Kind:
        kind = "x"

    registry, one = CertifiableRegistry(), Kind()
    registry.add(one)  # type: ignore[arg-type]
    registry.add(one)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kind x"):
        registry.add(Kind())  # type: ignore[arg-type]


def test_the_context_is_plain_and_complete() -> None:
    facts = CertificateFacts("Kurban", facts=(Fact("Bölge", "Doğu"),), lines=(Line("Ayşe"),))
    made = context_of(
        TENANT,
        facts,
        recipient="Ayşe",
        code="K7QM2X4TB9WR3HNC",
        number="V-2026-000001",
        issued_on=date(2026, 11, 21),
        kind="kurban_order",
        locale="tr",
    )
    assert made["certificate"]["code"] == "K7QM-2X4T-B9WR-3HNC"
    assert made["certificate"]["issued_on"] == "2026-11-21"
    assert made["tenant"] == {
        "name": "İyilik Vakfı",
        "initial": "İ",
        "tagline": "Emanet",
        "color": "#aa0000",
        "logo": False,
    }
    assert made["lines"] == [{"name": "Ayşe", "detail": ""}]


def test_a_tenant_without_branding_gets_the_products_colour() -> None:
    bare = TenantInfo(TENANT.id, "vakif", " ", "charity", "tr", "TRY", "Europe/Istanbul")
    made = context(tenant=bare)
    assert made["tenant"]["color"] == DEFAULT_COLOR
    assert made["tenant"]["initial"] == "V"


@pytest.mark.parametrize(
    ("name", "language", "letter"),
    [
        ("İstanbul Vakfı", "tr", "İ"),
        ("istanbul vakfı", "tr", "İ"),
        ("I\u0307stanbul Vakfı", "tr", "İ"),
        ("i\u0307stanbul", "tr", "İ"),
        ("Iğdır Derneği", "tr", "I"),
        ("ığdır derneği", "tr", "I"),
        ("  şifa", "tr", "Ş"),
        ("S\u0327ifa", "tr", "Ş"),
        ("ipswich school", "en", "I"),
        ("İstanbul School", "en", "İ"),
        ("مؤسسة", "tr", "م"),
    ],
)
def test_the_monogram_is_the_names_first_letter(name: str, language: str, letter: str) -> None:
    made = context(tenant=replace(TENANT, name=name, locale=language))
    assert made["tenant"]["initial"] == letter


@pytest.mark.parametrize("kind", [*PACKAGED_KINDS, "some_other_kind"])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_packaged_template_is_a_whole_page_in_its_language(kind: str, locale: str) -> None:
    html = packaged_template(kind, locale).html
    assert "[[" not in html
    assert "certificate.page" not in html
    assert html.startswith(f'<!doctype html>\n<html lang="{locale}"')
    heading = translate(locale, f"certificates.page.{kind if kind in PACKAGED_KINDS else 'generic'}.heading")
    assert f"<h1>{heading}</h1>" in html
    assert ("{{ summary }}" in html) == (kind not in PACKAGED_KINDS)
    assert "{{ tenant.name }}" in html.split("foot-seal")[1]


@pytest.fixture(scope="module")
def renderer() -> WeasyPdfRenderer:
    return WeasyPdfRenderer()


@pytest.mark.parametrize("kind", [*PACKAGED_KINDS, "some_other_kind"])
@pytest.mark.parametrize("locale", LOCALES)
def test_packaged_templates_print_everything(renderer: WeasyPdfRenderer, kind: str, locale: str) -> None:
    made = context(kind=kind, locale=locale, lines=7, facts=7)
    source = packaged_template(kind, locale)
    pdf = render_template(
        renderer,
        PdfTemplate(
            source.html, source.css, {**made, "verify_url": "https://v.example/verify/X"}, {"qr": qr_markup("x" * 220)}
        ),
    )
    assert pdf.pages == 1
    assert pdf.refused == ()
    text = words_of(pdf.data)
    for word in ("Ayşe Işıl Yılmaz", "V-2026-000001", "K7QM-2X4T-B9WR-3HNC", "Kişi 7", "Değer 7", "https://v.example"):
        assert word in text


@pytest.mark.parametrize("lines", [0, 1, 7, 14, 60])
def test_lists_grow_over_pages_and_lose_no_row(renderer: WeasyPdfRenderer, lines: int) -> None:
    source = packaged_template("kurban_order", "tr")
    made = context(lines=lines, facts=5)
    pdf = render_template(
        renderer, PdfTemplate(source.html, source.css, {**made, "verify_url": "x"}, {"qr": qr_markup("x")})
    )
    text = words_of(pdf.data)
    assert all(f"Kişi {number}" in text for number in range(1, lines + 1))
    assert pdf.pages == (1 if lines <= 7 else pdf.pages)
    assert pdf.pages <= 1 + lines // 10
    # The frame, the number and the code stand on every page.
    assert text.count("V-2026-000001") >= pdf.pages


@pytest.mark.parametrize("shares", range(1, 8))
def test_an_animals_shares_stand_on_one_page(renderer: WeasyPdfRenderer, shares: int) -> None:
    # What an order prints at most: the hash of the consent takes a row of its own, names and intentions are long.
    values = ["VA-6EZ8-2KVK", "Vacip kurban", "Çad – Encemine çevresi", "16 Mayıs 2027", "Sürüm 12 (TR)"]
    values += [hashlib.sha256(b"x").hexdigest(), "22 Kasım 2026 14:45"]
    made = context(lines=shares)
    made["title"] = "Kurban Bayramı – Çad, Burkina Faso, Tanzanya ortak kampanyası"
    made["facts"] = [{"label": "Vekâlet özeti", "value": value} for value in values]
    for number, line in enumerate(made["lines"]):
        line["name"] = "Abdurrahman Muhammed Hayrettin Karaosmanoğlu"
        line["detail"] = f"B-001, {number}. hisse · Vacip kurban"
    made["tenant"]["tagline"] = "Kurbanınız emin ellerde, belgesi elinizde."
    source = packaged_template("kurban_order", "tr")
    address = "https://kurban.vakif.example.org/verify/K7QM2X4TB9WR3HNC"
    pdf = render_template(
        renderer, PdfTemplate(source.html, source.css, {**made, "verify_url": address}, {"qr": qr_markup("x" * 220)})
    )
    assert pdf.pages == 1
    assert words_of(pdf.data).count("Karaosmanoğlu") == shares


@pytest.mark.parametrize("name", ["A" * 200, "Abdurrahman " * 16, "عبد الرحمن " * 18, "<b>x</b>", "'\"&"])
def test_no_name_breaks_the_page(renderer: WeasyPdfRenderer, name: str) -> None:
    source = packaged_template("kurban_order", "tr")
    made = context(recipient=name, lines=3)
    pdf = render_template(
        renderer, PdfTemplate(source.html, source.css, {**made, "verify_url": "x"}, {"qr": qr_markup("x")})
    )
    assert pdf.pages <= 2
    if name.startswith("<"):
        assert "<b>x</b>" in words_of(pdf.data)


def test_a_logo_takes_the_place_of_the_monogram(renderer: WeasyPdfRenderer) -> None:
    source = packaged_template("kurban_order", "tr")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text y='9'>LOGO</text></svg>"
    made = {**context(), "verify_url": "x"}
    made["tenant"]["logo"] = True
    pdf = render_template(renderer, PdfTemplate(source.html, source.css, made, {"qr": qr_markup("x")}, {"logo": svg}))
    assert pdf.refused == ()
    assert "LOGO" in words_of(pdf.data)


def test_both_languages_have_the_same_texts() -> None:
    import json
    from importlib.resources import files

    folder = files("belgenet.certificates") / "locale"
    tr, en = (json.loads((folder / f"{locale}.json").read_text("utf-8")) for locale in ("tr", "en"))
    assert tr.keys() == en.keys()
    assert all(catalogue("tr")[key] == text for key, text in tr.items())
