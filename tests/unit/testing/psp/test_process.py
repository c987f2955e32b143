"""The process itself: banner, doors, pages, control API."""

import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from belgenet.testing.psp.process import Merchant, PspProcess


@pytest.fixture(scope="module")
def psp(tmp_path_factory):
    with PspProcess(tmp_path_factory.mktemp("psp")) as process:
        yield process


@pytest.fixture
def http(psp):
    psp.control("POST", "reset")
    with httpx.Client(base_url=psp.url, trust_env=False) as client:
        yield client


def session(http, locale="tr", name="Büyükbaş <b>hissesi</b>", key="sk_test_belgenet"):
    form = {
        "mode": "payment",
        "locale": locale,
        "success_url": "http://vakif.localhost:9/done?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://vakif.localhost:9/back",
        "metadata[order_number]": "KC-1",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "try",
        "line_items[0][price_data][unit_amount]": "1275050",
        "line_items[0][price_data][product_data][name]": name,
    }
    answer = http.post("/v1/checkout/sessions", data=form, headers={"Authorization": f"Bearer {key}"})
    return answer.json()


def card(number="4242424242424242", year=None, **changes):
    form = {"holder": "Ayşe", "number": number, "month": "12", "year": str(year or datetime.now(UTC).year + 2)}
    return form | {"cvc": "123"} | changes


INI = "[app:main]\nbelgenet.app.environment = {}\n"


@pytest.mark.parametrize(
    ("said", "written"), [("production", None), ("production", "test"), (None, "production"), (None, None)]
)
def test_it_refuses_to_run_in_production(tmp_path, said, written):
    """As the product reads it: the environment over the ini file over the default, which is production."""
    ini = tmp_path / "product.ini"
    if written:
        ini.write_text(INI.format(written))
    state = tmp_path / "state"
    words = ["--state", str(state), "--iyzico-key", "a", "--iyzico-secret", "b"]
    words += ["--stripe-key", "c", "--stripe-webhook-secret", "d"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BELGENET_")}
    environment |= {"BELGENET_APP_ENVIRONMENT": said} if said else {}
    environment |= {"BELGENET_CONFIG": str(ini)} if written else {}
    done = subprocess.run(
        [sys.executable, "-m", "belgenet.testing.psp", *words],
        check=False,
        env=environment,
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert b"production" in done.stderr
    assert not state.exists()


def test_it_says_loudly_what_it_is(psp, http):
    assert "TEST PAYMENT PROVIDER" in (psp.folder / "psp.log").read_text()
    assert "TEST ÖDEME SAĞLAYICI" in http.get("/").text
    assert "TEST" in psp.control("GET", "health")["warning"]


def test_only_this_machine_can_reach_it(psp):
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)} - {"127.0.0.1", "::1"}
    for address in others:
        if not address.startswith("127."):
            with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                socket.create_connection((address, psp.port), timeout=1)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("tr", ["Kart bilgileri", "₺12.750,50 öde", "Test kartları", 'lang="tr"']),
        ("en", ["Card details", "Pay TRY 12,750.50", "Test cards", 'lang="en"']),
    ],
)
def test_the_page_speaks_the_payers_language(http, locale, words):
    text = http.get(session(http, locale)["url"]).text.replace("\u00a0", " ")
    assert all(word in text for word in words)
    other = "en" if locale == "tr" else "tr"
    assert f'lang="{other}"' in http.get(session(http, locale)["url"], params={"lang": other}).text


def test_names_from_the_shop_are_text_not_markup(http):
    text = http.get(session(http, name="<script>alert(1)</script>")["url"]).text
    assert "<script>alert(1)" not in text
    assert "<script>alert(1)</script>" in unescape(text)


def test_the_page_runs_nothing_but_its_own_script(http):
    response = http.get(session(http)["url"])
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)[1]
    assert "default-src 'none'" in policy
    assert response.text.count("<script") == response.text.count(f'<script nonce="{nonce}"') == 1


def test_every_field_has_a_label_and_a_purpose(http):
    text = http.get(session(http)["url"]).text
    fields = re.findall(r"<(?:input|select)[^>]*>", text)
    assert len(fields) == 5
    assert all("autocomplete=" in field for field in fields)
    assert text.count("<label>") == 5


def test_a_good_card_leads_back_to_the_shop(http):
    opened = session(http)
    posted = http.post(opened["url"], data=card())
    assert posted.status_code == 303
    assert http.get(posted.headers["Location"]).headers["Location"].endswith(f"done?session_id={opened['id']}")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (card("4000000000009995"), "declined"),
        (card("4111111111111111"), "declined"),
        (card(year=2020), "date"),
        (card(month="13"), "date"),
        (card(year="soon"), "date"),
        ({}, "date"),
    ],
)
def test_a_refused_card_leads_back_to_the_form_with_a_reason(http, form, error):
    posted = http.post(session(http)["url"], data=form)
    assert posted.headers["Location"].endswith(f"error={error}")
    assert 'role="alert"' in http.get(posted.headers["Location"]).text


@pytest.mark.parametrize("path", ["/iyzico/pay/nothing", "/stripe/pay/cs_nothing"])
def test_pages_that_do_not_exist(http, path):
    assert http.get(path).status_code == http.post(path, data=card()).status_code == 404
    assert "Böyle bir ödeme sayfası yok" in http.get(path).text


