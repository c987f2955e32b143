"""PDF documents from HTML and CSS: a renderer that reads nothing but what it is handed.

:mod:`belgenet.core.pdf.weasy` is not imported here: WeasyPrint costs 0.8 s and 40 MiB, which only
processes that render pay.
"""

from belgenet.core.pdf.interfaces import PdfMetadata, PdfRenderer, PdfRenderError, RenderedPdf
from belgenet.core.pdf.isolated import IsolatedTemplateRenderer
from belgenet.core.pdf.templates import BrokenTemplateError, PdfTemplate, expand_template, render_template

__all__ = [
    "BrokenTemplateError",
    "IsolatedTemplateRenderer",
    "PdfMetadata",
    "PdfRenderError",
    "PdfRenderer",
    "PdfTemplate",
    "RenderedPdf",
    "expand_template",
    "render_template",
]
