"""The donor's story: two shares of a cattle, as a guest, with iyzico."""

import uuid

from belgenet.cli.story.browser import Browser
from belgenet.cli.story.purchase import pay, read_mail, receive
from belgenet.cli.story.steps import Teller, expect, wait_for

NAMES = ("Ayşe Yılmaz", "Mehmet Yılmaz")


def donor(teller: Teller, browser: Browser, mail: str | None, card: str) -> None:
    """Tell it. :raises StoryFailed:"""
    email = f"hikaye-{uuid.uuid4().hex[:10]}@example.org"
    with teller.step("opens the site"):
        site = browser.api("GET", "/site")
        expect(site["tenant"]["kind"] == "charity", "this is not a charity's host")
        provider = "iyzico" if "iyzico" in site["providers"] else site["providers"][0]
    with teller.step("chooses a campaign with free cattle shares"):
        cards = browser.api("GET", "/campaigns")["items"]
        details = (browser.api("GET", f"/campaigns/{item['id']}") for item in cards)
        campaign, option = next(
            (found, choice)
            for found in details
            for choice in found["options"]
            if choice["animal_class"] == "cattle" and choice["available"] >= len(NAMES)
        )
    with teller.step("goes on as a guest"):
        browser.token = browser.api("POST", "/auth/guest", {"full_name": NAMES[0], "email": email})["access_token"]
    with teller.step("names the shares, accepts the vekalet, orders"):
        consent = campaign["consent_text"]
        details_of_line = {
            "participants": [{"full_name": name, "intention": campaign["kind"]} for name in NAMES],
            "consent": {"text_id": consent["id"], "sha256": consent["sha256"], "accepted": True},
        }
        line = {"kind": "kurban_share", "ref": option["id"], "quantity": len(NAMES), "details": details_of_line}
        order = browser.api("POST", "/orders", {"lines": [line]})
    pay(teller, browser, order, provider, card)
    with teller.step("finds the certificate on the order"):
        certificates = wait_for(
            lambda: browser.api("GET", f"/orders/{order['id']}")["certificates"], "certificate on the order"
        )
    receive(teller, browser, certificates[0]["id"])
    read_mail(teller, browser, mail, email, "the certificate is ready")
