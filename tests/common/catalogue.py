"""Things to sell, made through the services that make them in the product."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from belgenet.academy.catalog.schemas import CourseIn, LessonIn, SectionIn
from belgenet.academy.catalog.services import contents, courses
from belgenet.commerce.orders.interfaces import OrderOwner
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.orders.services.place import WantedLine, place
from belgenet.commerce.payments.services.books import lock_order
from belgenet.core.db import utcnow
from belgenet.core.money import MoneyIn
from belgenet.kurban.campaigns import services as campaigns
from belgenet.kurban.campaigns.schemas import CampaignIn, CampaignPatch, OptionIn, Titles
from belgenet.kurban.consents import services as consents
from belgenet.kurban.consents.schemas import ConsentTextIn
from belgenet.kurban.shares.services import animals

TEXT = "Kurbanımı satın almaya, kesmeye ve kestirmeye vekil tayin ettim."
HOLD = timedelta(minutes=35)
LIRA = "TRY"


@dataclass
class Shop:
    """A published campaign with stock, and the text to consent to."""

    campaign_id: uuid.UUID
    slug: str
    cattle: uuid.UUID
    small: uuid.UUID
    text_id: uuid.UUID
    sha256: str

    def details(self, *names: str, **consent: Any) -> dict[str, Any]:
        """``details`` of an order line for these people."""
        people = [{"full_name": name, "intention": "vacip", "relation": None} for name in names]
        accepted = {"text_id": str(self.text_id), "sha256": self.sha256, "accepted": True, **consent}
        return {"participants": people, "consent": accepted}

    def line(self, quantity: int, option: uuid.UUID | None = None, **consent: Any) -> dict[str, Any]:
        """A line of an order body."""
        names = [f"Hissedar {number}" for number in range(1, quantity + 1)]
        ref = str(option or self.cattle)
        return {"kind": "kurban_share", "ref": ref, "quantity": quantity, "details": self.details(*names, **consent)}


def price(amount: str) -> MoneyIn:
    return MoneyIn(amount=amount, currency=LIRA)


def make_shop(
    system: Any, tenant: Any, *, cattle: int = 1, small: int = 2, text: str = TEXT, slug: str = "vacip"
) -> Shop:
    """A campaign with ``cattle`` cattle and ``small`` small animals."""
    with system.request(tenant) as request:
        session = request.db
        body = CampaignIn(
            title=Titles(tr="Vacip Kurban", en="Obligatory Qurban"),
            slug=slug,
            summary="Özet",
            region=Titles(tr="Çad", en="Chad"),
            slaughter_date=(utcnow() + timedelta(days=20)).date(),
            closes_at=utcnow() + timedelta(days=19),
        )
        row = campaigns.create(session, body, "tr")
        share = OptionIn(
            title=Titles(tr="Büyükbaş hisse", en="Cattle share"), animal_class="cattle", price=price("8500.00")
        )
        whole = OptionIn(title=Titles(tr="Küçükbaş", en="Small animal"), animal_class="small", price=price("12000.00"))
        first = campaigns.add_option(session, row, share, "tr")
        second = campaigns.add_option(session, row, whole, "tr")
        if cattle:
            animals.add(session, first, cattle)
        if small:
            animals.add(session, second, small)
        words = consents.current_texts(session).get("tr")
        if words is None or words.body != text:
            words = consents.publish(session, ConsentTextIn(locale="tr", title="Vekâlet", body=text), None)
        campaigns.change(session, row, CampaignPatch(status="published"), "tr")
        assert words.sha256 == hashlib.sha256(text.encode()).hexdigest()
        return Shop(row.id, row.slug, first.id, second.id, words.id, words.sha256)


def make_course(
    system: Any,
    tenant: Any,
    *,
    title: str = "Tecvid Dersleri",
    lessons: int = 3,
    publish: bool = True,
    amount: str = "750.00",
) -> uuid.UUID:
    """A course of text lessons in one section."""
    with system.request(tenant) as request:
        session = request.db
        row = courses.create(session, CourseIn(title=title, price=price(amount), tax_rate=Decimal(20)))
        section = contents.add_section(session, row, SectionIn(title="Giriş"))
        for number in range(1, lessons + 1):
            body = LessonIn(title=f"Ders {number}", kind="text", body_html=f"<p>Ders {number}</p>", duration_minutes=10)
            contents.add_lesson(session, section, body)
        if publish:
            courses.publish(session, row)
        return row.id


def course_line(course_id: uuid.UUID) -> dict[str, Any]:
    """A line of an order body."""
    return {"kind": "course", "ref": str(course_id), "quantity": 1, "details": {}}


def owner(account_id: uuid.UUID) -> OrderOwner:
    return OrderOwner(
        account_id=account_id,
        email="ayse@example.org",
        full_name="Ayşe Işık",
        at=utcnow(),
        client_address="127.0.0.9",
        user_agent="Test/1",
    )


def place_order(system: Any, tenant: Any, account_id: uuid.UUID, *lines: dict[str, Any]) -> uuid.UUID:
    """Place an order as the use case does it, without HTTP."""
    wanted = [WantedLine(line["kind"], line["ref"], line["quantity"], line["details"]) for line in lines]
    with system.request(tenant) as request:
        sellables = request.registry["belgenet.sellables"]
        row = place(request.db, sellables, slug=tenant.slug, owner=owner(account_id), wanted=wanted, hold=HOLD)
        return row.id


def settle(system: Any, tenant: Any, order_id: uuid.UUID, step: str = "fulfil") -> str | None:
    """Let commerce hand out (``fulfil``), give up (``release``) or take back (``revoke``) all lines, in one transaction."""
    with system.request(tenant) as request:
        order = lock_order(request.db, order_id)
        lines = allocation.lines_of(request.db, order)
        sellables = request.registry["belgenet.sellables"]
        if step == "fulfil":
            return allocation.fulfil(request.db, sellables, order, lines, utcnow() + HOLD)
        getattr(allocation, step)(request.db, sellables, order, lines)
        return None
