"""What the authority says when it refuses: RFC 8555 section 6.7, RFC 9457."""

from typing import Any

_SPACE = "urn:ietf:params:acme:error:"


class AcmeProblem(Exception):  # noqa: N818 -- the standard's word
    """A refusal of one type, ``badNonce`` for example."""

    def __init__(self, kind: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.status = kind, detail, status

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        return {"type": _SPACE + self.kind, "detail": self.detail, "status": self.status}
