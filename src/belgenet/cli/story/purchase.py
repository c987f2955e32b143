"""What both stories share: pay, wait, download, verify."""

from datetime import UTC, datetime
from typing import Any

from belgenet.cli.story.browser import Browser
from belgenet.cli.story.steps import Teller, expect, wait_for, wait_for_value

CARDS = {"iyzico": "5528790000000008", "stripe": "4242424242424242"}
"""The providers' published test cards."""


def pay(teller: Teller, browser: Browser, order: dict[str, Any], provider: str, card: str) -> None:
    """Pay the order on the provider's page and see it PAID."""
    with teller.step(f"pays with {provider} on the hosted page"):
        begun = browser.api("POST", f"/orders/{order['id']}/payments", {"provider": provider})
        browser.pay(begun["redirect_url"], card or CARDS[provider])
    with teller.step("sees the order PAID"):
        wait_for_value(lambda: browser.api("GET", f"/orders/{order['id']}")["status"], "paid", "the order's status")


def receive(teller: Teller, browser: Browser, certificate_id: str) -> dict[str, Any]:
    """Wait for the certificate, download it and verify it with the published keys and no network."""
    with teller.step("sees the certificate READY"):

        def ready() -> Any:
            found = browser.api("GET", f"/certificates/{certificate_id}")
            return found if found["status"].lower() == "ready" else None

        certificate: dict[str, Any] = wait_for(ready, "certificate ready")
    with teller.step("downloads the PDF"):
        document: bytes = browser.api("GET", f"/certificates/{certificate_id}/download", raw=True)
        expect(document.startswith(b"%PDF"), "the download is not a PDF")
    with teller.step("verifies it offline with the published keys"):
        _verify_offline(browser, document)
    with teller.step("a stranger verifies it online by its code"):
        with browser.stranger() as anonymous:
            answer = anonymous.api("GET", f"/certificates/verify/{certificate['code']}")
        expect(answer["status"] == "valid", f"the verification page says {answer['status']}")
    return certificate


def _verify_offline(browser: Browser, document: bytes) -> None:
    from belgenet.core.signing.offline import OfflineVerifier, Outcome
    from belgenet.core.signing.published import KeySet, open_revocations

    keys = KeySet.parse(browser.api("GET", "/certificates/keys", raw=True))
    revocations = open_revocations(browser.api("GET", "/certificates/revocations", raw=True), keys)
    verifier = OfflineVerifier(keys, datetime.now(UTC), revocations)
    verdict = verifier.check_file(document)
    expect(verdict.outcome == Outcome.VALID, f"offline verdict: {verdict.outcome}")
    changed = bytearray(document)
    changed[len(changed) // 3] ^= 1
    expect(verifier.check_file(bytes(changed)).outcome != Outcome.VALID, "a changed byte went unnoticed")


def read_mail(teller: Teller, browser: Browser, reader: str | None, recipient: str, what: str) -> dict[str, Any] | None:
    """Find the newest mail to somebody; None when no mail reader was named."""
    if reader is None:
        return None
    with teller.step(f"reads the mail: {what}"):

        def found() -> Any:
            mails = browser.send("GET", f"{reader.rstrip('/')}/mails.json").json()
            mine = [mail for mail in mails if recipient.lower() in str(mail.get("to", "")).lower()]
            return mine[0] if mine else None

        mail: dict[str, Any] = wait_for(found, f"mail to {recipient}")
    return mail
