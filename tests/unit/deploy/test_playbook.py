"""``site.yml`` itself, where somebody runs it over SSH instead of ``fleet.yml``."""

import os
import subprocess
import sys

from tests.unit.deploy.conftest import PLAYBOOKS, Controller

INVENTORY = """belgenet:
  hosts:
    localhost:
      ansible_connection: local
  vars:
    ansible_become: false
    belgenet_domain: okul.example
    belgenet_admin_email: bilgiislem@okul.example
"""


def test_without_a_release_on_the_server_it_names_the_playbook_for_a_fleet_and_does_nothing(controller: Controller):
    inventory = controller.folder / "hosts.yml"
    inventory.write_text(INVENTORY)
    words = [controller.program, "-i", str(inventory), "site.yml", "--check"]
    done = subprocess.run(
        [*words, "-e", f"ansible_python_interpreter={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PLAYBOOKS,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(controller.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_REMOTE_TEMP": str(controller.folder / "temporary"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    told = " ".join(done.stdout.split())
    assert done.returncode != 0, done.stdout
    assert "run fleet.yml" in told
    assert "docs/operator/install.md" in told
    assert "TASK [base :" not in done.stdout
