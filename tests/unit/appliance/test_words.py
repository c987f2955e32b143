"""Every text an administrator may be told is there in both languages, with the same places to fill."""

import string
from importlib import resources

import pytest

from belgenet.appliance.words import LANGUAGES, language, texts

FOLDER = resources.files("belgenet.appliance") / "texts"
AREAS = sorted({file.name.split(".")[0] for file in FOLDER.iterdir() if file.name.endswith(".json")})


def places(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same(area):
    turkish, english = (texts(area, lang) for lang in LANGUAGES)
    assert turkish.keys() == english.keys()
    assert {code: places(text) for code, text in turkish.items()} == {
        code: places(text) for code, text in english.items()
    }
    assert all(text.strip() for text in [*turkish.values(), *english.values()])


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "tr_TR", "LANG": "en_GB"}, "tr"),
        ({}, "en"),
    ],
)
def test_the_terminals_language(environment, spoken):
    assert language(environment) == spoken
