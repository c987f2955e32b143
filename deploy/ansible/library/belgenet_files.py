"""Ansible module: folders, files and links, as many as there are in one run of the module.

Its twin in ``action_plugins`` renders templates and reads files where the playbook runs; this part lays them on the server.
"""

import base64
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: belgenet_files
short_description: Folders, files and links, in one run of the module
description:
  - What is to be absent goes first, then come folders, files and links, each list in its order.
  - Everything is looked at before anything is changed, so that a mistake in the last entry leaves the first ones alone.
  - >-
    An entry with C(for_each) stands for one entry per element; its texts may then name the element as Python's str.format does:
    C({item}), C({item[name]}). A template sees the element as C(item).
options:
  folders:
    description: >-
      C(path), C(owner) (root), C(group) (root), C(mode) ("0755"). Missing parents are made alike. A link to a folder stays.
    type: list
    elements: raw
    default: []
  files:
    description: >-
      One of C(template) (rendered), C(copy) (a file or a whole folder, as it is) and C(content) (text); C(dest), C(owner) (root),
      C(group) (root), C(mode) ("0644"), C(validate) (a command with %s for the file). A link at C(dest) is replaced.
    type: list
    elements: raw
    default: []
  links:
    description: C(path), C(to) (need not be there), C(force) (also where a file is).
    type: list
    elements: raw
    default: []
  absent: {description: Files and links that are not to be there., type: list, elements: str, default: []}
  contents: {description: Set by the twin - what is in each file, type: list, elements: str, default: []}
