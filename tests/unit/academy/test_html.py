"""Lesson HTML: whatever goes in, nothing that runs comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.academy.catalog.services.contents import content
from belgenet.academy.catalog.services.html import clean
from belgenet.core.web.errors import Problem

PIECES = st.sampled_from(
    [
        "<",
        ">",
        '"',
        "'",
        "/",
        "=",
        " ",
        "script",
        "onerror",
        "img",
        "src",
        "javascript:",
        "svg",
        "p",
        "style",
        "&#x3c;",
        "alert(1)",
        "a",
        "\t",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_soup_of_tags_gets_through(soup):
    cleaned = clean(soup).lower()
    assert "<script" not in cleaned
    assert "<svg" not in cleaned
    assert "<style" not in cleaned
    assert 'href="javascript' not in cleaned
    assert 'src="javascript' not in cleaned


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    assert clean(once) == once


def test_a_lesson_keeps_what_shapes_it():
    html = (
        '<h2>Başlık</h2><p>Bir <strong>iki</strong> <em>üç</em></p><ol start="3"><li>a</li></ol>'
        '<table><thead><tr><th scope="col">x</th></tr></thead><tbody><tr><td colspan="2">y</td></tr></tbody></table>'
        '<figure><img src="https://a.example/b.png" alt="resim"><figcaption>Açıklama</figcaption></figure>'
    )
    assert clean(html) == html


@pytest.mark.parametrize(
    "body", [None, "", "   ", "<script>x</script>", "<!-- yalnızca yorum -->", "<style>p{}</style>"]
)
def test_a_text_without_words_is_no_lesson(body):
    with pytest.raises(Problem) as refused:
        content("text", {"body_html": body})
    assert refused.value.fields[0].code == "missing"
