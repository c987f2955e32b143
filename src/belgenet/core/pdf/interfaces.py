"""What the rest of the product knows about making PDF files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class PdfRenderError(Exception):
    """The document cannot be made from this HTML and CSS; another try with the same input fails too."""


@dataclass(frozen=True, slots=True)
class PdfMetadata:
    """Document information; ``custom`` goes to the Info dictionary under its own keys (ASCII letters)."""

    title: str = ""
    author: str = ""
    language: str = "tr"
    created: datetime | None = None
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A finished file, how many pages it has and which addresses the page asked for and was refused."""

    data: bytes
    pages: int
    refused: tuple[str, ...] = ()


class PdfRenderer(ABC):
    """Makes a PDF file from HTML and CSS without touching network or file system on their behalf."""

    @abstractmethod
    def render(
        self,
        html: str,
        css: str = "",
        assets: Mapping[str, bytes] | None = None,
        metadata: PdfMetadata | None = None,
    ) -> RenderedPdf:
        """Render ``html`` styled by ``css``; only ``asset:NAME`` addresses resolve, to ``assets[NAME]``.

        Raises :class:`PdfRenderError` when no document comes out of it.
        """
