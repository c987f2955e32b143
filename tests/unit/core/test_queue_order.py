"""Urgent queues first, and none forgotten, as the broker really hands messages out."""

from collections import Counter
from typing import Any

from belgenet.core.outbox.registry import QUEUES
from belgenet.core.tasks.app import make_celery
from belgenet.core.tasks.order import FAIR_TURN, ByImportance


def test_the_order_holds_whatever_order_the_queues_came_in() -> None:
    order = ByImportance()
    order.update(reversed(QUEUES))
    assert [tuple(order.consume(len(QUEUES))) for _ in range(FAIR_TURN - 1)] == [QUEUES] * (FAIR_TURN - 1)


def test_payments_overtake_mails_and_mails_do_not_starve(system: Any) -> None:
    app, each = make_celery(system.registry), 20
    taken: list[str] = []
    with app, app.connection() as connection:
        for queue in ("mail", "documents", "payments"):
            for number in range(each):
                app.send_task("belgenet.none", (number,), queue=queue, connection=connection)
        with connection.channel() as channel:

            def take(_: Any, message: Any) -> None:
                taken.append(message.delivery_info["routing_key"])
                message.ack()

            queues = [app.amqp.queues[name](channel) for name in ("mail", "documents", "payments")]
            with connection.Consumer(queues, channel=channel, callbacks=[take], accept=["json"]):
                while len(taken) < 3 * each:
                    connection.drain_events(timeout=10)
    first = Counter(taken[:each])
    assert first["payments"] >= each * 3 // 5
    assert first["mail"] >= 1
    last_payment, last_mail = (len(taken) - 1 - taken[::-1].index(name) for name in ("payments", "mail"))
    assert last_payment < last_mail
