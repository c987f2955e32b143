"""Expansion of templates written by administrators: Jinja2 in its sandbox, escaped, strict, bounded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from belgenet.core.i18n.dates import long_day
from belgenet.core.pdf.interfaces import PdfMetadata, PdfRenderer, RenderedPdf

MAX_EXPANDED = 1_000_000
"""Characters a template may produce."""
MAX_RANGE = 500
MAX_OPERAND = 1_000_000


class BrokenTemplateError(Exception):
    """The template is at fault: ``kind`` is a stable word, ``line`` counts from 1 (0 when unknown)."""

    def __init__(self, kind: str, line: int, detail: str) -> None:
        super().__init__(f"{kind} at line {line}: {detail}")
        self.kind, self.line, self.detail = kind, line, detail


_TEXT_METHODS = frozenset({"upper", "lower", "title", "strip", "startswith", "endswith", "split"})


@dataclass(frozen=True, slots=True)
class PdfTemplate:
    """What a document is made from: ``context`` is plain JSON and escaped, ``markup`` is HTML of ours."""

    html: str
    css: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    markup: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, bytes] = field(default_factory=dict)
    metadata: PdfMetadata = field(default_factory=PdfMetadata)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, minus the operators that make a megabyte out of a line."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Offer texts only harmless methods; ``str.ljust`` and its like can fill the memory."""
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No special way for ``str.format``, whose widths can fill the memory: it is refused like the others."""

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(side, (int, float)) and abs(side) <= MAX_OPERAND for side in (left, right)):
            raise SecurityError(f"operator {operator} works on small numbers only")
        if operator == "**":
            raise SecurityError("operator ** is not offered")
        return super().call_binop(context, operator, left, right)


def _bounded_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_RANGE:
        raise SecurityError(f"range is limited to {MAX_RANGE} numbers")
    return numbers


def _long_date(value: date | datetime | str, locale: str = "tr") -> str:
    day = datetime.fromisoformat(value) if isinstance(value, str) else value
    return long_day(day, locale)


def _environment() -> _Environment:
    env = _Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals.clear()
    env.globals["range"] = _bounded_range
    env.filters["long_date"] = _long_date
    # Filters that take a width make much out of little; so does "format" with "%9999999d".
    for name in ("center", "format", "indent", "wordwrap", "random", "xmlattr", "pprint", "map", "attr"):
        env.filters.pop(name, None)
    return env


_ENV = _environment()


def _joined(chunks: Iterable[str]) -> str:
    parts: list[str] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_EXPANDED:
            raise BrokenTemplateError("too_large", 0, f"more than {MAX_EXPANDED} characters")
        parts.append(chunk)
    return "".join(parts)


def _line_of(error: BaseException) -> int:
    """Line where ``error`` was raised: Jinja maps its frames back to the file ``<template>``."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@lru_cache(maxsize=32)
def _compiled(source: str) -> Template:
    return _ENV.from_string(source)


def expand_template(source: str, context: Mapping[str, Any]) -> str:
    """Expand ``source`` with ``context``, escaping every value that is not ``Markup``.

    Raises :class:`BrokenTemplateError`.
    """
    try:
        return _joined(_compiled(source).generate(dict(context)))
    except TemplateSyntaxError as error:
        raise BrokenTemplateError("syntax", error.lineno, error.message or "") from error
    except SecurityError as error:
        raise BrokenTemplateError("forbidden", _line_of(error), str(error)) from error
    except UndefinedError as error:
        raise BrokenTemplateError("undefined", _line_of(error), str(error)) from error
    except (TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BrokenTemplateError("runtime", _line_of(error), f"{type(error).__name__}: {error}"[:200]) from error


def render_template(renderer: PdfRenderer, template: PdfTemplate) -> RenderedPdf:
    """Expand ``template`` for ``renderer``. Raises :class:`BrokenTemplateError`, ``PdfRenderError``."""
    # The markup is ours, never a user's: the QR code drawn by core.signing.
    trusted = {name: Markup(text) for name, text in template.markup.items()}  # noqa: S704
    html = expand_template(template.html, {**template.context, **trusted})
    return renderer.render(html, template.css, template.assets, template.metadata)
