"""What the operator says about this server: ``/etc/belgenet/site.yml``."""

from pathlib import Path
from typing import Any, Final

import yaml

from belgenet.appliance import places

_TRUE: Final = {"true", "yes", "on", "1"}
_FALSE: Final = {"false", "no", "off", "0"}


class SiteError(Exception):
    """The file is missing, or it is not what it should be."""


def read_site(path: Path = places.SITE) -> dict[str, Any]:
    """The operator's variables, by name (``belgenet_domain``, ...).

    :raises SiteError: with the file's name, and the line where YAML ends to be YAML.
    """
    try:
        answers = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SiteError(f"{path} is missing: this is not an installed server") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(f"{path} cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SiteError(f"{path}{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise SiteError(f"{path}: {error}") from None
    if not isinstance(answers, dict):
        raise SiteError(f"{path}: expected lines of the form belgenet_domain: example.org")
    return {str(name): value for name, value in answers.items()}


def switch(answer: Any) -> bool | None:
    """What an answer means that is yes or no, in quotes or not, as the playbooks read it; None: neither."""
    word = str(answer).lower()
    return True if word in _TRUE else False if word in _FALSE else None


def named_files(answers: Any) -> list[Path]:
    """Files that the operator's answers name, such as authorities to trust: a backup without them could not be restored.

    :param answers: as :func:`read_site` gives them, or a part of them.
    """
    if isinstance(answers, dict | list):
        parts = answers.values() if isinstance(answers, dict) else answers
        return sorted({file for part in parts for file in named_files(part)})
    named = isinstance(answers, str) and answers.startswith("/") and "\n" not in answers
    return [Path(answers)] if named and Path(answers).is_file() else []
