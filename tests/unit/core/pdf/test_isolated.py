"""Each untried template is drawn by a process of its own: limits, and nothing shared between orders."""

import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.core.pdf.processes import (
    ENDLESS,
    LONG,
    SHORT,
    begun_order_of,
    gone,
    handles_of,
    helper_of,
    in_vain,
    orders_of,
    signals_of,
    until,
)

from belgenet.core.pdf import IsolatedTemplateRenderer, PdfRenderError, PdfTemplate, RenderedPdf


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
