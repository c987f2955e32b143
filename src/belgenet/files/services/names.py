import re
import unicodedata
from typing import Final
from urllib.parse import quote

MAX_LENGTH: Final = 180
_EXTENSION: Final = re.compile(r"\.[^.\s]{1,10}\Z")
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control and format characters (direction overrides among them, which make ``gpj.exe`` look like ``exe.jpg``), lone surrogates."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Format characters that Persian and Indic words need."""


def clean_name(given: str) -> str:
    """A file name that keeps its script and extension, and nothing that a path, a header or a reader could trip over.

    :returns: at most ``MAX_LENGTH`` characters; ``file`` when nothing is left.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(char for char in name if unicodedata.category(char) not in _UNSAFE or char in _JOINERS)
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).strip(". ")
    if len(name) > MAX_LENGTH:
        found = _EXTENSION.search(name)
        extension = found.group() if found else ""
        name = name[: MAX_LENGTH - len(extension)].rstrip(". ") + extension
    return name.strip(f". {''.join(_JOINERS)}") or "file"


def disposition(kind: str, name: str) -> str:
    """``Content-Disposition`` (RFC 6266) whose name survives in any script: RFC 8187 text only, which every browser reads."""
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}"
