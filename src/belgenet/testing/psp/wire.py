"""JSON as providers really send it: amounts are bare numbers whose zeros survive."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MARK = re.compile(r'\{"@number":"([0-9.]+)"\}')


@dataclass(frozen=True, slots=True)
class Number:
    """An amount that is written into JSON as it stands: `Number("100.50")` -> 100.50."""

    text: str


def raw_json(body: Any) -> bytes:
    """Encode a body; `Number` keeps its trailing zeros, which Python's floats and ints would lose."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_mark)
    return MARK.sub(r"\1", text).encode()


def load(raw: bytes) -> Any:
    """Decode JSON with exact amounts."""
    return json.loads(raw, parse_float=Decimal)


def _mark(value: Any) -> dict[str, str]:
    if isinstance(value, Number):
        return {"@number": value.text}
    raise TypeError(f"not JSON: {value!r}")
