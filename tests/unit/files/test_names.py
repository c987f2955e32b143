import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.files.services.names import MAX_LENGTH, clean_name, disposition


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ödev.docx", "ödev.docx"),
        ("o\u0308dev.docx", "ödev.docx"),
        ("/etc/passwd", "passwd"),
        ("a/../..\\b.txt", "b.txt"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("  iki   boşluk .txt", "iki boşluk .txt"),
        ("\u202etxt.exe", "txt.exe"),
        ("a\u200fb\ufeff.txt", "ab.txt"),
        ("نامه\u200cها.pdf", "نامه\u200cها.pdf"),
        ("\u200c", "file"),
        ("\ud800.txt", "txt"),
        ("x" * 400 + ".pdf", "x" * 176 + ".pdf"),
        ("x" * 400, "x" * 180),
        ("x." + "y" * 400, "x." + "y" * 178),
        ("🐑🐂.jpg", "🐑🐂.jpg"),
    ],
)
def test_examples(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@given(st.text(max_size=400))
def test_whatever_comes_is_safe_and_settled(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= MAX_LENGTH
    assert not any(char in '/\\<>:"|?*\x00\r\n' for char in cleaned)
    assert not any(unicodedata.category(char) == "Cc" for char in cleaned)
    assert cleaned not in {".", ".."}
    assert clean_name(cleaned) == cleaned
    header = disposition("attachment", cleaned)
    assert header.isascii()
    assert header.isprintable()
    assert header.count(";") == 1
