"""Single things that people do at a site from outside: sign in, order, pay, see to it that there is something to order."""

import hashlib
import uuid
from typing import Any

import httpx
from tests.appliance import institution
from tests.appliance.installation import DOMAIN, Installation
from tests.common.waiting import wait_until

from belgenet.cli.story.browser import Browser
from belgenet.cli.story.purchase import CARDS


def administrator(site: Installation, slug: str) -> Browser:
    """A tenant's administrator, signed in; to be closed."""
    browser = site.browser(slug)
    institution.sign_in(browser, institution.email(slug))
    return browser


def make_room(site: Installation, animals: int = 150) -> None:
    """More cattle, so that shares do not run out."""
    with administrator(site, "vakif") as browser:
        option = offered(browser)["options"][0]
        if option["available"] < animals:
            browser.api("POST", f"/admin/campaign-options/{option['id']}/animals", {"count": animals})


def offered(browser: Browser) -> dict[str, Any]:
    """The campaign that donors see first."""
    item = browser.api("GET", "/campaigns")["items"][0]
    campaign: dict[str, Any] = browser.api("GET", f"/campaigns/{item['id']}")
    return campaign


def share(site: Installation) -> dict[str, Any]:
    """One share of a cattle, as a line of an order."""
    with site.browser("vakif") as visitor:
        campaign = offered(visitor)
    consent = campaign["consent_text"]
    details = {
        "participants": [{"full_name": "Ayşe Yılmaz", "intention": campaign["kind"]}],
        "consent": {"text_id": consent["id"], "sha256": consent["sha256"], "accepted": True},
    }
    return {"kind": "kurban_share", "ref": campaign["options"][0]["id"], "quantity": 1, "details": details}


def numbers(site: Installation, slug: str = "vakif") -> list[str]:
    """Numbers of all orders, as the administrator sees them."""
    with administrator(site, slug) as browser:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = browser.api("GET", f"/admin/orders?limit=100{f'&cursor={cursor}' if cursor else ''}")
            found += [item["number"] for item in page["items"]]
            cursor = page["next"]
    return found


def guest(site: Installation) -> Browser:
    """A donor who has not registered; to be closed."""
    donor = site.browser("vakif")
    given = {"full_name": "Ayşe Yılmaz", "email": f"{uuid.uuid4().hex[:12]}@example.org"}
    donor.token = donor.api("POST", "/auth/guest", given)["access_token"]
    return donor


def certificate_of(site: Installation) -> tuple[Browser, str]:
    """A donor who has paid for a share, and the path of the certificate."""
    donor = guest(site)
    order = donor.api("POST", "/orders", {"lines": [share(site)]})
    begun = donor.api("POST", f"/orders/{order['id']}/payments", {"provider": "iyzico"})
    donor.pay(begun["redirect_url"], CARDS["iyzico"])

    def made() -> str:
        found = donor.api("GET", f"/orders/{order['id']}")["certificates"]
        return str(found[0]["id"]) if found and found[0]["status"].lower() == "ready" else ""

    assert wait_until(made, 60), site.server.journal("belgenet-worker@documents", lines=40)
    return donor, f"/certificates/{made()}/download"


def upload(person: Browser, name: str, content: bytes) -> tuple[str, str]:
    """A file of text: its path and the SHA-256 of its content."""
    headers = {"Authorization": f"Bearer {person.token}"}
    given = {"file": (name, content, "text/plain")}
    answer = person.send("POST", f"{person.address}/api/v1/files/upload", headers=headers, files=given)
    answer.raise_for_status()
    return f"/files/{answer.json()['id']}", hashlib.sha256(content).hexdigest()


def digest_of(site: Installation, person: Browser, path: str) -> str:
    """SHA-256 of what is downloaded from outside, through Nginx."""
    address, name = httpx.URL(person.api("GET", path)["download_url"]), f"files.{DOMAIN}"
    with httpx.Client(verify=False, timeout=120) as visitor:
        where = address.copy_with(host=site.server.address)
        found = visitor.get(where, headers={"Host": name}, extensions={"sni_hostname": name})
    assert (address.host, found.status_code) == (name, httpx.codes.OK), found.text[:200]
    return hashlib.sha256(found.content).hexdigest()
