"""The whole system as real processes, killed with -9 again and again while people order, pay and wait for certificates."""

import os
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
import redis
from tests.chaos.mails import Written, repeated
from tests.chaos.shoppers import Shopper
from tests.chaos.texts import Noted, judged
from tests.common.system import wait_until

from belgenet.testing.demo.system import DemoSystem
from belgenet.testing.servers.ports import is_free

ORDERS = int(os.environ.get("CHAOS_ORDERS", "200"))
BUYERS_AT_ONCE = 4
SETTLE_SECONDS = 240
VICTIMS = ["worker", "relay", "web", "web-child", "redis", "s3", "flush"]
ROUNDS = 2
EVERY_SECONDS = 3.0
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSystem]:
    folder = tmp_path_factory.mktemp("chaos")
    folder.chmod(0o755)
    for parent in list(folder.parents)[:2]:
        parent.chmod(0o755)
    quick = {
        "BELGENET_TASKS_LEASE_SECONDS": "10",
        "BELGENET_LOGGING_LEVEL": "WARNING",
        "BELGENET_TASKS_MAX_ATTEMPTS": "20",
        # What was being sent when its worker was killed is unknown this much later, and 15 seconds.
        "BELGENET_TASKS_SOFT_TIME_LIMIT_SECONDS": "20",
    }
    system = DemoSystem(folder / "demo", lambda _line: None, overrides=quick)
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture
def sql(house: DemoSystem) -> Any:
    url = house.environment["BELGENET_DATABASE_PLATFORM_URL"].replace("+psycopg", "")

    def run(statement: str, *parameters: Any) -> list[Any]:
        with psycopg.connect(url) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    return run


def test_two_hundred_orders_survive_everything(
    house: DemoSystem, sql: Any, capsys: pytest.CaptureFixture[str], record_property: Any
) -> None:
    line = _stocked_line(house, sql)
    stop, settled = threading.Event(), threading.Event()
    watcher = threading.Thread(target=house.supervisor.watch, args=(settled.is_set,))
    killer = threading.Thread(target=_kill_again_and_again, args=(house, stop))
    watcher.start()
    killer.start()
    try:
        orders = _everybody_buys(house, line)
        killer.join()
        wait_until(lambda: _ready(sql) == ORDERS, SETTLE_SECONDS, f"not all {ORDERS} certificates became ready")
        wait_until(lambda: _sent(sql) >= ORDERS, 60, "mails missing")
        wait_until(lambda: _texts_under_way(sql) == 0, SETTLE_SECONDS, "SMS still under way")
    finally:
        stop.set()
        killer.join()
        settled.set()
        watcher.join(90)
    _everything_is_right(house, sql, orders)
    again = _one_certificate_mail_each(house, sql)
    texts = _one_text_each_at_most(house, sql)
    record_property("mails_sent_again", sum(again.values()))
    with capsys.disabled():
        print(
            f"\n{ORDERS} orders, one certificate mail each; {sum(again.values())} mails came again with their Message-ID; "
            f"SMS: {dict(texts)}"
        )


def _everybody_buys(house: DemoSystem, line: dict[str, Any]) -> list[str]:
    def buy(number: int) -> str:
        return _shopper(house, number).buy(line, "iyzico" if number % 2 else "stripe")

    with ThreadPoolExecutor(BUYERS_AT_ONCE) as pool:
        return list(pool.map(buy, range(ORDERS)))


def _everything_is_right(house: DemoSystem, sql: Any, orders: list[str]) -> None:
    assert len(set(orders)) == ORDERS
    assert sql("SELECT status, count(*) FROM orders GROUP BY status") == [("paid", ORDERS)]
    assert sql("SELECT count(*) FROM animal_shares WHERE state = 'sold'") == [(ORDERS,)]
    assert (
        sql("SELECT order_line_id FROM animal_shares WHERE state = 'sold' GROUP BY order_line_id HAVING count(*) > 1")
        == []
    )
    assert sql("SELECT order_id FROM certificates GROUP BY order_id HAVING count(*) <> 1") == []
    assert sql("SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines") == [(0,)]
    charges = httpx.get(f"{house.psp_url}/_control/charges", timeout=10, trust_env=False).json()
    charged = charges["charges"] if isinstance(charges, dict) else charges
    assert len(charged) == ORDERS, "somebody was charged twice, or not at all"
    confirmed = sql("SELECT count(*), count(DISTINCT order_id) FROM payments WHERE state = 'confirmed'")
    assert confirmed == [(ORDERS, ORDERS)]
    assert sql("SELECT count(*) FROM outbox_deliveries WHERE state = 'dead'") == [(0,)]


