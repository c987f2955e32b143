"""All questions, in the order in which they are asked, and how bad a wrong answer is."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.objectstore import guards, questions
from belgenet.appliance.objectstore.conformance import Check, Finding, Subject, run

CHECKS: Final[dict[str, tuple[str, Check]]] = {
    "reachable": ("error", questions.reachable),
    "encrypted_line": ("warning", guards.encrypted_line),
    "clock": ("error", questions.clock),
    "put_get": ("error", questions.put_get),
    "overwrite": ("error", questions.overwrite),
    "unicode_key": ("error", questions.unicode_key),
    "ranges": ("error", questions.ranges),
    "conditional_put": ("error", questions.conditional_put),
    "multipart": ("error", questions.multipart),
    "listing": ("error", questions.listing),
    "delete": ("error", questions.delete),
    "anonymous": ("error", guards.anonymous),
    "wrong_secret": ("error", guards.wrong_secret),
    "elsewhere": ("error", guards.elsewhere),
    "makes_no_buckets": ("warning", guards.makes_no_buckets),
    "presigned_put": ("error", guards.presigned_put),
    "presigned_get": ("error", guards.presigned_get),
    "post_policy": ("error", guards.post_policy),
    "unsigned_trailer": ("error", guards.unsigned_trailer),
    "versions_off": ("warning", questions.versions_off),
    "encryption_off": ("error", questions.encryption_off),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Ask everything."""
    return run(subject, CHECKS)
