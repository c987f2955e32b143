"""What modules share comes compiled out of Ansible's own environment, and out of the archive where that cannot be."""

import re
from pathlib import Path
from typing import Any

import yaml
from tests.unit.deploy.conftest import PLAYBOOKS, Controller, Run

TELL = """
import os, sys
from ansible.module_utils import basic
from ansible.module_utils.common import parameters
left = [name for name in ("PYTHONPATH", "BELGENET_ANSIBLE_PYTHON") if name in os.environ]
module = basic.AnsibleModule(argument_spec={"word": {"type": "str"}}, supports_check_mode=True)
found = module.run_command([sys.executable, "-c", "import os; print('PYTHONPATH' in os.environ)"])[1].strip()
compiled = f"compiled: {os.path.exists(basic.__cached__ or str())}"
module.exit_json(changed=False, said=[basic.__file__, parameters.__file__, compiled], left=left, child=found,
                 word=module.params["word"])
"""
"""A module that says where its parts come from."""


def environment() -> dict[str, str]:
    """The play's own."""
    (play,) = yaml.safe_load((PLAYBOOKS / "site.yml").read_text())
    place = repr(str(PLAYBOOKS))
    return {name: str(value).replace("playbook_dir", place) for name, value in play["environment"].items()}


def told(controller: Controller, **instead: str) -> Run:
    """What a module says whose run begins as in ``site.yml``."""
    library = controller.folder / "library"
    library.mkdir()
    (library / "tell.py").write_text(TELL)
    task: dict[str, Any] = {"tell": {"word": "şey"}, "environment": environment() | instead, "register": "told"}
    said = {"ansible.builtin.debug": {"msg": "{{ told.said + [told.left | length, told.child, told.word] }}"}}
    run = controller.play(task, said)
    assert run.code == 0, run.text
    return run


def test_what_modules_share_is_ansibles_own_and_compiled(controller: Controller):
    said = told(controller).text
    home = Path(controller.program).parent.parent
    for name in ("basic", "common/parameters"):
        assert f"{home}/lib/" in said
        assert f"site-packages/ansible/module_utils/{name}.py" in said
        assert f"payload.zip/ansible/module_utils/{name}.py" not in said
    assert "compiled: True" in said
    assert re.search(r"- 0\n\s*- .?False", said), f"what the module starts sees neither variable: {said}"
    assert "şey" in said
    assert not list(PLAYBOOKS.glob("startup/__pycache__")), "a bundle has no files that are not on its list"


def test_where_no_such_environment_is_the_archive_serves(controller: Controller):
    said = told(controller, BELGENET_ANSIBLE_PYTHON="/srv/nowhere/bin/python").text
    assert "payload.zip/ansible/module_utils/basic.py" in said
    assert "şey" in said
