"""Several workers, one certificate."""

import json
import threading
import time
from typing import Any

import pytest

from belgenet.certificates import tasks
from belgenet.core.tasks.deliver import deliver


def test_two_workers_with_one_delivery_make_one_certificate(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = tasks.make_document

    def slow(*args: Any, **kw: Any) -> Any:
        made.append(args[1].code)
        time.sleep(0.5)
        return real(*args, **kw)

    monkeypatch.setattr(tasks, "make_document", slow)
    found = office.ask(office.wanted(donor))
    delivery: list[Any] = []
    system.drain(rounds=0)
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    url = system.settings.database.relay_url.get_secret_value()
    engine = make_engine(url, system.settings, application="relay")
    Relay(engine, system.registry["belgenet.consumers"], delivery.append, 60).step()
    engine.dispose()
    wanted = next(item for item in delivery if item.queue == "documents")
    outcomes: list[str] = []

    def work() -> None:
        outcomes.append(deliver(system.registry, wanted.id, wanted.tenant_id))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert outcomes.count("done") == 1
    row = office.row(found)
    assert (row.state, row.attempts) == ("READY", 1)
    assert system.sql("SELECT count(*) FROM mail_messages WHERE template = 'certificate_ready'") == [(1,)]


def test_many_certificates_at_once_have_numbers_of_their_own(office: Any, donor: Any, system: Any) -> None:
    wanted = [office.ask(office.wanted(donor)) for _ in range(6)]
    rows = system.sql("SELECT id FROM outbox WHERE topic = 'certificate.requested'")
    assert len(rows) == len(wanted)
    threads = [threading.Thread(target=system.drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    system.drain()
    numbers = [
        row.number for row in system.sql("SELECT number FROM certificates WHERE state = 'READY' ORDER BY number")
    ]
    assert len(numbers) == 6
    assert [int(number[-6:]) for number in numbers] == list(range(1, 7))


def test_the_panel_counts_made_and_failed_certificates(office: Any, donor: Any, admin: Any, system: Any) -> None:
    office.issue(donor)
    failed = office.issue(donor)
    system.sql("UPDATE certificates SET state = 'FAILED', ready_at = NULL WHERE id = :id", id=failed)
    page = admin.client.get("/admin/dashboard", status=200).json
    card = next(card for card in page["cards"] if card["key"] == "certificates")
    assert card["value"] == 1
    waiting = next(item for item in page["attention"] if item["kind"] == "certificates_failed")
    assert waiting["count"] == 1


def test_the_uploaded_logo_is_printed(office: Any, donor: Any, admin: Any, system: Any) -> None:
    from tests.common.samples import png

    form, boundary = _form(png()), "x"
    answer = admin.client.post(
        "/files/upload?purpose=logo", raw=form, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    assert answer.status_int == 201, answer.text
    branding = json.dumps({"logo_url": f"/api/v1/files/{answer.json['id']}/content"})
    system.sql("UPDATE tenants SET branding = CAST(:b AS jsonb) WHERE id = :id", b=branding, id=office.tenant.id)
    system.directory.forget()
    found = office.issue(donor)
    assert office.row(found).facts["tenant"]["logo"] is True
    assert b"/Subtype /Image" in donor.client.get(f"/certificates/{found}/download", status=200).body
    system.sql("UPDATE tenants SET branding = CAST(:b AS jsonb)", b='{"logo_url": "https://elsewhere.example/l.png"}')
    system.directory.forget()
    assert office.row(office.issue(donor)).facts["tenant"]["logo"] is False


def _form(data: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="logo.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + data + b"\r\n--x--\r\n"
