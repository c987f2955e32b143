"""Fills an installed system as an institution's administrators would: through the API, signed in, with nothing behind its back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.appliance.machine import Machine

from belgenet.cli.story.browser import Browser
from belgenet.testing.demo.data import vekalet

PASSWORD = "mavi-tekne-dokuz-liman"
TENANTS = {"vakif": ("charity", "Deneme Vakfı"), "akademi": ("academy", "Deneme Akademisi")}
"""Slug -> kind and name."""


def found(server: Machine) -> None:
    """Create the tenants and an administrator of each, on the server as its operator."""
    for slug, (kind, name) in TENANTS.items():
        server.run(["belgenet", "tenant", "create", slug, "--name", name, "--kind", kind])
        line = f"belgenet user create --tenant {slug} --email {email(slug)} --name 'Ayşe Yönetici' --role TENANT_ADMIN"
        server.run(f"{line} --password-stdin", input=f"{PASSWORD}\n")


def email(slug: str) -> str:
    """A tenant's administrator."""
    return f"yonetici@{slug}.example"


def sign_in(browser: Browser, address: str, password: str = PASSWORD) -> None:
    """Sign a person in; what the browser asks for from now on, it asks as them."""
    given = {"email": address, "password": password, "client": "native"}
    browser.token = browser.api("POST", "/auth/login", given)["access_token"]


def fill_charity(browser: Browser) -> Any:
    """A vekâlet text and a campaign with two free cattle; the published campaign."""
    for locale in ("tr", "en"):
        words = {"locale": locale, "title": vekalet.TITLE[locale], "body": vekalet.BODY[locale]}
        browser.api("POST", "/admin/consent-texts", words)
    day = datetime.now(UTC).date() + timedelta(days=60)
    campaign = browser.api("POST", "/admin/campaigns", _campaign(day))
    price = {"amount": "14500.00", "currency": "TRY"}
    wanted = {"title": "Büyükbaş hissesi (1/7)", "animal_class": "cattle", "price": price}
    option = browser.api("POST", f"/admin/campaigns/{campaign['id']}/options", wanted)
    browser.api("POST", f"/admin/campaign-options/{option['id']}/animals", {"count": 2})
    return _change(browser, f"/admin/campaigns/{campaign['id']}", {"status": "published"})


def fill_academy(browser: Browser) -> Any:
    """A course with two sections of two lessons; the published course."""
    price = {"amount": "450.00", "currency": "TRY"}
    course = browser.api(
        "POST", "/admin/courses", {"title": "Kan Alma Eğitimi", "summary": "Temel bilgiler.", "price": price}
    )
    for number in (1, 2):
        section = browser.api("POST", f"/admin/courses/{course['id']}/sections", {"title": f"Bölüm {number}"})
        for lesson in ("Giriş", "Uygulama"):
            text = {
                "kind": "text",
                "title": lesson,
                "body_html": f"<p>{lesson}: önce eller yıkanır.</p>",
                "duration_minutes": 5,
            }
            browser.api("POST", f"/admin/sections/{section['id']}/lessons", text)
    return browser.api("POST", f"/admin/courses/{course['id']}/publish")


def _change(browser: Browser, path: str, change: dict[str, object]) -> Any:
    """Change what was just read; nobody may have changed it in between."""
    version = browser.api("GET", path)["version"]
    headers = {"Authorization": f"Bearer {browser.token}", "If-Match": f'"v{version}"'}
    answer = browser.send("PATCH", f"{browser.address}/api/v1{path}", json=change, headers=headers)
    answer.raise_for_status()
    return answer.json()


def _campaign(day: date) -> dict[str, object]:
    closes = datetime.combine(day - timedelta(days=2), time(15), UTC)
    return {
        "title": {"tr": "Kurban – Yurt içi", "en": "Qurban – in Türkiye"},
        "summary": "Kurbanınız kesilir, eti ihtiyaç sahiplerine ulaştırılır.",
        "region": "Konya",
        "kind": "vacip",
        "slaughter_date": day.isoformat(),
        "closes_at": closes.isoformat(),
    }
