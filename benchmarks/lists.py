"""Pages of a long list: ``python -m benchmarks.lists``. 100,000 orders; the first, the middle and the last page cost the same."""

import argparse
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import event
from webtest import TestApp

from belgenet.app import configure
from belgenet.core.observability.logging import configure as configure_logging
from belgenet.core.web.pagination import encode_cursor
from belgenet.settings import load
from belgenet.testing.servers import PostgresServer
from benchmarks.reads import ask, served
from benchmarks.stage import HOST, Person, Stage

PAGE = 50


def _pages(orders: list) -> dict[str, str]:
    """Paths of pages at three depths; lists run from the newest to the oldest."""
    cursors = {"first": None, "middle": orders[len(orders) // 2][0], "last": orders[PAGE][0]}
    return {
        name: f"/api/v1/admin/orders?limit={PAGE}" + (f"&cursor={encode_cursor([key])}" if key else "")
        for name, key in cursors.items()
    }


def _timed(port: int, path: str, token: str) -> float:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Host": HOST, "Authorization": f"Bearer {token}"}
    )
    begin = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()
    return (time.perf_counter() - begin) * 1000


def _statements(stage: Stage, person: Person, paths: list[str]) -> list[int]:
    """Statements sent for each path, by the application in this process."""
    settings = load({}, {**os.environ, **stage.environment(), "BELGENET_LOGGING_LEVEL": "WARNING"})
    configure_logging(settings, process="benchmark")
    config = configure(settings)
    app = TestApp(config.make_wsgi_app(), extra_environ={"HTTP_HOST": HOST})
    engine, counted = config.registry["belgenet.engine"], []
    for path in ["/api/v1/site", *paths]:
        seen: list[str] = []

        def note(_c, _cursor, statement, *_, seen=seen) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        app.get(path, headers={"Authorization": f"Bearer {person.token}"}, status=200)
        event.remove(engine, "before_cursor_execute", note)
        counted.append(len(seen))
    engine.dispose()
    return counted[1:]


def main() -> int:
    """Measure and say; status 1 when the last page costs over 1.5 times the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="belgenet-lists-")))
        stage = Stage(stack.enter_context(PostgresServer(folder / "postgres")))
        begin = time.monotonic()
        orders = stage.add_orders(options.orders)
        print(
            f"{options.orders} orders with lines, payments and certificates written in {time.monotonic() - begin:.0f} s"
        )
        port, _ = stack.enter_context(served("belgenet", stage, folder, None))
        pages, token = _pages(orders), stage.admin.token
        last = ask(port, pages["last"], token)
        if len(last["items"]) != PAGE or last["next"] is not None:
            raise RuntimeError("that was not the last page")
        times: dict[str, list[float]] = {name: [] for name in pages}
        for number in range(options.times + 5):
            for name, path in pages.items():
                taken = _timed(port, path, token)
                if number >= 5:
                    times[name].append(taken)
        counts = dict(zip(pages, _statements(stage, stage.admin, list(pages.values())), strict=True))
    print(f"load {os.getloadavg()[0]:.2f}; page of {PAGE} orders: median ms, lowest, p95, statements")
    for name, taken in times.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"{name:8} {statistics.median(taken):7.1f} {min(taken):7.1f} {p95:7.1f} {counts[name]:3}")
    ratio = statistics.median(times["last"]) / statistics.median(times["first"])
    print(f"last / first: {ratio:.2f}")
    return int(ratio > 1.5 or len(set(counts.values())) > 1)


if __name__ == "__main__":
    sys.exit(main())
