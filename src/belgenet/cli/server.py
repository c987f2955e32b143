"""Waitress in one process, or several processes on one socket under a small master."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog
import waitress
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from belgenet.cli.context import freeze_for_forks
from belgenet.core.observability.systemd import Watchdog, notify

log = structlog.get_logger(__name__)
RESTART_PAUSE = 0.5
DRAIN_SECONDS = 20
HEAR_SECONDS = 0.3
STOPPING = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 30
BACKLOG = 2048
"""Connections that wait in a socket's queue, in the kernel."""
FORM_ALLOWANCE = 1024 * 1024
"""What a form may have around its file."""


def largest_body(application: Any) -> int:
    """Bytes beyond which the server refuses a request before reading it; the application's own, finer limits lie below."""
    settings = application.registry.settings["belgenet"]
    return int(max(settings.storage.max_upload_bytes, settings.app.max_body_bytes) + FORM_ALLOWANCE)


def server_options(application: Any) -> dict[str, Any]:
    """How waitress serves the application."""
    return {
        "ident": None,
        "max_request_body_size": largest_body(application),
        "backlog": BACKLOG,
        "channel_timeout": 60,
        "connection_limit": 500,
        "clear_untrusted_proxy_headers": True,
        # Not X-Forwarded-Host: the tenant is found by the host, and proxies pass on what strangers put there.
        "trusted_proxy": application.registry.settings["belgenet"].app.trusted_proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def open_door(place: str) -> socket.socket:
    """A Unix socket of this process alone; one that was left there by another process is replaced."""
    Path(place).unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(place)
    return door


class _Waitress:
    """Waitress on listening sockets that other processes may hold too, turned by hand.

    A connection is taken from them only while a thread is free for it: waitress by itself would take all that come and let them
    wait in this process, while another one has nothing to do, and lose them when it is killed.

    :param own: listens for this process alone, and is always heard: whoever asks there wants to know how this one is.
    """

    def __init__(
        self, application: Any, shared: Sequence[socket.socket], own: Sequence[socket.socket], threads: int
    ) -> None:
        self._threads = threads
        self._map: dict[int, Any] = {}
        options = server_options(application)
        server = waitress.create_server(application, map=self._map, sockets=[*shared, *own], threads=threads, **options)
        self._dispatcher = server.task_dispatcher
        self._doors = [part for part in self._map.values() if isinstance(part, BaseWSGIServer)]
        mine = {listener.fileno() for listener in own}
        self._shared = [door for door in self._doors if door.socket.fileno() not in mine]

    def wake(self) -> None:
        """End the turn that waits; a signal may do so."""
        self._doors[0].pull_trigger()

    def turn(self, seconds: float) -> None:
        """One turn of the loop, at most so long. A thread that becomes free ends it early."""
        free = sum(bool(channel.requests) for channel in self._channels()) < self._threads
        for door in self._shared:
            door.accepting = free
        wasyncore.loop(timeout=seconds, map=self._map, count=1, use_poll=True)

    def drain(self) -> None:
        """Hear of nobody new, and go on until nobody waits for an answer.

        A connection taken a moment ago may not have said yet what it wants; one that is kept open for further requests is asked to
        go with its next answer, or closed when it asks for nothing.
        """
        for door in self._doors:
            door.del_channel()
            door.socket.close()
        begin = time.monotonic()
        while (channels := list(self._channels())) and (waited := time.monotonic() - begin) < DRAIN_SECONDS:
            for channel in channels:
                for request in list(channel.requests):
                    request.headers["CONNECTION"] = "close"
                if waited > HEAR_SECONDS and not _busy(channel):
                    channel.will_close = True
            wasyncore.loop(timeout=0.05, map=self._map, count=1, use_poll=True)
        self._dispatcher.shutdown(cancel_pending=False, timeout=1)

    def _channels(self) -> Iterator[Any]:
        for door in self._doors:
            yield from door.active_channels.values()


def serve_one(
    application: Any, shared: Sequence[socket.socket], threads: int, own: Sequence[socket.socket] = ()
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what has begun and return. Waitress itself would cut it off.

    The listening sockets are closed before that: who waits in their queues is served by whoever else holds them (another process,
    systemd, the demo), and the port is free if nobody does.

    :param shared: sockets that others may listen on too.
    :param own: those of this process alone.
    """
    server = _Waitress(application, shared, own, threads)
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping  # not an Event, whose lock a second signal would wait for inside the first
        stopping = True
        server.wake()

    for number in STOPPING:
        signal.signal(number, stop)
    watchdog = Watchdog()
    notify("READY=1")
    while not stopping:
        watchdog.pat()
        server.turn(1)
    notify("STOPPING=1")
    server.drain()


def _busy(channel: Any) -> bool:
    return bool(channel.requests or channel.request is not None or channel.total_outbufs_len)


def end_with_parent(parent: int) -> None:
    """Stop when the master is gone, however it went: a child alone would hold the port against the next start.

    :param parent: the master's process id, as the master knows it; it may be gone before its child asks for it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class Master:
    """Keeps ``count`` child processes on one listening socket; a child that dies is replaced.

    Children are forked from a process that has loaded the application but never served: they share its memory, and a new one
    answers at once. Nothing may be open in it when it forks: children would share a connection and mix its answers.

    :raises RuntimeError: a thread runs in it already.
    """

    def __init__(self, application: Any, listener: socket.socket, count: int, threads: int) -> None:
        if threading.active_count() != 1:
            raise RuntimeError(f"threads before the fork: {threading.enumerate()}")
        self._application = application
        self._listener = listener
        self._count = count
        self._threads = threads
        self._children: set[int] = set()
        self._stopping = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in STOPPING:
            signal.signal(number, self._stop)
        freeze_for_forks()
        watchdog = Watchdog()
        notify("READY=1")
        while not self._stopping:
            watchdog.pat()
            while len(self._children) < self._count:
                self._children.add(self._fork())
            time.sleep(RESTART_PAUSE)
            for pid, code in self._ended():
                log.warning("web.restart", pid=pid, code=code)
        notify("STOPPING=1")
        self._listener.close()
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while self._children and time.monotonic() < until:
            self._ended()
            time.sleep(0.05)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        sys.exit(0)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _fork(self) -> int:
        master = os.getpid()
        # A signal that came before the child has its own answer to it would be heard by nobody.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        if pid := os.fork():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            return pid
        try:
            os.environ.pop("NOTIFY_SOCKET", None)  # the service manager listens to the master alone
            for number in STOPPING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            end_with_parent(master)
            serve_one(self._application, [self._listener], self._threads)
            os._exit(0)
        except BaseException:
            log.exception("web.child")
        finally:
            os._exit(1)  # never the parent's cleaning up

    def _ended(self) -> list[tuple[int, int]]:
        """Children that are no more, with their exit codes."""
        ended = []
        for pid in self._children:
            gone, status = os.waitpid(pid, os.WNOHANG)
            if gone:
                ended.append((pid, os.waitstatus_to_exitcode(status)))
        self._children.difference_update(pid for pid, _ in ended)
        return ended
