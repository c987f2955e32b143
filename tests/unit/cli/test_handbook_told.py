"""Every verb that the handbook shows is run on a real server by a story of tests/appliance, with the options it is shown with."""

import re
import shlex

import click
import pytest
from tests.unit.cli.test_handbook import PAGES, shown
from tests.unit.cli.told import STORIES, commands, helpers, run_by_stories

from belgenet.cli import cli

ELSEWHERE = {
    "serve": "what systemd runs as belgenet-web; by hand only where no bundle was installed",
    "migrate": "a step of every upgrade, with the release's own program",
}
"""Verbs that no operator of an installed server gives, and why."""
INSTALLER = re.compile(r"install\.sh ([^`\n]*)|belgenet-install ([^`\n]*)")


def verb(words: list[str]) -> tuple[str, list[str]]:
    """``backup run`` and what stands behind it; nothing for what is no command."""
    command: click.Command = cli
    context, names = click.Context(cli), []
    while words and isinstance(command, click.Group) and (found := command.get_command(context, words[0])):
        names.append(words[0])
        command, words = found, words[1:]
    return "" if isinstance(command, click.Group) else " ".join(names), words


def long_options(words: list[str]) -> set[str]:
    return {found[0] for word in words if (found := re.match(r"--[a-z][a-z-]+", word))}


def told(line: str) -> tuple[str, set[str]]:
    """Verb and options of a command that a page shows."""
    words = shlex.split(line)[1:]
    name, rest = verb(words[2:] if words[:1] == ["--config"] else words)
    return name, long_options(rest)


def from_pages() -> dict[str, set[str]]:
    """Verb -> options it is shown with."""
    found: dict[str, set[str]] = {}
    for page in PAGES:
        for line in shown(page.read_text(encoding="utf-8")):
            name, options = told(line)
            if name:
                found.setdefault(name, set()).update(options)
    return found


RUN = run_by_stories()
SOURCES = {file: file.read_text(encoding="utf-8") for file in STORIES}


@pytest.mark.parametrize(("name", "options"), sorted(from_pages().items()))
def test_a_verb_of_the_handbook_is_run_by_a_story(name, options):
    if name in ELSEWHERE:
        return
    given = [line for line in RUN if re.match(rf"belgenet (--\S+ \S+ )*{name}( |$)", re.sub(r"--lang \w+ ", "", line))]
    assert given, f"no story runs belgenet {name}"
    said = {option for line in given for option in long_options(line.split())}
    assert options - said == set(), f"no story runs belgenet {name} with these"


def test_the_installers_options_are_given_by_stories():
    shown_ = {
        option
        for page in PAGES
        for found in INSTALLER.finditer(page.read_text(encoding="utf-8"))
        for option in long_options((found[1] or found[2]).split())
    }
    said = {
        option
        for file, text in SOURCES.items()
        if "install.sh" in text or "restore" in file.name
        for option in re.findall(r"--[a-z][a-z-]+", text)
    }
    assert len(shown_) > 5
    assert shown_ - said == set()


def test_exceptions_are_still_verbs_of_the_handbook():
    assert set(ELSEWHERE) <= set(from_pages())


def test_commands_are_found_however_a_story_writes_them():
    source = """
def store(*words):
    return run(["runuser", "belgenet", "objectstore", *words])
def told(line):
    return run(f"LC_ALL=C belgenet {line} --json")
run("true && belgenet apply --only tls; belgenet restart")
run(["belgenet", "user", "create", "--tenant", slug])
run(f"{folder}/install.sh --check >x")
store("check", "--of", "minio", *(["--kept"] if kept else []))
told("drill")
"""
    found = commands(source, helpers(source))
    wanted = {"belgenet apply --only tls", "belgenet restart", "belgenet user create --tenant …", "install.sh --check"}
    assert found >= wanted | {"belgenet objectstore check --of minio --kept", "belgenet drill"}
    assert told("belgenet backup run --full") == ("backup run", {"--full"})
    assert told("belgenet --config x.ini settings check") == ("settings check", set())
    assert told("belgenet backup") == ("", set())