"""

# Entries are checked by the twin, which knows what was written; here they have become plain.
OPTIONS = {
    **{name: {"type": "list", "elements": "raw", "default": []} for name in ("folders", "files", "links")},
    "absent": {"type": "list", "elements": "str", "default": []},
    # Apart from their files and in base64, so that the journal, which notes what a module is asked for, gets no secret to keep.
    "contents": {"type": "list", "elements": "str", "default": [], "no_log": True},
}
LARGEST_DIFF = 100 * 1024


class Layout:
    """Looks at one place after the other and, unless the module runs in check mode, puts it right."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self.places: list[str] = []
        self.diff: list[dict[str, Any]] = []

    def lay(self) -> None:
        """All that the task lists."""
        wanted = self._module.params
        for path in wanted["absent"]:
            self._one(path, self._absent, {})
        for entry in wanted["folders"]:
            self._one(entry["path"], self._folder, entry)
        for entry, content in zip(wanted["files"], wanted["contents"], strict=True):
            self._one(entry["dest"], self._file, {**entry, "content": base64.b64decode(content)})
        for entry in wanted["links"]:
            self._one(entry["path"], self._link, entry)

    def _one(self, place: str, put: Callable[..., bool], entry: dict[str, Any]) -> None:
        asked = {name: value for name, value in entry.items() if name not in {"path", "dest"}}
        try:
            changed = put(Path(place), **asked)
        except OSError as error:
            self._module.fail_json(msg=f"{place}: {error.strerror or error}", places=self.places)
        if changed:
            self.places.append(place)

    def _absent(self, path: Path) -> bool:
        if not os.path.lexists(path):
            return False
        if path.is_dir() and not path.is_symlink():
            self._module.fail_json(msg=f"{path} is a folder; only files and links are removed here")
        if not self._module.check_mode:
            path.unlink()
        self._note(path, {"state": "there"}, {"state": "absent"})
        return True

    def _folder(self, path: Path, owner: str, group: str, mode: str) -> bool:
        if os.path.lexists(path):
            if not path.is_dir():
                self._module.fail_json(msg=f"{path} is not a folder; move away what is there")
            return self._attributes(path.resolve(), owner, group, mode)
        if not self._module.check_mode:
            missing = [place for place in (path, *path.parents) if not place.is_dir()]
            for place in reversed(missing):
                place.mkdir()
                self._attributes(place, owner, group, mode, tell=False)
        self._note(path, {"state": "absent"}, {"state": "directory"})
        return True

    def _file(self, dest: Path, owner: str, group: str, mode: str, validate: str | None, content: bytes) -> bool:
        current = self._read(dest)
        # Rights first: what is put into a file that was open to too many is not to be read by them.
        changed = current is not None and self._attributes(dest, owner, group, mode)
        if current == content:
            return changed
        if not self._module.check_mode:
            self._write(dest, content, validate)
            self._attributes(dest, owner, group, mode, tell=False)
        sides = _sides(current or b"", content)
        self.diff.append({"before_header": str(dest), "after_header": str(dest), **sides})
        return True

    def _read(self, dest: Path) -> bytes | None:
        """What is in a file; None: there is none, or a link is in its place."""
        if dest.is_symlink() or not dest.exists():
            return None
        if not dest.is_file():
            what = "a folder" if dest.is_dir() else "no ordinary file"
            self._module.fail_json(msg=f"{dest} is {what}; move away what is there")
        return dest.read_bytes()

    def _write(self, dest: Path, content: bytes, validate: str | None) -> None:
        if not dest.parent.is_dir():
            self._module.fail_json(msg=f"{dest}: its folder is missing", places=self.places)
        handle, made = tempfile.mkstemp(dir=self._module.tmpdir)
        self._module.add_cleanup_file(made)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if validate:
            code, said, complaint = self._module.run_command(validate.replace("%s", made))
            if code:
                self._module.fail_json(msg=f"{dest} would not be valid: {(complaint or said).strip()[-2000:]}")
        if dest.is_symlink():
            dest.unlink()
        self._module.atomic_move(made, str(dest))

    def _link(self, path: Path, to: str, force: bool) -> bool:
        before = str(path.readlink()) if path.is_symlink() else None
        if before == to:
            return False
        if before is None and os.path.lexists(path) and (not force or path.is_dir()):
            self._module.fail_json(msg=f"{path} is not a link; move away what is there")
        if not self._module.check_mode:
            made = path.with_name(f"{path.name}.belgenet-new")
            made.unlink(missing_ok=True)
            made.symlink_to(to)
            made.rename(path)
        self._note(path, {"link": before}, {"link": to})
        return True

    def _attributes(self, path: Path, owner: str, group: str, mode: str, *, tell: bool = True) -> bool:
        asked = {"path": str(path), "owner": owner, "group": group, "mode": mode}
        sides: dict[str, Any] = {}
        wanted = self._module.load_file_common_arguments(asked)
        changed = bool(self._module.set_fs_attributes_if_different(wanted, changed=False, diff=sides))
        if changed and tell:
            self._note(path, sides.get("before", {}), sides.get("after", {}))
        return changed

    def _note(self, path: Path, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.diff.append({"before_header": str(path), "after_header": str(path), "before": before, "after": after})


def _sides(before: bytes, after: bytes) -> dict[str, Any]:
    """Both texts of a difference, or why they are not shown; keys as Ansible's own modules have them."""
    sides: dict[str, Any] = {}
    for side, binary, larger, content in (
        ("before", "dst_binary", "dst_larger", before),
        ("after", "src_binary", "src_larger", after),
    ):
        if b"\0" in content:
            sides[binary] = True
        elif len(content) > LARGEST_DIFF:
            sides[larger] = LARGEST_DIFF
        else:
            sides[side] = content.decode("utf-8", "replace")
    return sides


def main() -> None:
    """See the documentation above."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    # A new file has its owner and mode a moment after its name; until then only root may read it.
    os.umask(0o077)
    asked_to_look = module.check_mode
    module.check_mode = True
    look = Layout(module)
    look.lay()
    module.check_mode = asked_to_look
    if look.places and not module.check_mode:
        Layout(module).lay()
    # Not before it is asked for: a task whose files are secret says `diff: false`.
    diff = look.diff if module._diff else []  # noqa: SLF001 -- Ansible has no other place for it
    module.exit_json(changed=bool(look.places), places=look.places, diff=diff)


if __name__ == "__main__":
    main()
