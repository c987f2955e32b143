"""What the operator wrote, and what is said when it is not what it should be."""

import pytest

from belgenet.appliance.site import SiteError, named_files, read_site, switch


def test_the_operators_variables_by_name(tmp_path):
    file = tmp_path / "site.yml"
    file.write_text('belgenet_domain: "okul.example"\nbelgenet_settings: {mail.port: 25}\n')
    assert read_site(file) == {"belgenet_domain": "okul.example", "belgenet_settings": {"mail.port": 25}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is missing: this is not an installed server"),
        (b"belgenet_domain: a\nbelgenet_settings: {a: b\n", "site.yml, line 3: "),
        (b"- a\n- b\n", "expected lines of the form"),
        (b"", "expected lines of the form"),
        (b"\xff\xfe\x00a", "site.yml"),
        (b"a: !!python/object/apply:os.system [id]\n", "site.yml, line 1: could not determine a constructor"),
    ],
)
def test_anything_else_is_named(tmp_path, content, said):
    file = tmp_path / "site.yml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SiteError) as refused:
        read_site(file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_files_that_the_answers_name_are_found_wherever_they_stand(tmp_path):
    one, other = tmp_path / "one.pem", tmp_path / "other.pem"
    for file in (one, other):
        file.touch()
    answers = {
        "a": [str(one), str(tmp_path / "absent")],
        "b": {"c": {"d": str(other)}},
        "e": str(one),
        "f": 3,
        "g": str(tmp_path),
    }
    assert named_files(answers) == [one, other]
    assert named_files({"text": "/no\nfile"}) == []


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        *((answer, True) for answer in (True, "Yes", "on", 1, "1", "TRUE")),
        *((answer, False) for answer in (False, "no", "OFF", 0, "0", "False")),
        *((answer, None) for answer in (None, "", "auto", [])),
    ],
)
def test_yes_or_no(answer, meant):
    assert switch(answer) is meant
