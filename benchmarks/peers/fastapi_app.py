"""FastAPI with SQLAlchemy's asynchronous ORM, written as their documentation suggests: dependencies, response models."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from peers.shared import IDENTITY, PRIVILEGED, Tenants, claims_of, cursor_of, money, timestamp
from pydantic import BaseModel, PlainSerializer
from sqlalchemy import CHAR, BigInteger, DateTime, Numeric, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_URL = os.environ["PEER_DATABASE_URL"].replace("postgresql://", f"postgresql+{os.environ['PEER_DRIVER']}://")
engine = create_async_engine(_URL, pool_size=8, max_overflow=4)
Sessions = async_sessionmaker(engine, expire_on_commit=False)
tenants = Tenants()


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    number: Mapped[str]
    account_id: Mapped[uuid.UUID]
    status: Mapped[str]
    currency: Mapped[str] = mapped_column(CHAR(3))
    total_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    locale: Mapped[str]
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str | None]
    client_address: Mapped[str | None]
    hold_expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    allocated_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OrderLine(Base):
    __tablename__ = "order_lines"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    position: Mapped[int]
    kind: Mapped[str]
    ref: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    revenue_account: Mapped[str]
    certificate_follows: Mapped[bool]
    state: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Payment(Base):
    __tablename__ = "payments"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    provider: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str]
    decline: Mapped[str | None]
    created_at: Mapped[datetime]


class Certificate(Base):
    __tablename__ = "certificates"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID | None]
    code: Mapped[str] = mapped_column(CHAR(16))
    state: Mapped[str]
    current: Mapped[bool]


Timestamp = Annotated[datetime, PlainSerializer(timestamp, return_type=str)]


class MoneyOut(BaseModel):
    amount: str
    currency: str

    @classmethod
    def of(cls, minor: int, currency: str) -> "MoneyOut":
        return cls(**money(minor, currency))


class LineOut(BaseModel):
    id: uuid.UUID
    kind: str
    ref: str
    title: str
    quantity: int
    unit_price: MoneyOut
    total: MoneyOut
    tax: MoneyOut
    tax_rate_percent: str
    state: str
    details: dict[str, Any]


class PaymentOut(BaseModel):
    id: uuid.UUID
    provider: str
    state: str
    amount: MoneyOut
    decline: str | None
    created_at: Timestamp


class CertificateOut(BaseModel):
    id: uuid.UUID
    status: str
    code: str


class OrderOut(BaseModel):
    id: uuid.UUID
    number: str
    status: str
    total: MoneyOut
    paid: MoneyOut
    refunded: MoneyOut
    currency: str
    lines: list[LineOut]
    payments: list[PaymentOut]
    hold_expires_at: Timestamp | None
    certificates: list[CertificateOut]
    created_at: Timestamp
    version: int


class OrderRow(BaseModel):
    id: uuid.UUID
    number: str
    status: str
    customer: str
    email: str
    total: MoneyOut
    paid: MoneyOut
    refunded: MoneyOut
    created_at: Timestamp


class OrderPage(BaseModel):
    items: list[OrderRow]
    next: str | None


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def database() -> AsyncIterator[AsyncSession]:
    async with Sessions() as session, session.begin():
        yield session


Database = Annotated[AsyncSession, Depends(database)]


@dataclass(frozen=True, slots=True)
class Who:
    account_id: uuid.UUID
    tenant_id: uuid.UUID
    roles: frozenset[str]


_IDENTITY = text(IDENTITY.format(session=":session", account=":account", tenant=":tenant"))


async def authenticated(request: Request, session: Database) -> Who:
    """Token, tenant of the host, living session, roles of now."""
    claims = claims_of(request.headers.get("Authorization", ""))
    if tenants.stale:
        tenants.fill((await session.execute(text("SELECT slug, id FROM tenants"))).all())
    tenant_id = tenants.by_host.get(request.headers.get("Host", "").partition(":")[0])
    if claims is None or tenant_id is None or claims["tid"] != str(tenant_id):
        raise HTTPException(401)
    account = uuid.UUID(claims["sub"])
    named = {"session": uuid.UUID(claims["sid"]), "account": account, "tenant": tenant_id}
    row = (await session.execute(_IDENTITY, named)).first()
    if row is None:
        raise HTTPException(401)
    return Who(account, tenant_id, frozenset(row.roles))


Identity = Annotated[Who, Depends(authenticated)]


@app.get("/api/v1/orders/{order_id}")
async def one_order(order_id: uuid.UUID, who: Identity, session: Database, response: Response) -> OrderOut:
    order = await session.scalar(select(Order).where(Order.id == order_id, Order.tenant_id == who.tenant_id))
    if order is None or (order.account_id != who.account_id and not PRIVILEGED & who.roles):
        raise HTTPException(404)
    lines = await session.scalars(_of(OrderLine, who, order_id).order_by(OrderLine.position))
    payments = await session.scalars(_of(Payment, who, order_id).order_by(Payment.id))
    current = _of(Certificate, who, order_id).where(Certificate.current)
    certificates = await session.scalars(current.order_by(Certificate.id))
    response.headers["ETag"] = f'"v{order.version}"'
    response.headers["Cache-Control"] = "no-store"
    currency = order.currency
    return OrderOut(
        id=order.id,
        number=order.number,
        status=order.status,
        total=MoneyOut.of(order.total_minor, currency),
        paid=MoneyOut.of(order.paid_minor, currency),
        refunded=MoneyOut.of(order.refunded_minor, currency),
        currency=currency,
        lines=[_line(line, currency) for line in lines],
        payments=[_payment(row) for row in payments],
        hold_expires_at=order.hold_expires_at,
        certificates=[CertificateOut(id=row.id, status=row.state, code=row.code) for row in certificates],
        created_at=order.created_at,
        version=order.version,
    )


def _of(model: Any, who: Who, order_id: uuid.UUID) -> Any:
    return select(model).where(model.tenant_id == who.tenant_id, model.order_id == order_id)


def _line(line: OrderLine, currency: str) -> LineOut:
    return LineOut(
        id=line.id,
        kind=line.kind,
        ref=line.ref,
        title=line.title,
        quantity=line.quantity,
        unit_price=MoneyOut.of(line.unit_price_minor, currency),
        total=MoneyOut.of(line.total_minor, currency),
        tax=MoneyOut.of(line.tax_minor, currency),
        tax_rate_percent=f"{line.tax_rate_percent.normalize():f}",
        state=line.state,
        details=line.details,
    )


def _payment(row: Payment) -> PaymentOut:
    return PaymentOut(
        id=row.id,
        provider=row.provider,
        state=row.state,
        amount=MoneyOut.of(row.amount_minor, row.currency),
        decline=row.decline,
        created_at=row.created_at,
    )


@app.get("/api/v1/admin/orders")
async def all_orders(who: Identity, session: Database, response: Response, limit: int = 50) -> OrderPage:
    if "TENANT_ADMIN" not in who.roles:
        raise HTTPException(403)
    limit = min(limit, 200)
    wanted = select(Order).where(Order.tenant_id == who.tenant_id).order_by(Order.id.desc()).limit(limit + 1)
    rows = (await session.scalars(wanted)).all()
    response.headers["Cache-Control"] = "no-store"
    items = [
        OrderRow(
            id=row.id,
            number=row.number,
            status=row.status,
            customer=row.contact_name,
            email=row.contact_email,
            total=MoneyOut.of(row.total_minor, row.currency),
            paid=MoneyOut.of(row.paid_minor, row.currency),
            refunded=MoneyOut.of(row.refunded_minor, row.currency),
            created_at=row.created_at,
        )
        for row in rows[:limit]
    ]
    return OrderPage(items=items, next=cursor_of(rows[limit - 1].id) if len(rows) > limit else None)
