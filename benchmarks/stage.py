"""A stage to measure on: a PostgreSQL of our own with one tenant, its people, and as many orders as wanted."""

import base64
import dataclasses
import random
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership, RefreshSession
from belgenet.core.db import utcnow, uuid7
from belgenet.core.db.migrate import alembic_config
from belgenet.core.security.keyring import Keyring
from belgenet.core.security.tokens import AccessTokens
from belgenet.tenancy.platform import create_tenant
from belgenet.tenancy.schemas import TenantIn
from belgenet.testing.servers import DatabaseCredentials, PostgresServer, superuser_engine

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SLUG, DOMAIN = "vakif", "localhost"
HOST = f"{SLUG}.{DOMAIN}"
TOKEN_SECONDS = 24 * 3600
DONORS = 50


@dataclasses.dataclass
class Person:
    """Somebody with a living session."""

    account_id: uuid.UUID
    token: str


class Stage:
    """The database and who is in it."""

    def __init__(self, postgres: PostgresServer, name: str = "benchmark") -> None:
        self.postgres = postgres
        self.database: DatabaseCredentials = postgres.create_database(name)
        command.upgrade(alembic_config(self.database.owner_url), "head")
        self._tokens = AccessTokens(Keyring.parse("key", f"bench:{KEY}"), TOKEN_SECONDS)
        engine = superuser_engine(postgres.url, name)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            tenant = create_tenant(session, TenantIn(slug=SLUG, name="Vakıf", kind="charity"))  # type: ignore[arg-type]
            self.tenant_id = tenant.id
            self.admin = self._person(session, "TENANT_ADMIN", 0)
            self.donors = [self._person(session, "DONOR", number) for number in range(1, DONORS + 1)]
        engine.dispose()

    def environment(self) -> dict[str, str]:
        """Settings of our application on this stage."""
        values = {
            "app_environment": "production",
            "app_base_domain": DOMAIN,
            "app_public_scheme": "http",
            "database_url": self.database.app_url,
            "database_platform_url": self.database.platform_url,
            "database_relay_url": self.database.relay_url,
            "security_jwt_keys": f"bench:{KEY}",
            "security_master_keys": f"bench:{KEY}",
        }
        return {f"BELGENET_{key.upper()}": value for key, value in values.items()}

    def _person(self, session: Session, role: str, number: int) -> Person:
        account = Account(email=f"p{number}@example.org", full_name=f"Ayşe Işık {number}", locale="tr")
        account.email_verified_at = utcnow()
        session.add(account)
        session.flush()
        session.add(Membership(tenant_id=self.tenant_id, account_id=account.id, roles=[role]))
        session.flush()
        opened = RefreshSession(
            tenant_id=self.tenant_id,
            account_id=account.id,
            client="web",
            device="benchmark",
            family_hash=secrets.token_bytes(32),
            token_hash=secrets.token_bytes(32),
            expires_at=utcnow() + timedelta(days=1),
        )
        session.add(opened)
        session.flush()
        return Person(account.id, self._tokens.issue(account.id, self.tenant_id, opened.id))

    def add_orders(self, count: int) -> list[tuple[uuid.UUID, Person]]:
        """Paid orders of two lines, one payment and one certificate each; who owns them."""
        chance = random.Random(count)
        made = [(uuid7(), chance.choice(self.donors)) for _ in range(count)]
        begin = datetime.now(UTC) - timedelta(seconds=count)
        with psycopg.connect(make_conninfo(self.postgres.url, dbname=self.database.name)) as connection:
            for table, rows in _TABLES.items():
                _copy(
                    connection, table, (row for item in enumerate(made) for row in rows(self.tenant_id, begin, *item))
                )
            connection.commit()
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
        return made


def _copy(connection: psycopg.Connection[Any], table: str, rows: Any) -> None:
    first = next(rows)
    names = sql.SQL(", ").join(map(sql.Identifier, first))
    with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        copy.write_row(list(first.values()))
        for row in rows:
            copy.write_row(list(row.values()))


