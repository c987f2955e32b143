"""The learner's story: buys a course, works through it, receives a completion certificate."""

import uuid

from belgenet.cli.story.browser import Browser
from belgenet.cli.story.purchase import pay, read_mail, receive
from belgenet.cli.story.steps import Teller, expect, wait_for


def learner(teller: Teller, browser: Browser, mail: str | None, card: str) -> None:
    """Tell it. :raises StoryFailed:"""
    email = f"hikaye-{uuid.uuid4().hex[:10]}@example.org"
    with teller.step("opens the site"):
        site = browser.api("GET", "/site")
        expect(site["tenant"]["kind"] == "academy", "this is not an academy's host")
        provider = "stripe" if "stripe" in site["providers"] else site["providers"][0]
    with teller.step("goes on as a guest"):
        session = browser.api("POST", "/auth/guest", {"full_name": "Zeynep Işık", "email": email})
        browser.token = session["access_token"]
    with teller.step("chooses a course"):
        courses = browser.api("GET", "/courses")["items"]
        course = next(item for item in courses if item["price"]["amount"] != "0.00")
    with teller.step("orders it"):
        order = browser.api(
            "POST", "/orders", {"lines": [{"kind": "course", "ref": course["id"], "quantity": 1, "details": {}}]}
        )
    pay(teller, browser, order, provider, card)
    with teller.step("is enrolled"):
        enrollment = browser.api("GET", "/me/enrollments")["items"][0]
        expect(enrollment["course"]["id"] == course["id"], "enrolled in another course")
    with teller.step("works through every lesson"):
        detail = browser.api("GET", f"/enrollments/{enrollment['id']}")
        lessons = [lesson for section in detail["sections"] for lesson in section["lessons"]]
        for lesson in lessons:
            browser.api("PUT", f"/enrollments/{enrollment['id']}/lessons/{lesson['id']}/completion")
        done = browser.api("GET", f"/enrollments/{enrollment['id']}")
        expect(done["completed_at"] and done["progress_percent"] == 100, "the course is not complete")  # noqa: PLR2004
    with teller.step("finds the completion certificate"):
        path = f"/enrollments/{enrollment['id']}"
        certificate_id = wait_for(lambda: browser.api("GET", path)["certificate_id"], "certificate of the enrollment")
    receive(teller, browser, certificate_id)
    read_mail(teller, browser, mail, email, "the certificate is ready")
