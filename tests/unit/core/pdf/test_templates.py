"""Templates of administrators: escaped, strict, bounded, and killed when they do not end."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.core.pdf import (
    BrokenTemplateError,
    IsolatedTemplateRenderer,
    PdfMetadata,
    PdfRenderError,
    PdfTemplate,
    expand_template,
)
from belgenet.core.pdf.templates import MAX_RANGE


@given(st.text())
def test_every_value_is_escaped(value: str) -> None:
    expanded = expand_template("[{{ value }}]", {"value": value})
    assert "<" not in expanded
    assert '"' not in expanded


def test_dates_are_written_in_the_language() -> None:
    assert expand_template("{{ day|long_date }}", {"day": "2026-11-21"}) == "21 Kasım 2026"
    assert expand_template('{{ day|long_date("en") }}', {"day": "2026-11-21"}) == "21 November 2026"


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("ok\n{{ absent }}", "undefined", 2),
        ("{{ known.absent }}", "undefined", 1),
        ("a\nb\n{% for %}", "syntax", 3),
        ("{{ unclosed", "syntax", 1),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "forbidden", 1),
        ("{{ known.__init__.__globals__ }}", "forbidden", 1),
        ("{{ known|attr('__class__') }}", "syntax", 1),
        ("{{ 'a' * 1000000000 }}", "forbidden", 1),
        ("{{ 9 ** 9 }}", "forbidden", 1),
        ("{{ '%999999999d' % 1 }}", "forbidden", 1),
        ("{{ 'a'.ljust(999999999) }}", "forbidden", 1),
        ("{{ '{:>999999999}'.format(1) }}", "forbidden", 1),
        ("{{ 'a'|center(999999999) }}", "syntax", 1),
        ("{% for i in range(501) %}{% endfor %}", "forbidden", 1),
        ("{% include 'other' %}", "runtime", 1),
        ("{% import 'other' as o %}", "runtime", 1),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "runtime", 1),
        ("\n{{ 1 // 0 }}", "runtime", 2),
        ("{{ 'no day'|long_date }}", "runtime", 1),
        ("{{ cycler }}{{ lipsum() }}", "undefined", 1),
        ("{% for i in range(500) %}{% for j in range(500) %}xxxxxxxxxx{% endfor %}{% endfor %}", "too_large", 0),
    ],
)
def test_faults_are_named_with_their_line(source: str, kind: str, line: int) -> None:
    with pytest.raises(BrokenTemplateError) as caught:
        expand_template(source, {"known": {"a": 1}})
    assert (caught.value.kind, caught.value.line) == (kind, line)


def test_what_templates_need_works() -> None:
    source = "{% for i in range(2, 4) %}{{ i * 2 }}{{ name.upper() }}{% endfor %}{{ rows|length % 2 }}"
    assert expand_template(source, {"name": "ali", "rows": [1, 2, 3]}) == "4ALI6ALI1"
    assert expand_template("{{ range(500)|length }}", {}) == str(MAX_RANGE)


@given(st.text(alphabet="{}%|.()'\"abx_ \n<>#-0*", max_size=40))
def test_any_source_expands_or_is_called_broken(source: str) -> None:
    with contextlib.suppress(BrokenTemplateError):
        expand_template(source, {"a": "x", "b": {"x": 1}})


def test_the_child_renders_with_assets_markup_and_metadata() -> None:
    template = PdfTemplate(
        "<p>{{ name }}</p>{{ qr }}<img src='http://127.0.0.1:9/x'>",
        context={"name": "<b>"},
        markup={"qr": "<b>drawn</b>"},
        assets={"logo": b"\x89PNG"},
        metadata=PdfMetadata(title="T"),
    )
    rendered = IsolatedTemplateRenderer().render(template)
    assert rendered.data.startswith(b"%PDF-")
    assert rendered.pages == 1
    assert rendered.refused == ("http://127.0.0.1:9/x",)


def test_the_child_reports_faults_as_the_parent_would() -> None:
    with pytest.raises(BrokenTemplateError) as caught:
        IsolatedTemplateRenderer().render(PdfTemplate("\n{{ absent }}"))
    assert (caught.value.kind, caught.value.line) == ("undefined", 2)
    with pytest.raises(PdfRenderError, match="too_many_pages"):
        IsolatedTemplateRenderer().render(PdfTemplate('<p style="page-break-after: always">x</p>' * 99))


def test_a_template_that_never_ends_is_killed() -> None:
    loops = "{% for a in range(500) %}" * 4 + "{% endfor %}" * 4
    started = time.monotonic()
    with pytest.raises(PdfRenderError, match="timeout"):
        IsolatedTemplateRenderer(timeout_seconds=3).render(PdfTemplate(loops))
    assert time.monotonic() - started < 10


def test_a_template_that_eats_the_memory_takes_only_the_child() -> None:
    greedy = "{% set ns = ['x'] %}" + "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a ~ a ~ a %}" * 40 + "{{ a }}"
    with pytest.raises((PdfRenderError, BrokenTemplateError)):
        IsolatedTemplateRenderer(timeout_seconds=20, memory_mib=512).render(PdfTemplate(greedy))