def _price(index: int) -> int:
    return 1_000_000 + index % 977 * 125


def _order(tenant: uuid.UUID, begin: datetime, index: int, item: tuple[uuid.UUID, Person]) -> list[dict[str, Any]]:
    order_id, person = item
    at = begin + timedelta(seconds=index)
    return [
        {
            "id": order_id,
            "tenant_id": tenant,
            "number": f"VAK-{index:08d}",
            "account_id": person.account_id,
            "status": "paid",
            "currency": "TRY",
            "total_minor": 2 * _price(index),
            "paid_minor": 2 * _price(index),
            "refunded_minor": 0,
            "locale": "tr",
            "contact_name": "Şükrü Çağlayan Öztürk",
            "contact_email": f"p{index % DONORS}@example.org",
            "hold_expires_at": at + timedelta(minutes=35),
            "paid_at": at,
            "allocated_at": at,
            "created_at": at,
            "updated_at": at,
        }
    ]


def _lines(tenant: uuid.UUID, _begin: datetime, index: int, item: tuple[uuid.UUID, Person]) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid7(),
            "tenant_id": tenant,
            "order_id": item[0],
            "position": position,
            "kind": "kurban_share",
            "ref": f"01890000-0000-7000-8000-00000000000{position}",
            "title": "Vacip kurban, büyükbaş hisse",
            "category": "donation",
            "quantity": 1,
            "unit_price_minor": _price(index),
            "total_minor": _price(index),
            "tax_rate_percent": "0.00",
            "net_minor": _price(index),
            "tax_minor": 0,
            "revenue_account": "donations",
            "certificate_follows": True,
            "state": "fulfilled",
            "details": Jsonb({"participants": [{"full_name": "Ayşe Işık", "intention": "vacip"}], "consent": "v1"}),
        }
        for position in range(2)
    ]


def _payment(tenant: uuid.UUID, begin: datetime, index: int, item: tuple[uuid.UUID, Person]) -> list[dict[str, Any]]:
    at = begin + timedelta(seconds=index)
    return [
        {
            "id": uuid7(),
            "tenant_id": tenant,
            "order_id": item[0],
            "provider": "iyzico",
            "amount_minor": 2 * _price(index),
            "currency": "TRY",
            "state": "confirmed",
            "provider_ref": str(index),
            "confirmed_at": at,
            "created_at": at,
            "updated_at": at,
        }
    ]


def _certificate(
    tenant: uuid.UUID, begin: datetime, index: int, item: tuple[uuid.UUID, Person]
) -> list[dict[str, Any]]:
    at = begin + timedelta(seconds=index)
    return [
        {
            "id": uuid7(),
            "tenant_id": tenant,
            "kind": "kurban_order",
            "subject_id": item[0],
            "order_id": item[0],
            "owner_id": item[1].account_id,
            "recipient": "Şükrü Çağlayan Öztürk",
            "email": "p@example.org",
            "locale": "tr",
            "code": f"B{index:015d}",
            "number": f"2026-{index:08d}",
            "state": "READY",
            "current": True,
            "facts": Jsonb({"title": "Kurban", "lines": [{"name": "Ayşe Işık", "detail": "hisse 1"}] * 2}),
            "object_key": f"t/{tenant}/certificates/{index}",
            "sha256": "0" * 64,
            "size": 40_000,
            "pages": 1,
            "attempts": 1,
            "ready_at": at,
            "created_at": at,
            "updated_at": at,
        }
    ]


_TABLES = {"orders": _order, "order_lines": _lines, "payments": _payment, "certificates": _certificate}


def folder_of(name: str) -> Path:
    """Where a benchmark keeps what may stay between runs (peers' environment)."""
    folder = Path(__file__).parent.parent / "var" / "benchmarks" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
