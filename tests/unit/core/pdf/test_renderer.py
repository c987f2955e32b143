"""The renderer reads nothing but what it is handed, and prints every letter."""

import base64
import http.server
import io
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader as PdfReader

from belgenet.core.pdf import PdfMetadata, PdfRenderError, weasy
from belgenet.core.pdf.fetcher import FONTS, SealedFetcher, sniff_image
from belgenet.core.pdf.weasy import MAX_PAGES, MAX_SHEETS, MAX_SOURCE, WeasyPdfRenderer

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
TURKISH = "ğüşöçı İĞÜŞÖÇ ₺ â î û"


@pytest.fixture(scope="module")
def renderer() -> WeasyPdfRenderer:
    return WeasyPdfRenderer()


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "out.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()


def fonts_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "fonts.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdffonts", path], capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(("family", "font"), [("Noto Sans", "Noto-Sans"), ("Noto Serif", "Noto-Serif")])
def test_turkish_letters_are_text_in_our_own_embedded_font(
    renderer: WeasyPdfRenderer, tmp_path: Path, family: str, font: str
) -> None:
    pdf = renderer.render(f"<p style='font-family:\"{family}\"'>{TURKISH}</p>").data
    assert TURKISH in text_of(pdf, tmp_path)
    lines = [line for line in fonts_of(pdf, tmp_path).splitlines()[2:] if line.strip()]
    assert len(lines) == 1
    assert font in lines[0]
    assert " yes yes yes " in lines[0]


def test_arabic_falls_back_to_the_packaged_font(renderer: WeasyPdfRenderer, tmp_path: Path) -> None:
    page = '<p style=\'font-family:"Noto Sans","Noto Naskh Arabic"\'>Ali محمد بن عبد الله Veli</p>'
    pdf = renderer.render(page).data
    assert "Noto-Naskh" in fonts_of(pdf, tmp_path)
    assert "محمد" in text_of(pdf, tmp_path)


def test_every_shipped_font_has_its_licence_beside_it() -> None:
    assert len(list(FONTS.glob("*.ttf"))) == 7
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()


HOSTILE = [
    '<img src="{}">',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<a rel="attachment" href="{}">x</a>',
    '<style>@import url("{}");</style>',
    '<style>body {{ background-image: url("{}") }}</style>',
    '<style>@font-face {{ font-family: x; src: url("{}") }} p {{ font-family: x }}</style><p>x</p>',
    '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}" width="9" height="9"/></svg>',
    '<object data="{}"></object>',
    '<embed src="{}">',
]


@pytest.mark.parametrize("page", HOSTILE)
def test_a_template_reads_no_file(renderer: WeasyPdfRenderer, tmp_path: Path, page: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET-LINE")
    rendered = renderer.render(page.format(secret.as_uri()))
    assert b"TOP-SECRET-LINE" not in rendered.data
    assert "TOP-SECRET-LINE" not in text_of(rendered.data, tmp_path)
    assert set(rendered.refused) <= {secret.as_uri()}


@pytest.mark.parametrize("page", HOSTILE)
def test_a_template_calls_nobody(renderer: WeasyPdfRenderer, page: str) -> None:
    calls: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/pixel"
        try:
            rendered = renderer.render(page.format(address))
        finally:
            server.shutdown()
            thread.join()
    assert calls == []
    assert set(rendered.refused) <= {address}


def test_xml_entities_read_no_file(renderer: WeasyPdfRenderer, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET-LINE")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><text y="9">&x;</text></svg>'
    svg = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>{drawing}'
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    rendered = renderer.render(f'<img src="{address}">')
    assert "TOP-SECRET" not in text_of(rendered.data, tmp_path)


def test_assets_are_served_by_name_and_only_as_pictures(renderer: WeasyPdfRenderer) -> None:
    page = '<img src="asset:logo"><img src="asset:absent"><img src="asset:text">'
    rendered = renderer.render(page, assets={"logo": PNG, "text": b"root:x:0:0"})
    assert rendered.refused == ("asset:absent", "asset:text")
    assert b"/Subtype /Image" in rendered.data


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (f"data:image/png;base64,{base64.b64encode(PNG).decode()}", True),
        ("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E", True),
        ("data:text/html,<p>x", False),
        ("data:text/css,p{}", False),
        ("data:image/png;base64,****", False),
        ("data:image/png,plain", False),
        ("data:,", False),
        ("data:image/png;base64," + "A" * 800_000, False),
        ("ftp://127.0.0.1/x", False),
        ("gopher://127.0.0.1/x", False),
        ("FILE:///etc/passwd", False),
        ("font:NotoSans-Bold.ttf", False),
        ("jar:file:///x", False),
    ],
)
def test_the_fetcher_decides_by_scheme_and_content(address: str, allowed: bool) -> None:
    fetcher = SealedFetcher({})
    if allowed:
        assert fetcher.fetch(address).read()
        assert fetcher.refused == []
    else:
        with pytest.raises(ValueError, match=r"."):
            fetcher.fetch(address)
        assert fetcher.refused == [address[:200]]


