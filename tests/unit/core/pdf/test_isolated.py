"""One helper forks a process for each untried template: limits, ends, and nothing shared between orders."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from belgenet.core.pdf import IsolatedTemplateRenderer, PdfRenderError, PdfTemplate, RenderedPdf, helper

ENDLESS = "{% for a in range(500) %}" * 4 + "{% endfor %}" * 4
LONG = "{% for a in range(500) %}{% for b in range(500) %}{% for c in range(40) %}" + "{% endfor %}" * 3 + "done"
SHORT = PdfTemplate("<p>short</p>")


@pytest.fixture
def renderers() -> Iterator[Callable[..., IsolatedTemplateRenderer]]:
    """Makes renderers whose helpers end with the test."""
    made = []

    def make(**options: float) -> IsolatedTemplateRenderer:
        made.append(IsolatedTemplateRenderer(**options))
        return made[-1]

    yield make
    for renderer in made:
        renderer._helper.close()


@pytest.fixture
def renderer(renderers: Callable[..., IsolatedTemplateRenderer]) -> IsolatedTemplateRenderer:
    return renderers()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def until(what: Callable[[], Any], seconds: float = 15) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


def helper_of(renderer: IsolatedTemplateRenderer) -> psutil.Process:
    return psutil.Process(until(lambda: renderer._helper._process).pid)


def limited(process: psutil.Process) -> bool:
    """Whether it carries out an order; the helper has other children while it looks for libraries."""
    try:
        return process.rlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY
    except psutil.NoSuchProcess:
        return False


def orders_of(renderer: IsolatedTemplateRenderer, count: int = 1) -> list[psutil.Process]:
    """The processes that carry out orders, once there are ``count``."""
    of = helper_of(renderer)
    return until(lambda: found if len(found := list(filter(limited, of.children()))) >= count else None)


def folder_of(renderer: IsolatedTemplateRenderer) -> Path:
    return next(Path("/tmp").glob(f"belgenet-pdf-{helper_of(renderer).pid}-*"))


def begun_order_of(renderer: IsolatedTemplateRenderer) -> psutil.Process:
    """The one process that carries out an order, once it has said so: it makes its folder after that."""
    process = orders_of(renderer)[0]
    until(lambda: list(folder_of(renderer).iterdir()))
    return process


def handles_of(process: psutil.Process) -> list[str]:
    return [str(handle.readlink()) for handle in Path(f"/proc/{process.pid}/fd").iterdir()]


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def in_vain(order: "Future[RenderedPdf]") -> str:
    with pytest.raises(PdfRenderError) as caught:
        order.result(30)
    return str(caught.value)


def signals_of(process: psutil.Process, row: str) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(row)).split()[1], 16)


def test_one_helper_serves_every_order_and_starts_with_the_first(renderer: IsolatedTemplateRenderer) -> None:
    assert renderer._helper._process is None
    assert renderer.render(SHORT).pages == 1
    first = helper_of(renderer).pid
    assert renderer.render(SHORT).pages == 1
    assert helper_of(renderer).pid == first


def test_the_helper_sees_nothing_of_ours(renderer: IsolatedTemplateRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELGENET_SECRET", "s")
    mine = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(mine, True)
    renderer.render(SHORT)
    os.close(mine)
    process = helper_of(renderer)
    assert process.environ() == {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    assert process.cmdline()[1:4] == ["-I", "-m", "belgenet.core.pdf.child"]
    assert process.cwd() == "/"
    handles = handles_of(process)
    assert len([name for name in handles if name.startswith("socket:")]) == 1
    assert {name for name in handles if not name.startswith("socket:")} == {"/dev/null"}


def test_an_order_has_its_own_socket_only(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    order = pool.submit(renderer.render, PdfTemplate(LONG))
    handles = handles_of(begun_order_of(renderer))
    assert len([name for name in handles if name.startswith("socket:")]) == 1
    order.result(30)


def test_the_helper_has_one_thread_when_it_forks(renderer: IsolatedTemplateRenderer) -> None:
    renderer.render(SHORT)
    assert helper_of(renderer).num_threads() == 1


def test_an_order_runs_under_limits_no_code_can_lift(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers(timeout_seconds=4, memory_mib=700)
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    process = orders_of(renderer)[0]
    memory = 700 * 1024 * 1024
    assert process.rlimit(resource.RLIMIT_CPU) == (5, 5)
    assert process.rlimit(resource.RLIMIT_AS) == (memory, memory)
    alarm = 1 << (signal.SIGALRM - 1)
    assert not (signals_of(process, "SigBlk") | signals_of(process, "SigIgn") | signals_of(process, "SigCgt")) & alarm
    assert in_vain(order) == "timeout"
    until(lambda: gone(process), 2)
    assert helper_of(renderer).rlimit(resource.RLIMIT_AS)[0] != memory


def test_the_alarm_rings_though_nobody_waits_for_the_order(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers(timeout_seconds=3)
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    process = orders_of(renderer)[0]
    helper_of(renderer).send_signal(signal.SIGSTOP)  # nor can the helper end it
    try:
        assert in_vain(order) == "timeout"
        until(lambda: gone(process), 2)
    finally:
        helper_of(renderer).send_signal(signal.SIGCONT)


def test_a_template_that_eats_the_memory_is_refused_and_the_helper_lives(
    renderers: Callable[..., IsolatedTemplateRenderer],
) -> None:
    renderer = renderers(memory_mib=512)
    assert renderer.render(SHORT).pages == 1
    before = helper_of(renderer).pid
    greedy = "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a ~ a ~ a %}" * 13 + "{{ a|length }}"  # 640 MiB
    with pytest.raises(PdfRenderError, match="crashed"):
        renderer.render(PdfTemplate(greedy))
    assert renderer.render(SHORT).pages == 1
    assert helper_of(renderer).pid == before


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_an_order_that_crashes_is_not_tried_again_and_harms_no_other(
    renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor, number: signal.Signals
) -> None:
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    process = begun_order_of(renderer)
    other = pool.submit(renderer.render, PdfTemplate(LONG))
    process.send_signal(number)
    assert in_vain(order) == "crashed"
    assert other.result(30).pages == 1
    until(lambda: not helper_of(renderer).children())  # reaped as well


def test_orders_run_at_once_in_processes_of_their_own(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers(timeout_seconds=5)
    endless = [pool.submit(renderer.render, PdfTemplate(ENDLESS)) for _ in range(2)]
    first, second = orders_of(renderer, 2)
    assert first.pid != second.pid
    assert renderer.render(SHORT).pages == 1
    assert [in_vain(order) for order in endless] == ["timeout", "timeout"]


def test_nothing_of_an_order_reaches_the_next(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    seen = []
    for _ in range(2):
        order = pool.submit(renderer.render, PdfTemplate(LONG))
        process = orders_of(renderer)[0]
        seen.append(process.pid)
        assert process.ppid() == helper_of(renderer).pid
        order.result(30)
        until(lambda process=process: gone(process))
    assert len(set(seen)) == 2


def test_answers_of_many_threads_are_not_mixed_up(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    def one(pages: int) -> RenderedPdf:
        html = "<p style='page-break-before: always'>x</p>" * pages + f"<img src='http://127.0.0.1:9/{pages}'>"
        return renderer.render(PdfTemplate(html))

    numbers = [1, 2, 3, 4, 5, 6, 7, 8] * 2
    for number, rendered in zip(numbers, pool.map(one, numbers), strict=True):
        assert rendered.pages == number
        assert rendered.refused == (f"http://127.0.0.1:9/{number}",)


def test_large_orders_and_answers_pass(renderer: IsolatedTemplateRenderer) -> None:
    noise = os.urandom(3_000_000)
    rendered = renderer.render(
        PdfTemplate("<p>{{ text|length }}", context={"text": "ğ" * 900_000}, assets={"a": noise})
    )
    assert rendered.pages == 1


def test_a_killed_helper_is_replaced(renderer: IsolatedTemplateRenderer) -> None:
    renderer.render(SHORT)
    killed, left = helper_of(renderer), folder_of(renderer)
    killed.kill()
    until(lambda: gone(killed))
    assert renderer.render(SHORT).pages == 1
    shutil.rmtree(left)
    assert helper_of(renderer).pid != killed.pid


def test_orders_that_wait_for_a_helper_that_is_killed_are_given_to_another(
    renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor
) -> None:
    orders = [pool.submit(renderer.render, SHORT) for _ in range(3)]
    starting = helper_of(renderer)
    time.sleep(0.1)
    assert not list(filter(limited, starting.children()))
    starting.kill()
    assert [order.result(30).pages for order in orders] == [1, 1, 1]
    assert helper_of(renderer).pid != starting.pid


def test_an_order_under_way_survives_its_helper(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    order = pool.submit(renderer.render, PdfTemplate(LONG))
    orders_of(renderer)
    left = folder_of(renderer)
    helper_of(renderer).kill()
    assert order.result(30).pages == 1
    shutil.rmtree(left, ignore_errors=True)  # the order may be tidying up there as well


def test_a_helper_that_never_comes_up_is_tried_twice(
    renderer: IsolatedTemplateRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(helper, "CHILD", "no.such.module")
    monkeypatch.setattr(helper.subprocess, "Popen", lambda *a, **k: started.append(1) or real(*a, **k))
    with pytest.raises(PdfRenderError, match="crashed"):
        renderer.render(SHORT)
    assert len(started) == 2


def test_a_service_managers_signal_lets_the_order_finish(
    renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor
) -> None:
    order = pool.submit(renderer.render, PdfTemplate(LONG))
    for process in (*orders_of(renderer), helper_of(renderer)):
        process.terminate()
    assert order.result(30).pages == 1
    assert not gone(helper_of(renderer))


def test_an_idle_helper_ends_and_another_starts(renderers: Callable[..., IsolatedTemplateRenderer]) -> None:
    renderer = renderers(idle_seconds=0.5)
    renderer.render(SHORT)
    first = helper_of(renderer)
    assert not gone(first)
    until(lambda: gone(first), 5)
    assert renderer.render(SHORT).pages == 1
    assert helper_of(renderer).pid != first.pid


def test_a_helper_is_not_idle_while_an_order_is_under_way(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers(idle_seconds=0.2, timeout_seconds=5)
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    orders_of(renderer)
    first = helper_of(renderer)
    time.sleep(1)
    assert not gone(first)
    assert in_vain(order) == "timeout"
    until(lambda: gone(first), 5)


def test_what_a_killed_order_wrote_goes_with_the_helper(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers()
    renderer.render(SHORT)
    folder = folder_of(renderer)
    until(lambda: not list(folder.iterdir()) and not helper_of(renderer).children())
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    begun_order_of(renderer).kill()
    assert in_vain(order) == "crashed"
    renderer._helper.close()
    assert not folder.exists()


def test_ending_the_helper_ends_what_it_was_doing(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    process = begun_order_of(renderer)
    renderer._helper.close()
    assert in_vain(order) == "crashed"
    assert gone(process)


def test_a_renderer_that_is_dropped_takes_its_helper_along() -> None:
    renderer = IsolatedTemplateRenderer()
    renderer.render(SHORT)
    process = helper_of(renderer)
    del renderer
    assert gone(process)


PARENT = """
import json, os, subprocess, sys, threading, time
from belgenet.core.pdf import IsolatedTemplateRenderer, PdfTemplate

