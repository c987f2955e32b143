"""Every command that the handbook shows exists, with the options it is shown with; both languages have the same chapters."""

import re
import shlex
from collections import Counter

import click
import pytest

from belgenet.cli import cli
from belgenet.testing.paths import project_root

PAGES = sorted((project_root() / "docs/operator").glob("*.md"))
SHOWN = re.compile(r"^ *[#$] (?:sudo )?(belgenet .*)$|`(?:sudo )?(belgenet [^`]+)`", re.MULTILINE)

FENCED = re.compile(r"^( *)```(?s:.*?)^\1```$", re.MULTILINE)
BLOCK = re.compile(rf"{FENCED.pattern}|^ {{4}}.*$", re.MULTILINE)
UNPROMPTED = re.compile(r"^ *(?:sudo )?belgenet .*$", re.MULTILINE)


def shown(text: str) -> set[str]:
    """Lines behind a prompt and commands within a sentence, without what is said about them behind ``#``."""
    whole = re.sub(r"(`belgenet [^`\n]*)\n([^`\n]*`)", r"\1 \2", text)
    return {re.split(r" #|[;|<>&]", found[1] or found[2])[0].strip() for found in SHOWN.finditer(whole)}


def unprompted(text: str) -> list[str]:
    """Commands in a block of code that stand behind no prompt: nothing would try them."""
    return [line for block in BLOCK.finditer(text) for line in UNPROMPTED.findall(block[0])]


def mistake(line: str) -> str:
    """What is wrong with a command; nothing when it can be given like this."""
    command: click.Command = cli
    context, words = click.Context(cli), shlex.split(line)[1:]
    if words[:1] == ["--config"]:
        words = words[2:]
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            # `belgenet backup run|list`: several at once.
            names = words[0].split("|")
            return "" if all(command.get_command(context, name) for name in names) else f"{line}: no {words[0]}"
        command, words = found, words[1:]
    known = {"--help", "--version"} | {
        name for option in command.params for name in option.opts + option.secondary_opts
    }
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"{line}: no {unknown[0]}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_tells_to_run_can_be_run(page):
    assert [found for line in sorted(shown(page.read_text(encoding="utf-8"))) if (found := mistake(line))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_in_a_block_stands_behind_a_prompt(page):
    assert unprompted(page.read_text(encoding="utf-8")) == []


def headings(text: str) -> Counter[int]:
    """How many headings there are of each level."""
    return Counter(len(found[1]) for found in re.finditer(r"^(#+) ", FENCED.sub("", text), re.MULTILINE))


TWINS = [page for page in PAGES if page.name.endswith(".tr.md")]


def test_every_page_has_a_turkish_twin():
    english = {page.name for page in PAGES} - {page.name for page in TWINS}
    assert {page.name.replace(".tr.md", ".md") for page in TWINS} == english


@pytest.mark.parametrize("page", TWINS, ids=lambda page: page.name)
def test_a_page_and_its_twin_have_the_same_chapters(page):
    english = page.with_name(page.name.replace(".tr.md", ".md"))
    assert headings(page.read_text(encoding="utf-8")) == headings(english.read_text(encoding="utf-8"))


def test_a_chapter_is_no_prompt():
    assert headings("# a\n## b\n\n```console\n# belgenet apply\n```\n## c\n") == {1: 1, 2: 2}


def test_commands_without_a_prompt_are_noticed():
    page = "Say\nbelgenet apply\n\n    sudo belgenet a\n    # belgenet b\n\n1. x\n"
    page += "\n   ```console\n   belgenet c\n   $ belgenet d\n   ```\n\nbelgenet e\n"
    assert unprompted(page) == ["    sudo belgenet a", "   belgenet c"]
    assert unprompted("```yaml\nbelgenet_domain: x\n```\n\n```\nbelgenet f\n```") == ["belgenet f"]


def test_commands_are_found_and_mistakes_noticed():
    assert len({line for page in PAGES for line in shown(page.read_text(encoding="utf-8"))}) > 100
    assert shown(
        "# belgenet apply   # now\n  $ sudo belgenet kit\nstatus `belgenet\nkit` and `belgenet kit\nconfirm`"
    ) == {
        "belgenet apply",
        "belgenet kit",
        "belgenet kit confirm",
    }
    assert mistake("belgenet backup run --full") == mistake("belgenet backup run|list") == ""
    assert mistake("belgenet backup jump") == "belgenet backup jump: no jump"
    assert mistake("belgenet drift --dif") == "belgenet drift --dif: no --dif"