def test_one_tenants_font_face_does_not_reach_the_next_document(renderer: WeasyPdfRenderer, tmp_path: Path) -> None:
    css = '@font-face { font-family: "Noto Sans"; src: url(font:NotoNaskhArabic-Bold.ttf), local("DejaVu Sans") }'
    renderer.render("<p>x</p>", css)
    pdf = renderer.render("<p style='font-family:\"Noto Sans\"'>abc</p>").data
    fonts = fonts_of(pdf, tmp_path)
    assert "Noto-Sans" in fonts
    assert "Naskh" not in fonts
    assert "DejaVu" not in fonts


def test_metadata_and_custom_entries_are_written(renderer: WeasyPdfRenderer, tmp_path: Path) -> None:
    metadata = PdfMetadata(title="Kurban – Ğ", author="Vakıf", custom={"BelgeNetQR": "https://x/verify/1#y"})
    path = tmp_path / "m.pdf"
    page = '<title>mine</title><meta name="author" content="forged"><meta name="BelgeNetQR" content="forged"><p>x</p>'
    path.write_bytes(renderer.render(page, metadata=metadata).data)
    info = subprocess.run(["pdfinfo", "-custom", path], capture_output=True, check=True).stdout.decode()
    assert "https://x/verify/1#y" in info
    assert "Kurban – Ğ" in info
    assert "forged" not in info


def test_too_much_is_refused(renderer: WeasyPdfRenderer) -> None:
    with pytest.raises(PdfRenderError, match="too_large"):
        renderer.render("x" * (MAX_SOURCE + 1))
    with pytest.raises(PdfRenderError, match="too_many_pages"):
        renderer.render('<p style="page-break-after: always">x</p>' * (MAX_PAGES + 2))


def test_a_failure_inside_the_engine_is_our_error(renderer: WeasyPdfRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("layout")

    monkeypatch.setattr(WeasyPdfRenderer, "_layout", broken)
    with pytest.raises(PdfRenderError, match="AssertionError: layout"):
        renderer.render("<p>x</p>")


def test_threads_take_turns(renderer: WeasyPdfRenderer, tmp_path: Path) -> None:
    results: dict[int, bytes] = {}

    def work(number: int) -> None:
        results[number] = renderer.render(f"<p>belge {number}</p>").data

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"belge {number}" in text_of(data, tmp_path) for number, data in results.items())
    assert len(results) == 6


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"  <svg/>", "image/svg+xml"),
        (b"", None),
        (b"\x00\x01\x00\x00ttf", None),
    ],
)
def test_pictures_are_told_by_their_first_bytes(data: bytes, kind: str | None) -> None:
    assert sniff_image(data) == kind


def test_a_known_style_sheet_is_parsed_once_and_styles_only_its_own_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer, parsed = WeasyPdfRenderer(), []
    real = weasy.CSS

    def counted(string: str, **options: Any) -> Any:
        parsed.append(string)
        return real(string=string, **options)

    monkeypatch.setattr(weasy, "CSS", counted)
    wide, narrow = "@page { margin: 0; size: 400px 100px }", "@page { margin: 0; size: 100px 100px }"
    boxes = [PdfReader(io.BytesIO(renderer.render("<p>x</p>", css).data)) for css in (wide, narrow, wide, wide)]
    widths = [int(box.root["/Pages"]["/Kids"][0]["/MediaBox"][2]) for box in boxes]
    assert widths == [300, 75, 300, 300]
    assert parsed[1:] == [wide, narrow]
    for number in range(MAX_SHEETS):
        renderer.render("<p>x</p>", f"p {{ margin: {number}px }}")
    renderer.render("<p>x</p>", wide)
    assert parsed.count(wide) == 2, "the sheets kept are bounded"


def test_a_sheet_that_asks_for_something_is_refused_in_every_document(renderer: WeasyPdfRenderer) -> None:
    css = '@import "https://example.org/evil.css";'
    assert [renderer.render("<p>x</p>", css).refused for _ in range(3)] == [("https://example.org/evil.css",)] * 3
