"""Checks that leave a trace: an object, a secret that must go on opening, a task that comes back."""

import json
import threading
from typing import Any

import pytest
import redis
from tests.common.system import System

from belgenet.core.observability import deep
from belgenet.core.observability.health import run_checks
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SealBrokenError
from belgenet.core.tasks.app import make_celery
from belgenet.core.tasks.echo import ECHO, NoEchoError, answer, ask

OTHER = "other:" + "QUFB" * 10 + "QUE="


@pytest.fixture
def registry(system: System) -> Any:
    return system.registry


@pytest.fixture(autouse=True)
def no_canary(registry: Any) -> None:
    registry["belgenet.storage"].delete(deep.CANARY)


def test_the_first_look_leaves_a_canary_that_every_later_one_opens(registry: Any):
    assert deep.canary(registry) == {"found": False}
    kept = registry["belgenet.storage"].get(deep.CANARY)
    assert deep.canary(registry) == {"found": True}
    assert registry["belgenet.storage"].get(deep.CANARY) == kept


def test_other_master_keys_do_not_open_it(registry: Any, monkeypatch: pytest.MonkeyPatch):
    deep.canary(registry)
    monkeypatch.setitem(registry, "belgenet.master_keys", Keyring.of_masters(OTHER))
    with pytest.raises(SealBrokenError):
        deep.canary(registry)
    result = run_checks(registry, {"canary": deep.canary})
    assert result["status"] == "failed"


def test_a_canary_that_says_something_else(registry: Any):
    deep.canary(registry)
    kept = json.loads(registry["belgenet.storage"].get(deep.CANARY))
    text = json.dumps({**kept, "plain": "x"}).encode()
    registry["belgenet.storage"].put(deep.CANARY, text, len(text), "application/json")
    with pytest.raises(deep.CanaryError):
        deep.canary(registry)


def test_an_object_comes_back_and_goes(registry: Any):
    assert deep.objects(registry)["bytes"] > 0


def test_an_echo_comes_back_from_whoever_takes_it(registry: Any):
    settings = registry.settings["belgenet"]
    app = make_celery(registry)
    sent: list[tuple[str, str]] = []

    def send(name: str, words: tuple[str], *, queue: str, **_: Any) -> None:
        sent.append((name, queue))
        threading.Timer(0.2, answer, (settings, *words)).start()

    app.send_task = send
    ask(app, settings, "mail", 10)
    assert sent == [(ECHO, "mail")]


def test_nobody_answers(registry: Any):
    app = make_celery(registry)
    app.send_task = lambda *_, **__: None
    with pytest.raises(NoEchoError, match="mail"):
        ask(app, registry.settings["belgenet"], "mail", 1)


def test_a_worker_knows_what_to_do_with_it(registry: Any):
    app = make_celery(registry)
    app.tasks[ECHO]("token")
    namespace = registry.settings["belgenet"].tasks.namespace
    with redis.Redis.from_url(registry.settings["belgenet"].tasks.broker_url.get_secret_value()) as client:
        assert client.lpop(f"{namespace}:echo:token") == b"1"
