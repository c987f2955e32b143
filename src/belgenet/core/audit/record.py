from typing import Any

from belgenet.core.audit.models import AuditEvent


def record(
    request: Any,
    action: str,
    target_type: str,
    target_id: object,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write the act in the request's own transaction, so act and record stand or fall together.

    :param action: ``<domain>.<verb>``, e.g. ``certificate.revoke``.
    :param before: changed fields with their old values; JSON types only.
    """
    identity = getattr(request, "identity", None) if request.environ.get("REMOTE_ADDR") else None
    request.db.add(
        AuditEvent(
            action=action,
            actor_id=identity.account_id if identity else None,
            actor_address=request.environ.get("REMOTE_ADDR"),
            target_type=target_type,
            target_id=str(target_id),
            before=before,
            after=after,
            request_id=request.id,
        )
    )
