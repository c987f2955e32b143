from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from belgenet.core.money import MoneyOut
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, In, Out, Patch, ShortText, Timestamp
from belgenet.tenancy.schemas import PlatformTenantOut, TenantIn


class DashboardQuery(In):
    """How many days to look back."""

    days: int = Field(default=30, ge=7, le=92)


class Point(Out):
    """One day of a series: ``value`` counts, ``money`` sums."""

    date: date
    value: int | None = None
    money: MoneyOut | None = None


class CardOut(Out):
    """One figure: ``value`` or ``money``. ``change_percent`` compares with as many days before; null when those had nothing."""

    key: str
    title: str
    value: int | None = None
    money: MoneyOut | None = None
    change_percent: float | None = None
    series: list[Point]


class AttentionOut(Out):
    """Things that wait for a person at a page of the panel."""

    kind: str
    title: str
    count: int
    link: str


class AuditOut(Out):
    """One recorded act. ``before`` and ``after`` hold the fields that changed."""

    id: Id
    action: str
    actor_id: Id | None
    actor_name: str | None
    actor_address: str | None
    target_type: str
    target_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    created_at: Timestamp


class DashboardOut(Out):
    """The panel's first page. ``activity`` is empty for those who may not read the audit log."""

    since: Timestamp
    until: Timestamp
    cards: list[CardOut]
    attention: list[AttentionOut]
    activity: list[AuditOut]


class DeadLetterOut(Out):
    """A piece of background work that failed too often. ``state`` is ``pending`` after a retry, ``done`` when that worked."""

    id: Id
    consumer: str
    queue: str
    topic: str
    state: Literal["pending", "done", "dead"]
    attempts: int
    error: str | None
    created_at: Timestamp
    finished_at: Timestamp | None


class DeadLettersQuery(PageQuery):
    """Optionally of one consumer."""

    consumer: str | None = Field(default=None, max_length=100)


class RetryLettersIn(In):
    """Which dead letters to try again: the oldest ``limit``, of one consumer or of all."""

    consumer: str | None = Field(default=None, max_length=100)
    limit: int = Field(default=100, ge=1, le=500)


class RetriedOut(Out):
    """How many were given another chance, and how many more match."""

    retried: int
    remaining: int


class WorkOut(Out):
    """Unfinished work of one consumer. ``oldest_seconds``: how long ago its oldest event happened."""

    queue: str
    consumer: str
    pending: int
    retrying: int
    dead: int
    oldest_seconds: int | None


class TasksOut(Out):
    """Background work of the tenant. ``undispatched``: events the relay has not seen yet."""

    undispatched: int
    pending: int
    dead: int
    work: list[WorkOut]


class AuditFilter(In):
    """``action``: an act (``user.update``) or a domain (``user``). ``target``: a type (``account``) or ``type:id``."""

    action: str | None = Field(default=None, max_length=100)
    actor: Id | None = None
    target: str | None = Field(default=None, max_length=200)
    since: AwareDatetime | None = Field(default=None, alias="from")
    until: AwareDatetime | None = Field(default=None, alias="to")


class AuditQuery(PageQuery, AuditFilter):
    """Newest first."""


class ChainOut(Out):
    """Verdict on the chain of hashes: ``finding`` says, in English and for whoever investigates, what broke first."""

    whole: bool
    sealed: int
    finding: str | None


Domain = Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class NewTenant(TenantIn):
    """A new tenant, and who administers it first."""

    admin_email: str | None = Field(default=None, min_length=3, max_length=254)


class TenantPatch(Patch):
    """Changed parts of a tenant, as the institution sees it. ``storage_quota_bytes`` null: no limit."""

    nullable: ClassVar[frozenset[str]] = frozenset({"domain", "storage_quota_bytes"})

    name: ShortText | None = None
    domain: Domain | None = None
    suspended: bool | None = None
    storage_quota_bytes: int | None = Field(default=None, ge=0, le=2**53)


class ManagedTenantOut(PlatformTenantOut):
    """A tenant for the institution's console. ``invited``: an administrator was asked to set a password."""

    version: int
    created_at: Timestamp
    storage_quota_bytes: int | None
    invited: bool | None = None
