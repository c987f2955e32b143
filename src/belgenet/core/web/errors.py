import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Every code the API answers with. Stable: clients act on them. Texts: ``error.<code>`` in the locale catalogues."""

    # the frame
    INVALID_INPUT = "invalid_input"
    INVALID_JSON = "invalid_json"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    NOT_AUTHENTICATED = "not_authenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    TENANT_NOT_FOUND = "tenant_not_found"
    TENANT_SUSPENDED = "tenant_suspended"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    CONFLICT = "conflict"
    VERSION_REQUIRED = "version_required"
    VERSION_MISMATCH = "version_mismatch"
    IDEMPOTENCY_KEY_REQUIRED = "idempotency_key_required"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    INVALID_CURSOR = "invalid_cursor"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    INTERNAL = "internal"
    # accounts
    INVALID_CREDENTIALS = "invalid_credentials"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_LOCKED = "account_locked"
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    SESSION_EXPIRED = "session_expired"
    CSRF_FAILED = "csrf_failed"
    PASSWORD_TOO_WEAK = "password_too_weak"  # noqa: S105
    REGISTRATION_CLOSED = "registration_closed"
    LAST_ADMINISTRATOR = "last_administrator"
    # messages
    SMS_NOT_REPEATABLE = "sms_not_repeatable"
    # files
    FILE_TOO_LARGE = "file_too_large"
    FILE_EMPTY = "file_empty"
    FILE_TYPE_NOT_ALLOWED = "file_type_not_allowed"
    FILE_INFECTED = "file_infected"
    FILE_NOT_UPLOADED = "file_not_uploaded"
    FILE_IN_USE = "file_in_use"
    QUOTA_EXCEEDED = "quota_exceeded"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    # commerce
    SELLABLE_NOT_FOUND = "sellable_not_found"
    NOT_FOR_SALE = "not_for_sale"
    OUT_OF_STOCK = "out_of_stock"
    ALREADY_OWNED = "already_owned"
    ORDER_NOT_PAYABLE = "order_not_payable"
    ORDER_EXPIRED = "order_expired"
    ORDER_NOT_CANCELABLE = "order_not_cancelable"
    ORDER_MIXED_CURRENCIES = "order_mixed_currencies"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_NOT_OFFERED = "provider_not_offered"
    PAYMENT_REFUSED = "payment_refused"
    PAYMENT_IN_PROGRESS = "payment_in_progress"
    REFUND_TOO_LARGE = "refund_too_large"
    NOTHING_TO_REFUND = "nothing_to_refund"
    LINE_NOT_REFUNDABLE = "line_not_refundable"
    REFUND_NOT_THE_PRICE = "refund_not_the_price"
    SURPLUS_FIRST = "surplus_first"
    ORDER_NOT_ALLOCATABLE = "order_not_allocatable"
    ALLOCATION_FAILED = "allocation_failed"
    STILL_OUT_OF_STOCK = "still_out_of_stock"
    WEBHOOK_SIGNATURE = "webhook_signature"
    WEBHOOK_MALFORMED = "webhook_malformed"
    # certificates
    CERTIFICATE_NOT_READY = "certificate_not_ready"
    CERTIFICATE_REVOKED = "certificate_revoked"
    TEMPLATE_INVALID = "template_invalid"
    # academy
    COURSE_NOT_PUBLISHED = "course_not_published"
    COURSE_INCOMPLETE = "course_incomplete"
    SLUG_TAKEN = "slug_taken"
    # kurban
    CAMPAIGN_CLOSED = "campaign_closed"
    CONSENT_REQUIRED = "consent_required"
    CONSENT_OUTDATED = "consent_outdated"
    PARTICIPANTS_MISMATCH = "participants_mismatch"
    STOCK_IN_USE = "stock_in_use"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: a dotted path (``lines.0.quantity``), a stable code and its parameters."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - RFC 9457's name
    """An answer that is not the hoped-for one. Raising it rolls the request's transaction back.

    :param status: HTTP status.
    :param params: values for the translated text.
    :param fields: per-field findings.
    :param headers: extra response headers, e.g. ``Retry-After``.
    """

    def __init__(
        self,
        code: ErrorCode,
        status: int = 400,
        *,
        params: dict[str, Any] | None = None,
        fields: list[FieldProblem] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params or {}
        self.fields = fields or []
        self.headers = headers or {}
