"""Single things that people do at a site from outside: sign in, order, pay, see to it that there is something to order."""

import uuid
from typing import Any

from tests.appliance import institution
from tests.appliance.installation import Installation
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


def certificate_of(site: Installation) -> tuple[Browser, str]:
    """A donor who has paid for a share, and the path of the certificate."""
    donor = site.browser("vakif")
    guest = {"full_name": "Ayşe Yılmaz", "email": f"{uuid.uuid4().hex[:12]}@example.org"}
    donor.token = donor.api("POST", "/auth/guest", guest)["access_token"]
    order = donor.api("POST", "/orders", {"lines": [share(site)]})
    begun = donor.api("POST", f"/orders/{order['id']}/payments", {"provider": "iyzico"})
    donor.pay(begun["redirect_url"], CARDS["iyzico"])

    def made() -> str:
        found = donor.api("GET", f"/orders/{order['id']}")["certificates"]
        return str(found[0]["id"]) if found and found[0]["status"].lower() == "ready" else ""

    assert wait_until(made, 60), site.server.journal("belgenet-worker@documents", lines=40)
    return donor, f"/certificates/{made()}/download"
