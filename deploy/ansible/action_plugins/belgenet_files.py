"""The part of ``belgenet_files`` that runs where the playbook does: it renders and reads, then one module run does the rest."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import callback_loader
from ansible.template import trust_as_template

_RIGHTS = {"owner": {"type": "str", "default": "root"}, "group": {"type": "str", "default": "root"}}
_EACH = {"for_each": {"type": "list", "elements": "raw"}}
_SOURCES = ("template", "copy", "content")
_ENTRIES: dict[str, dict[str, Any]] = {
    "folders": {
        "options": {
            "path": {"type": "str", "required": True},
            # Not text: a number without quotes is to be refused, not read as something else.
            "mode": {"type": "raw", "default": "0755"},
            **_RIGHTS,
            **_EACH,
        },
    },
    "files": {
        "options": {
            **{name: {"type": "str"} for name in _SOURCES},
            "dest": {"type": "str", "required": True},
            "mode": {"type": "raw", "default": "0644"},
            "validate": {"type": "str"},
            **_RIGHTS,
            **_EACH,
        },
        "mutually_exclusive": [_SOURCES],
        "required_one_of": [_SOURCES],
    },
    "links": {
        "options": {
            "path": {"type": "str", "required": True},
            "to": {"type": "str", "required": True},
            "force": {"type": "bool", "default": False},
            **_EACH,
        },
    },
}
SPEC = {
    **{name: {"type": "list", "elements": "dict", "default": [], **entry} for name, entry in _ENTRIES.items()},
    "absent": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ActionBase):
    """Ansible finds it by this name."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Spell out what the task lists and have it laid; ``places`` of the result names what changed."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, asked = self.validate_argument_spec(SPEC)
        folders = [_checked(entry, "path") for entry in _spelled_out(asked["folders"])]
        files, contents = [], []
        for entry in _spelled_out(asked["files"]):
            _checked(entry, "dest")
            for dest, content in self._contents(entry, task_vars or {}, folders):
                files.append({**_only(entry, "owner", "group", "mode", "validate"), "dest": dest})
                contents.append(base64.b64encode(content).decode("ascii"))
        plain = {
            "folders": [_only(entry, "path", "owner", "group", "mode") for entry in folders],
            "files": files,
            "contents": contents,
            "links": [_only(entry, "path", "to", "force") for entry in _spelled_out(asked["links"])],
            "absent": asked["absent"],
        }
        if any(plain.values()):
            result.update(self._execute_module(module_args=plain, task_vars=task_vars))
        else:
            result.update(changed=False, places=[])
        if (late := self._late()) and not result.get("failed"):
            result["changed"] = True
            result["places"] = [*result["places"], *late]
        if result.get("changed"):
            # `belgenet apply` and `belgenet drift` name the places, as they would name the elements of a loop.
            result["_ansible_verbose_always"] = True
        return result

    def _late(self) -> list[str]:
        """Handlers of this task that an earlier run was killed before."""
        known = callback_loader.get("belgenet_unfinished")
        return sorted(known.notified_by(self._task) & known.late(check=self._task.check_mode))

    def _contents(
        self, entry: dict[str, Any], task_vars: dict[str, Any], folders: list[dict[str, Any]]
    ) -> Iterator[tuple[str, bytes]]:
        """Place and content of each file that an entry stands for; folders they need are added to ``folders``."""
        if entry["template"] is not None:
            yield entry["dest"], self._rendered(entry, task_vars)
        elif entry["content"] is not None:
            yield entry["dest"], entry["content"].encode("utf-8", "surrogateescape")
        else:
            source = Path(self._found("files", entry["copy"]))
            if not source.is_dir():
                yield entry["dest"], source.read_bytes()
                return
            rights = {"owner": entry["owner"], "group": entry["group"], "mode": "0755"}
            folders.append({"path": entry["dest"], **rights})
            for path in sorted(source.rglob("*")):
                place = f"{entry['dest'].rstrip('/')}/{path.relative_to(source)}"
                if path.is_dir():
                    folders.append({"path": place, **rights})
                else:
                    yield place, path.read_bytes()

    def _rendered(self, entry: dict[str, Any], task_vars: dict[str, Any]) -> bytes:
        """The bytes that ansible.builtin.template would make of it."""
        source = self._found("templates", entry["template"])
        text = trust_as_template(self._loader.get_text_file_contents(source))
        places = [*task_vars.get("ansible_search_path", []), self._loader.get_basedir(), str(Path(source).parent)]
        known = {"ansible_managed": "Ansible managed", **task_vars}
        if "item" in entry:
            known["item"] = entry["item"]
        templar = self._templar.copy_with_new_env(
            searchpath=[path for place in places for path in (str(Path(place) / "templates"), place)],
            available_variables=known,
        )
        overrides = {"trim_blocks": True, "lstrip_blocks": False, "newline_sequence": "\n"}
        rendered = templar.template(text, escape_backslashes=False, overrides=overrides)
        return ("" if rendered is None else str(rendered)).encode("utf-8", "surrogateescape")

    def _found(self, kind: str, name: str) -> str:
        try:
            return str(self._find_needle(kind, name))
        except AnsibleError as error:
            raise AnsibleActionFail(str(error)) from error


def _spelled_out(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One entry for each element of ``for_each``, kept as ``item``; an entry without it as it is."""
    for entry in entries:
        plain = {name: value for name, value in entry.items() if name != "for_each"}
        if entry["for_each"] is None:
            yield plain
            continue
        for item in entry["for_each"]:
            try:
                texts = {n: v.format(item=item) if isinstance(v, str) else v for n, v in plain.items()}
            except (LookupError, ValueError, TypeError, AttributeError) as error:
                raise AnsibleActionFail(f"for_each of {entry.get('path') or entry.get('dest')}: {error!r}") from error
            yield {**texts, "item": item}


def _only(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry[name] for name in names}


def _checked(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """An entry whose place and mode are what they look like."""
    mode = entry["mode"]
    if not isinstance(mode, str) or not re.fullmatch("[0-7]{4}", mode):
        raise AnsibleActionFail(f'mode of {entry[name]}: {mode!r}; write four digits in quotes, for example "0644"')
    if not entry[name].startswith("/"):
        raise AnsibleActionFail(f"{name}: {entry[name]!r}; write a whole path, from / on")
    return entry
