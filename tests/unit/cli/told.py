"""Which commands the stories of tests/appliance run, read out of their sources."""

import ast
import re
from collections.abc import Iterator, Mapping

from belgenet.testing.paths import project_root

STORIES = sorted((project_root() / "tests/appliance").glob("*.py"))
GAP = "…"
"""A word that is not known before the story is told."""
_PROGRAM = re.compile(r"(?:^|[\s/;&|(])(belgenet|install\.sh|belgenet-install) +([^;&|<>\n]*)")


def helpers(source: str) -> dict[str, str]:
    """Functions that put the words they are given behind a command, and that command: ``f"belgenet {line}"``."""
    return {
        function.name: line
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        for line in _lines(function)
        if GAP in line.split()
    }


def commands(source: str, known: Mapping[str, str]) -> set[str]:
    """Lines that begin with ``belgenet`` or ``install.sh``, as far as the source says them.

    :param known: helpers of any story; a call of one is its command with the words that the call gives.
    """
    tree, found = ast.parse(source), set[str]()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in known:
            found.add(f"{known[name].partition(GAP)[0]}{' '.join(map(_text, call.args))}".replace(f"{GAP} ", ""))
    return found | set(_lines(tree))


def _lines(tree: ast.AST) -> Iterator[str]:
    """Each command that stands in a text, or in a list of words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.List | ast.Tuple):
            for program, rest in _PROGRAM.findall(f"{_text(node)} "):
                yield f"{program} {' '.join(rest.split())}"


def _text(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return " ".join(map(_text, parts))
        case ast.Starred(value=given) | ast.IfExp(body=given):
            return _text(given)
        case ast.JoinedStr(values=parts):
            return "".join(map(_text, parts))
        case _:
            return GAP


def run_by_stories() -> set[str]:
    """The commands of all stories."""
    sources = [file.read_text(encoding="utf-8") for file in STORIES]
    known = {name: line for source in sources for name, line in helpers(source).items()}
    return {line for source in sources for line in commands(source, known)}
