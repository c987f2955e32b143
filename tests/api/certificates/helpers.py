"""What tests of certificates ask a system about one."""

import uuid
from datetime import UTC, datetime
from typing import Any

from belgenet.core.signing.offline import OfflineVerifier, Outcome
from belgenet.core.signing.published import KeySet, open_revocations


def code_of(person: Any, certificate_id: uuid.UUID) -> str:
    """The verification code, as its owner sees it."""
    return person.client.get(f"/certificates/{certificate_id}", status=200).json["code"]


def judge(app: Any, pdf: bytes) -> Outcome:
    """What a stranger with the published documents, and no more, says of a file."""
    keys = KeySet.parse(app.get("/certificates/keys", status=200).body)
    revocations = open_revocations(app.get("/certificates/revocations", status=200).body, keys)
    return OfflineVerifier(keys, datetime.now(UTC), revocations).check_file(pdf).outcome


def standing(app: Any, code: str) -> str:
    """What the public check says of a code."""
    return app.get(f"/certificates/verify/{code}", status=200).json["status"]