def _one_certificate_mail_each(house: DemoSystem, sql: Any) -> dict[str, int]:
    """Mails that were sent again because their worker was killed after the mail server had taken them."""
    rows = sql("""
        SELECT m.message_id, m.recipient, m.template, d.attempts FROM mail_messages m
        JOIN outbox e ON e.topic = 'mail.queued' AND e.payload ->> 'mail_id' = m.id::text
        JOIN outbox_deliveries d ON d.event_id = e.id
    """)
    arrived = [
        (str(mail.message["Message-ID"]), recipient) for mail in house.mail.mails() for recipient in mail.recipients
    ]
    people = [address for (address,) in sql("SELECT contact_email FROM orders")]
    return repeated([Written(*row) for row in rows], arrived, people)


def _one_text_each_at_most(house: DemoSystem, sql: Any) -> Counter[str]:
    """What became of the SMS to every second buyer."""
    noted = [Noted(*row) for row in sql("SELECT recipient, state, provider_id FROM sms_messages")]
    taken = [(sms.number, sms.job) for sms in house.mail.sms()]
    return judged(noted, taken, [phone for phone in map(_phone, range(ORDERS)) if phone])


def _phone(number: int) -> str | None:
    """Every second buyer has one, for which the provider takes its time: so workers are also killed between its taking a message
    and our learning of it.
    """
    return None if number % 2 else f"+90501093{number:04}"


def _shopper(house: DemoSystem, number: int) -> Shopper:
    host = f"vakif.localhost:{house.state.ports['web']}"
    return Shopper(house.web_url, house.psp_url, host, f"Bağışçı {number}", _phone(number))


def _stocked_line(house: DemoSystem, sql: Any) -> dict[str, Any]:
    """An order line of one cattle share, with enough animals for everybody, put there by the administrator."""
    admin = next(item for item in house.state.accounts if item["tenant"] == "vakif" and item["role"] == "TENANT_ADMIN")
    person = _shopper(house, 0)
    person.token = person.call(
        "POST", "/auth/login", {"email": admin["email"], "password": admin["password"], "client": "native"}
    )["access_token"]
    campaign = person.call("GET", "/campaigns")["items"][0]
    detail = person.call("GET", f"/campaigns/{campaign['slug']}")
    option = next(item for item in detail["options"] if item["animal_class"] == "cattle")
    person.call("POST", f"/admin/campaign-options/{option['id']}/animals", {"count": ORDERS // 7 + 2})
    consent = detail["consent_text"]
    details = {
        "participants": [{"full_name": "Ayşe Yılmaz", "intention": detail["kind"]}],
        "consent": {"text_id": consent["id"], "sha256": consent["sha256"], "accepted": True},
    }
    return {"kind": "kurban_share", "ref": option["id"], "quantity": 1, "details": details}


def _ready(sql: Any) -> int:
    return int(sql("SELECT count(*) FROM certificates WHERE lower(state) = 'ready'")[0][0])


def _sent(sql: Any) -> int:
    return int(sql("SELECT count(*) FROM mail_messages WHERE state = 'sent' AND template = 'certificate_ready'")[0][0])


def _texts_under_way(sql: Any) -> int:
    return int(sql("SELECT count(*) FROM sms_messages WHERE state IN ('queued', 'sending')")[0][0])


def _kill_again_and_again(house: DemoSystem, stop: threading.Event) -> None:
    """Every part ``ROUNDS`` times, in random order; Redis also loses all it holds."""
    dice = random.Random(7)
    for victim in [name for _ in range(ROUNDS) for name in dice.sample(VICTIMS, len(VICTIMS))]:
        if stop.wait(EVERY_SECONDS):
            return
        if victim == "flush":
            _flush(house)
        elif victim == "web-child":
            _kill_web_child(house)
        else:
            process = next(unit for unit in house.supervisor.units() if unit.name == victim).process()
            if process is not None and process.alive:
                process.kill()


def _flush(house: DemoSystem) -> None:
    try:
        with redis.Redis.from_url(house.redis.database_url(0), socket_timeout=2) as client:
            client.flushall()
    except redis.RedisError:
        return


def _kill_web_child(house: DemoSystem) -> None:
    unit = next(unit for unit in house.supervisor.units() if unit.name == "web")
    process = unit.process()
    if process is None or not process.alive:
        return
    children = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    if children:
        subprocess.run(["kill", "-9", children[0]], check=False)


def test_the_logs_hold_no_secret(house: DemoSystem) -> None:
    text = "".join(path.read_text(errors="replace") for path in Path(house.folder / "log").glob("*.log"))
    for secret in house.state.secrets.values():
        assert secret.partition(":")[2] not in text if ":" in secret else secret not in text


def test_the_sites_port_is_nobody_elses_while_web_is_dead(house: DemoSystem) -> None:
    """What is started meanwhile must not answer in its place."""
    web = next(unit for unit in house.supervisor.units() if unit.name == "web").process()
    assert web is not None
    if web.alive and web.pid:
        processes = [psutil.Process(web.pid), *psutil.Process(web.pid).children()]
        web.kill()
        psutil.wait_procs(processes, 10)
    try:
        assert not is_free(house.state.ports["web"])
    finally:
        web.start()
        wait_until(lambda: httpx.get(f"{house.web_url}/health", timeout=30, trust_env=False).is_success, 60)
