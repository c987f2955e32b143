"""WeasyPrint behind :class:`PdfRenderer`, with the fonts this package ships."""

import threading
from collections import OrderedDict
from collections.abc import Mapping

from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration

from belgenet.core.pdf.fetcher import FontFetcher, SealedFetcher
from belgenet.core.pdf.interfaces import PdfMetadata, PdfRenderer, PdfRenderError, RenderedPdf

MAX_SOURCE = 1_000_000
"""Characters of HTML and CSS together."""
MAX_PAGES = 60
MAX_SHEETS = 16
"""Parsed style sheets kept, the last used ones; a large one takes some megabytes."""

_FACES = (
    ("Noto Sans", "normal", 400, "NotoSans-Regular.ttf"),
    ("Noto Sans", "normal", 700, "NotoSans-Bold.ttf"),
    ("Noto Serif", "normal", 400, "NotoSerif-Regular.ttf"),
    ("Noto Serif", "normal", 700, "NotoSerif-Bold.ttf"),
    ("Noto Serif", "italic", 400, "NotoSerif-Italic.ttf"),
    ("Noto Naskh Arabic", "normal", 400, "NotoNaskhArabic-Regular.ttf"),
    ("Noto Naskh Arabic", "normal", 700, "NotoNaskhArabic-Bold.ttf"),
)
_FONT_CSS = "\n".join(
    f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: {weight}; src: url(font:{file}) }}'
    for family, style, weight, file in _FACES
)


class WeasyPdfRenderer(PdfRenderer):
    """Renders one document at a time; a first render costs about 0.2 s, later ones 0.05 s per simple page."""

    def __init__(self) -> None:
        # Pango's font map is not made for two threads at once.
        self._lock = threading.Lock()
        self._fonts: FontConfiguration | None = None
        self._font_css: CSS | None = None
        self._sheets: OrderedDict[str, CSS] = OrderedDict()

    def render(
        self,
        html: str,
        css: str = "",
        assets: Mapping[str, bytes] | None = None,
        metadata: PdfMetadata | None = None,
    ) -> RenderedPdf:
        """See :meth:`PdfRenderer.render`; ``MAX_PAGES`` and ``MAX_SOURCE`` are limits."""
        if len(html) + len(css) > MAX_SOURCE:
            raise PdfRenderError("too_large")
        fetcher = SealedFetcher(assets or {})
        with self._lock:
            try:
                document = self._layout(html, css, fetcher)
                pages = len(document.pages)
                data = self._write(document, metadata or PdfMetadata()) if pages <= MAX_PAGES else b""
            except Exception as error:
                raise PdfRenderError(f"{type(error).__name__}: {error}"[:300]) from error
        if not data:
            raise PdfRenderError("too_many_pages")
        return RenderedPdf(data, pages, tuple(dict.fromkeys(fetcher.refused)))

    def _layout(self, html: str, css: str, fetcher: SealedFetcher) -> Document:
        fonts, font_css = self._packaged_fonts()
        sheets = [font_css, self._sheet(css, fetcher)]
        return HTML(string=html, url_fetcher=fetcher).render(font_config=fonts, stylesheets=sheets)

    def _sheet(self, css: str, fetcher: SealedFetcher) -> CSS:
        """A template's parsed style sheet: nearly every document comes from one of a few templates, and parsing takes an eighth of
        the time. A sheet that asked for something is parsed anew, so that each document notes its refusals.
        """
        if sheet := self._sheets.get(css):
            self._sheets.move_to_end(css)
            return sheet
        fonts, _ = self._packaged_fonts()
        sheet = CSS(string=css, url_fetcher=fetcher, font_config=fonts)
        if not fetcher.refused:
            self._sheets[css] = sheet
            if len(self._sheets) > MAX_SHEETS:
                self._sheets.popitem(last=False)
        return sheet

    def _packaged_fonts(self) -> tuple[FontConfiguration, CSS]:
        if self._fonts is None:
            self._fonts = FontConfiguration()
            self._font_css = CSS(string=_FONT_CSS, url_fetcher=FontFetcher(), font_config=self._fonts)
        return self._fonts, self._font_css

    @staticmethod
    def _write(document: Document, metadata: PdfMetadata) -> bytes:
        info = document.metadata
        info.title, info.authors, info.lang = metadata.title, [metadata.author], metadata.language
        info.generator = "BelgeNet"
        if metadata.created is not None:
            info.created = info.modified = metadata.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        info.attachments = []
        info.custom = dict(metadata.custom)
        data: bytes = document.write_pdf(custom_metadata=True)
        return data
