"""Every text the product shows exists in both languages, and both say the same."""

import json
import re
import string
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from belgenet.core.i18n import LOCALES, catalogue, translate
from belgenet.core.web.errors import ErrorCode
from belgenet.core.web.schema import check_json
from belgenet.testing.paths import project_root

CLIENT_TEXTS = Path(__file__).parents[2] / "clients" / "i18n" / "src"
TURKISH = set("çğıöşüÇĞİÖŞÜ")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue("tr").keys() == catalogue("en").keys()


def test_both_languages_use_the_same_parameters() -> None:
    for key, turkish in catalogue("tr").items():
        assert placeholders(turkish) == placeholders(catalogue("en")[key]), key


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_code_has_a_title(locale: str, code: ErrorCode) -> None:
    assert catalogue(locale).get(f"error.{code}")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_belongs_to_a_code_that_is_gone(locale: str) -> None:
    codes = {
        key.removeprefix("error.").removesuffix(".detail") for key in catalogue(locale) if key.startswith("error.")
    }
    assert codes <= {code.value for code in ErrorCode}


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_are_clean(locale: str) -> None:
    for key, text in catalogue(locale).items():
        assert text == text.strip(), key
        assert text, key
        assert "  " not in text, key
        assert not re.search(r" [.,;:!?](\s|$)", text), key


SHORT_FORM = re.compile(
    r"\b(okutun|seçin|deneyin|girin|yazın|açın|edin|bakın|yapın|bekleyin|gönderin|yükleyin|ekleyin|belirleyin|kullanın"
    r"|çalıştırın|verin|alın|silin|kurun|taşıyın|denetleyin|bağlayın|kaldırın|indirin|kopyalayın|getirin|başlatın|yazdırın"
    r"|kaydedin|karşılaştırın|çıkarın|tamamlayın|\w+m[ae]y[ıi]n)\b",
    re.IGNORECASE,
)
ELSEWHERE = (
    "clients/i18n/src/tr/*.json",
    "config/alerts.yml",
    "deploy/ansible/roles/monitoring/files/*.yml",
    "docs/operator/*.tr.md",
    "packaging/checks/texts/tr.json",
    "packaging/install.sh",
    "packaging/installer/*.sh",
    "src/belgenet/appliance/texts/*.tr.json",
)


def test_turkish_asks_in_the_formal_form() -> None:
    """``okutunuz``, not ``okutun``: one form of address in everything an institution sends and prints."""
    assert {key: text for key, text in catalogue("tr").items() if SHORT_FORM.search(text)} == {}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_turkish_asks_in_the_same_form_everywhere(where: str) -> None:
    pages = [file.read_text(encoding="utf-8") for file in project_root().glob(where)]
    assert pages
    assert [line for page in pages for line in page.splitlines() if SHORT_FORM.search(line)] == []


def test_english_problems_have_no_turkish_letters() -> None:
    problems = {key: text for key, text in catalogue("en").items() if key.startswith(("error.", "field."))}
    assert [key for key, text in problems.items() if TURKISH & set(text)] == []


def test_the_texts_of_problems_lie_with_the_problems() -> None:
    folder = files("belgenet.core.web").joinpath("locale")
    assert {item.name for item in folder.iterdir()} == {"tr.json", "en.json"}


class Everything(BaseModel):
    """A model whose checks can fail in many ways."""

    model_config = {"extra": "forbid"}
    text: str = Field(default="abc", min_length=2, max_length=5, pattern="^[a-z]+$")
    number: int = Field(default=3, ge=1, le=9, multiple_of=3)
    open_number: float = Field(default=3, gt=1, lt=9)
    flag: bool = True
    many: list[int] = Field(default=[1], min_length=1, max_length=2)
    needed: int


@pytest.mark.parametrize(
    ("change", "code", "turkish"),
    [
        ({"needed": None}, "int_type", "Bir tam sayı bekleniyor."),
        ({"text": "a"}, "string_too_short", "En az 2 karakter olmalıdır."),
        ({"text": "abcdef"}, "string_too_long", "En çok 5 karakter olabilir."),
        ({"text": "ABC"}, "string_pattern_mismatch", "Yazım biçimi uygun değil."),
        ({"text": 7}, "string_type", "Bir metin bekleniyor."),
        ({"number": 0}, "greater_than_equal", "En az 1 olmalıdır."),
        ({"number": 12}, "less_than_equal", "En çok 9 olabilir."),
        ({"number": 4}, "multiple_of", "3 sayısının katı olmalıdır."),
        ({"open_number": 1}, "greater_than", "1.0 değerinden büyük olmalıdır."),
        ({"open_number": 9}, "less_than", "9.0 değerinden küçük olmalıdır."),
        ({"flag": 1}, "bool_type", "Evet ya da hayır bekleniyor."),
        ({"many": []}, "too_short", "En az 1 öğe gerekli."),
        ({"many": [1, 2, 3]}, "too_long", "En çok 2 öğe olabilir."),
        ({"many": 1}, "list_type", "Bir liste bekleniyor."),
        ({"more": 1}, "extra_forbidden", "Böyle bir alan yok."),
    ],
)
def test_what_pydantic_finds_is_said_in_turkish(change: dict[str, Any], code: str, turkish: str) -> None:
    import json

    from belgenet.core.web.errors import Problem

    with pytest.raises(Problem) as caught:
        check_json(Everything, json.dumps({"needed": 1, **change}).encode())
    (finding,) = caught.value.fields
    assert finding.code == code
    assert translate("tr", f"field.{code}", **finding.params) == turkish


def test_a_missing_field_is_said_in_both() -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate({})
    assert caught.value.errors()[0]["type"] == "missing"
    assert translate("tr", "field.missing") == "Bu alan gerekli."
    assert translate("en", "field.missing") == "This field is required."


@pytest.mark.parametrize("locale", LOCALES)
def test_the_panel_names_every_kind_of_message(locale: str) -> None:
    templates = files("belgenet.notifications") / "templates"
    kinds = {path.name.split(".")[0] for path in templates.iterdir() if not path.name.startswith("_")}
    words = json.loads((CLIENT_TEXTS / locale / "admin.json").read_text(encoding="utf-8"))
    assert kinds == words["mails"]["kind"].keys()