renderer = IsolatedTemplateRenderer()
renderer.render(PdfTemplate("<p>x</p>"))
helper = renderer._helper._process.pid
forked = os.fork()
if forked == 0:
    time.sleep(60)
    os._exit(0)
spawned = subprocess.Popen(["sleep", "60"], close_fds=False)
threading.Thread(target=renderer.render, args=[PdfTemplate(sys.argv[1])], daemon=True).start()
print(json.dumps([helper, forked, spawned.pid]), flush=True)
time.sleep(60)
"""


def test_the_helper_ends_with_its_parent_though_the_parents_children_live() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, ENDLESS], stdout=subprocess.PIPE) as parent:
        process, forked, spawned = map(psutil.Process, json.loads(parent.stdout.readline()))
        try:
            order = until(lambda: list(filter(limited, process.children())))[0]
            parent.kill()
            until(lambda: gone(process) and gone(order), 5)
            assert not gone(forked)
            assert not gone(spawned)
        finally:
            for left in (forked, spawned):
                left.kill()


FORKED = """
import json, os, sys
from belgenet.core.pdf import IsolatedTemplateRenderer, PdfTemplate

renderer = IsolatedTemplateRenderer()
def render():
    renderer.render(PdfTemplate("<p>x</p>"))
    return renderer._helper._process.pid
