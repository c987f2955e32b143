"""The part of ``belgenet_units`` that runs where the playbook does; see the module of that name."""

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Ansible finds it by this name."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the module did; ``places`` of the result names the units that changed."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.args.get("units") == []:
            return {**result, "changed": False, "places": []}
        result.update(self._execute_module(task_vars=task_vars))
        if result.get("changed"):
            # `belgenet apply` and `belgenet drift` name them, as they would name the elements of a loop.
            result["_ansible_verbose_always"] = True
        return result
