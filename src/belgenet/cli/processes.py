"""The processes of an installation. Each stops on SIGTERM or SIGINT after finishing what it has begun.

``registry_of`` comes before the imports of each: it says where metrics are counted, and that holds for what is imported later.
"""

import os
import signal
import socket
import threading
from importlib import import_module
from typing import Any

import click

from belgenet.cli.context import configured, freeze_for_forks, registry_of


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=6543, show_default=True)
@click.option("--fd", type=int, help="A listening socket handed down, instead of host and port.")
@click.option(
    "--systemd", is_flag=True, help="Listen on all sockets that systemd hands down, instead of host and port."
)
@click.option("--own", help="With --systemd: a Unix socket to listen on as well, where this process alone answers.")
@click.option("--threads", default=4, show_default=True)
@click.option("--processes", default=1, show_default=True, help="Processes that share the listening socket.")
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    fd: int | None,
    systemd: bool,
    own: str | None,
    threads: int,
    processes: int,
) -> None:
    """Serve the API and the web client."""
    from belgenet.cli.server import Master, open_door, serve_one
    from belgenet.core.observability.systemd import listeners

    # First: a port that is taken is known at once, and nobody else's server answers in our place.
    if systemd:
        shared = listeners()
    else:
        shared = [socket.create_server((host, port), backlog=1024) if fd is None else socket.socket(fileno=fd)]
    if not shared or (systemd and processes != 1):
        raise click.UsageError("--systemd is for one process of a service with a socket unit")
    application = configured(context, process="web", kind="web").make_wsgi_app()
    if processes == 1:
        serve_one(application, shared, threads, [open_door(own)] if own else [])
    else:
        Master(application, shared[0], processes, threads).run()


@click.command()
@click.option("--queues", default="", help="Comma separated; default: all.")
@click.option("--concurrency", type=int, help="Processes; default: the setting tasks.concurrency.")
@click.option("--name", default="worker", show_default=True)
@click.pass_context
def worker(context: click.Context, queues: str, concurrency: int | None, name: str) -> None:
    """Work off the queues."""
    registry = registry_of(context, process=name, kind="worker")
    from celery import signals

    from belgenet.core.observability.heartbeat import start_heartbeat
    from belgenet.core.observability.systemd import Watchdog, notify
    from belgenet.core.outbox.registry import QUEUES, modules_to_preload
    from belgenet.core.tasks.app import make_celery

    app = make_celery(registry)
    engine = registry["belgenet.engine"]

    @signals.worker_process_init.connect(weak=False)
    def forget_connections(**_: Any) -> None:
        """A forked child must not use its parent's sockets."""
        engine.dispose(close=False)

    @signals.worker_ready.connect(weak=False)
    def alive(sender: Any, **_: Any) -> None:
        start_heartbeat(engine, "worker")
        notify("READY=1")
        # By the consumer's own timer: if its loop hangs, systemd hears nothing more.
        if (watchdog := Watchdog()).every:
            sender.timer.call_repeatedly(watchdog.every / 2, watchdog.pat)

    @signals.worker_shutting_down.connect(weak=False)
    def leaving(**_: Any) -> None:
        notify("STOPPING=1")

    if os.geteuid() == 0:
        os.environ.setdefault("C_FORCE_ROOT", "1")
    engine.dispose()
    served = queues.split(",") if queues else QUEUES
    # Once here instead of in each child: the first certificate waits for no import, and the children share the memory.
    for module in modules_to_preload(registry["belgenet.consumers"].values(), served):
        import_module(module)
    freeze_for_forks()
    count = concurrency or registry.settings["belgenet"].tasks.concurrency
    app.Worker(
        hostname=f"{name}@{socket.gethostname()}.{os.getpid()}",
        queues=",".join(served),
        concurrency=count,
        pool="prefork",
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        loglevel="INFO",
    ).start()


@click.command()
@click.pass_context
def beat(context: click.Context) -> None:
    """Start periodic work on time."""
    registry = registry_of(context, process="beat")
    import structlog

    from belgenet.core.observability.heartbeat import start_heartbeat
    from belgenet.core.observability.systemd import Watchdog, notify
    from belgenet.core.tasks.app import make_celery
    from belgenet.core.tasks.beat import LONGEST_NAP_SECONDS, Schedule
    from belgenet.core.tasks.queues import Queues

    app, engine = make_celery(registry), registry["belgenet.engine"]
    full = Queues(registry.settings["belgenet"]).full
    stop, schedule, watchdog = _stop_event(), None, Watchdog()
    start_heartbeat(engine, "beat")
    notify("READY=1")
    while not stop.is_set():
        watchdog.pat()
        try:
            schedule = schedule or Schedule(app, engine, full)
            nap = schedule.tick()
        except Exception as error:  # noqa: BLE001 - a database or a broker that is away comes back
            structlog.get_logger(__name__).warning("beat.retry", error=str(error))
            nap = 2
        stop.wait(max(0.05, min(nap, LONGEST_NAP_SECONDS)))
    notify("STOPPING=1")


@click.command()
@click.pass_context
def relay(context: click.Context) -> None:
    """Carry the outbox to the queues."""
    registry = registry_of(context, process="relay")
    from belgenet.core.db.session import make_engine
    from belgenet.core.observability.heartbeat import start_heartbeat
    from belgenet.core.observability.systemd import Watchdog, notify
    from belgenet.core.outbox.hold import Hold
    from belgenet.core.outbox.relay import Relay
    from belgenet.core.tasks.app import make_celery, send_delivery
    from belgenet.core.tasks.queues import Queues

    settings = registry.settings["belgenet"]
    if settings.database.relay_url is None:
        raise click.ClickException("missing setting 'database.relay_url': the relay has a database role of its own")
    url = settings.database.relay_url.get_secret_value()
    engine = make_engine(url, settings, application="relay")
    app = make_celery(registry)
    stop = _stop_event()
    start_heartbeat(engine, "relay")
    lease = settings.tasks.lease_seconds
    consumers, queues, hold = registry["belgenet.consumers"], Queues(settings), Hold(settings.tasks.hold_file)
    work = Relay(
        engine, consumers, lambda row: send_delivery(app, row, lease), lease, lambda: queues.full() | hold.queues()
    )
    notify("READY=1")
    work.run(url.replace("postgresql+psycopg://", "postgresql://", 1), stop, Watchdog().pat)
    notify("STOPPING=1")
