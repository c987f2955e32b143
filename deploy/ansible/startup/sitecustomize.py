"""Every run of a module begins here: it gets Ansible's ``module_utils`` compiled, out of the environment that the playbook runs in.

Ansible hands each module its source together with that of ``module_utils`` as a zip archive. Python compiles all of it each time
and keeps nothing: half of what a small task costs. It is the same source as in the environment, and the playbook runs on the server
itself, so that what the installation compiled there serves as well. ``ansible.modules`` and our own come out of the archive.

``site.yml`` sets the two variables that are taken away here: what a module starts does not see them.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_NAME = "ansible.module_utils"


class Compiled:
    """Finds the one package; whatever lies below it is then found beside it.

    :param folder: of the package.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See :meth:`importlib.abc.MetaPathFinder.find_spec`."""
        del path, target
        if name != _NAME:
            return None
        places = [str(self._folder)]
        return importlib.util.spec_from_file_location(
            name, self._folder / "__init__.py", submodule_search_locations=places
        )


os.environ.pop("PYTHONPATH", None)
if program := os.environ.pop("BELGENET_ANSIBLE_PYTHON", ""):
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"  # another one's would have to be compiled, too
    package = Path(program).parent.parent / "lib" / version / "site-packages" / "ansible" / "module_utils"
    if (package / "__init__.py").is_file():
        sys.meta_path.insert(0, Compiled(package))
