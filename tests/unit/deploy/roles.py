"""Reads the roles as Ansible does, without it."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import yaml

from belgenet.appliance.site import switch

DEPLOY = Path(__file__).parents[3] / "deploy/ansible"


def environment() -> jinja2.Environment:
    """Jinja with those words of Ansible that the roles under test use."""
    shared = jinja2.FileSystemLoader(DEPLOY / "templates")
    made = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False, loader=shared)
    made.tests["search"] = lambda text, pattern: re.search(pattern, text) is not None
    made.tests["match"] = lambda text, pattern: re.match(pattern, text) is not None
    made.filters["b64decode"] = lambda text: base64.b64decode(text).decode()
    made.filters["basename"] = lambda path: Path(path).name
    made.filters["splitext"] = lambda path: [str(Path(path).with_suffix("")), Path(path).suffix]
    made.filters["regex_replace"] = lambda text, pattern, new: re.sub(pattern, new, text)
    made.filters["flatten"] = lambda items: list(_flat(items))
    made.filters["bool"] = switch
    made.filters["split"] = str.split
    made.filters["difference"] = lambda these, those: [one for one in these if one not in those]
    return made


def _flat(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def settings(**given: Any) -> dict[str, Any]:
    """What an operator gets who says nothing else."""
    return {**yaml.safe_load((DEPLOY / "group_vars/all.yml").read_text(encoding="utf-8")), **given}


def rendered(role: str, template: str, **given: Any) -> str:
    """A template of a role."""
    text = (DEPLOY / "roles" / role / "templates" / template).read_text(encoding="utf-8")
    return environment().from_string(text).render(**settings(**given))


def task(role: str, name: str, file: str = "tasks/main.yml") -> dict[str, Any]:
    """One of a role's tasks or handlers, by its name."""
    found: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "roles" / role / file).read_text(encoding="utf-8"))
    (one,) = (each for each in found if each.get("name") == name)
    return one


def variable(role: str, name: str, **given: Any) -> Any:
    """One of a role's own variables (vars/main.yml)."""
    return value(yaml.safe_load((DEPLOY / "roles" / role / "vars/main.yml").read_text(encoding="utf-8"))[name], **given)


def value(expression: str, **given: Any) -> Any:
    """What an expression of a task comes to, with or without its braces."""
    inner = expression.strip().removeprefix("{{").removesuffix("}}").strip().replace("\\", "\\\\")  # as Ansible does
    return environment().compile_expression(inner, undefined_to_none=False)(**given)