def test_an_expired_page_takes_no_card(psp, http):
    opened = session(http)
    psp.control("POST", "expire", {"token": opened["id"]})
    text = http.get(opened["url"]).text
    assert "Ödeme süresi doldu" in text
    assert 'name="number"' not in text


@pytest.mark.parametrize(
    "path", ["pay", "faults", "refund", "fraud", "expire", "unknown-transaction", "webhooks/replay"]
)
@pytest.mark.parametrize("body", [{}, {"token": "x"}, {"payment_id": "x", "status": 5}, {"fault": "x"}])
def test_orders_that_make_no_sense_are_refused(http, path, body):
    response = http.post(f"/_control/{path}", json=body)
    assert response.status_code == 400
    assert "error" in response.json()


def test_a_page_in_a_browser_cannot_give_orders(http):
    assert http.post("/_control/reset", data={"a": "b"}).status_code == 415


def test_faults_can_be_asked_for_by_header(http):
    headers = {"Authorization": "Bearer sk_test_belgenet", "X-Test-Psp-Fault": "drop_before"}
    with pytest.raises(httpx.RemoteProtocolError):
        http.get("/v1/refunds", headers=headers)


def test_the_same_key_with_other_parameters_is_refused(http):
    headers = {"Authorization": "Bearer sk_test_belgenet", "Idempotency-Key": "k1"}
    first = http.post("/v1/payment_intents", data={"amount": "100", "currency": "try"}, headers=headers)
    again = http.post("/v1/payment_intents", data={"amount": "100", "currency": "try"}, headers=headers)
    other = http.post("/v1/payment_intents", data={"amount": "101", "currency": "try"}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_500_is_remembered_under_its_key(psp, http):
    headers = {"Authorization": "Bearer sk_test_belgenet", "Idempotency-Key": "k2"}
    psp.arm("stripe.intent.create", "error_after_commit")
    form = {"amount": "100", "currency": "try"}
    assert [http.post("/v1/payment_intents", data=form, headers=headers).status_code for _ in range(2)] == [500, 500]


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("pm_card_visa", 200, None),
        ("pm_card_chargeDeclined", 402, "card_declined"),
        ("pm_card_chargeDeclinedExpiredCard", 402, "expired_card"),
        ("pm_card_none", 404, "resource_missing"),
    ],
)
def test_intents_are_confirmed_or_refused(http, method, status, code):
    headers = {"Authorization": "Bearer sk_test_belgenet"}
    intent = http.post("/v1/payment_intents", data={"amount": "100", "currency": "try"}, headers=headers).json()
    form = {"payment_method": method}
    response = http.post(f"/v1/payment_intents/{intent['id']}/confirm", data=form, headers=headers)
    assert response.status_code == status
    assert response.json().get("error", {}).get("code") == code


def test_events_are_kept_to_be_read_again(http):
    headers = {"Authorization": "Bearer sk_test_belgenet"}
    form = {"amount": "100", "currency": "try", "payment_method": "pm_card_visa", "confirm": "true"}
    http.post("/v1/payment_intents", data=form, headers=headers)
    events = http.get("/v1/events", params={"type": "payment_intent.succeeded"}, headers=headers).json()["data"]
    assert len(events) == 1
    assert http.get(f"/v1/events/{events[0]['id']}", headers=headers).json() == events[0]


def test_addresses_that_do_not_exist(http):
    assert http.get("/v1/nothing").status_code == 404
    assert http.get("/v1/refunds").status_code == 401


def test_behind_tls_it_leads_payers_to_https(tmp_path):
    """Something in front of it speaks TLS; what it says of itself must fit."""
    public = ("--public-url", "https://pay.example:8443")
    with PspProcess(tmp_path, options=public) as behind, httpx.Client(base_url=behind.url, trust_env=False) as client:
        page = session(client)["url"]
        assert page.startswith("https://pay.example:8443/")
        declined = card("4000002500003155")  # asks for 3-D Secure: a page of its own
        path = page.removeprefix("https://pay.example:8443")
        answer = client.post(path.partition("#")[0], data=declined, headers={"Host": "pay.example:8443"})
        assert answer.is_redirect
        assert answer.headers["Location"].startswith("https://pay.example:8443/")


@pytest.mark.parametrize(("key", "live"), [("sk_test_belgenet", False), ("sk_live_belgenet", True)])
def test_objects_say_what_kind_of_key_made_them(tmp_path, key, live):
    """A shop that takes real money is right to refuse a payment that says it is a test."""
    with PspProcess(tmp_path, merchant=Merchant(stripe_key=key)) as psp, httpx.Client(base_url=psp.url) as client:
        paid = session(client, key=key)
        assert paid["livemode"] is live
        psp.pay(paid["id"])
        signed = {"Authorization": f"Bearer {key}"}
        again = client.get(f"/v1/checkout/sessions/{paid['id']}", headers=signed).json()
        intent = client.get(f"/v1/payment_intents/{again['payment_intent']}", headers=signed).json()
        event = client.get("/v1/events", headers=signed).json()["data"][0]
        charge = client.get("/v1/charges", headers=signed).json()["data"][0]
        assert {thing["livemode"] for thing in (again, intent, event, charge)} == {live}