before = render()
reading, writing = os.pipe()
if os.fork() == 0:
    inherited = renderer._helper._control is not None
    os.write(writing, json.dumps([render(), inherited]).encode())
    renderer._helper.close()
    os._exit(0)
os.wait()
print(json.dumps([before, *json.loads(os.read(reading, 100)), render()]))
"""


def test_a_forked_process_starts_a_helper_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKED], capture_output=True, check=True, timeout=60, text=True
    )
    before, forked, inherited, after = json.loads(done.stdout)
    assert done.stderr == ""
    assert not inherited
    assert forked != before
    assert after == before


def test_a_fork_waits_for_an_order_that_is_being_passed_on(renderer: IsolatedTemplateRenderer) -> None:
    """Else the forked process would inherit the far end of its socket, or a lock nobody opens."""
    taken, forked = threading.Event(), threading.Event()

    def fork() -> None:
        taken.wait(5)
        pid = os.fork()
        if pid == 0:
            os._exit(0 if not helper._LOCK.locked() else 1)
        forked.set()
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    codes: list[int] = []
    thread = threading.Thread(target=fork)
    with contextlib.ExitStack() as stack:
        stack.callback(thread.join)
        with helper._LOCK:
            thread.start()
            taken.set()
            assert not forked.wait(0.3)
    assert codes == [0]
