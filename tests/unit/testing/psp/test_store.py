import json
import threading

import pytest

from belgenet.testing.psp.store import Store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state"


def test_what_was_put_survives_without_a_close(folder):
    first = Store(folder)
    first.put("payment", "1", {"price": "100.50", "name": "Ayşe\n"})
    first.put("payment", "1", {"price": "100.50", "status": "SUCCESS"})
    second = Store(folder)
    assert second.get("payment", "1") == {"price": "100.50", "status": "SUCCESS"}
    first.close()
    second.close()


def test_a_line_torn_by_a_kill_is_dropped_and_the_rest_kept(folder):
    store = Store(folder)
    store.put("payment", "1", {"a": 1})
    store.close()
    with (folder / "journal.jsonl").open("ab") as log:
        log.write(b'["payment","2",{"a"')
    again = Store(folder)
    assert again.all("payment") == [{"a": 1}]
    again.put("payment", "3", {"a": 3})
    again.close()
    last = Store(folder)
    assert last.all("payment") == [{"a": 1}, {"a": 3}]
    last.close()


def test_a_start_drops_what_was_overwritten(folder):
    store = Store(folder)
    for number in range(100):
        store.put("payment", "1", {"number": number})
    store.close()
    again = Store(folder)
    assert again.get("payment", "1") == {"number": 99}
    again.close()
    assert len((folder / "journal.jsonl").read_text().splitlines()) == 1


def test_readers_get_copies(folder):
    store = Store(folder)
    store.put("payment", "1", {"items": [1]})
    store.get("payment", "1")["items"].append(2)
    store.all("payment")[0]["items"].append(3)
    assert store.get("payment", "1") == {"items": [1]}
    store.close()


@pytest.fixture
def clock(monkeypatch):
    """Stands still; ``clock(seconds)`` sets it."""

    def at(seconds):
        monkeypatch.setattr("belgenet.testing.psp.store.time.time", lambda: seconds)

    at(0.0)
    return at


def test_numbers_never_repeat_not_even_after_a_reset(folder, clock):
    store = Store(folder)
    numbers = [store.number("payment", 100) for _ in range(3)]
    store.reset()
    assert store.all("payment") == []
    numbers.append(store.number("payment", 100))
    store.close()
    again = Store(folder)
    numbers.append(again.number("payment", 100))
    again.close()
    assert numbers == [101, 102, 103, 104, 105]


def test_a_provider_with_a_new_memory_does_not_begin_anew(folder, clock):
    old = Store(folder / "old")
    first = old.number("payment", 100)
    old.close()
    clock(60.0)
    new = Store(folder / "new")
    assert new.number("payment", 100) > first
    new.close()


def test_threads_do_not_tear_lines_or_share_numbers(folder, clock):
    store, numbers = Store(folder), []

    def work():
        for _ in range(50):
            numbers.append(store.number("n", 0))
            store.put("payment", str(numbers[-1]), {"x": "y" * 500})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert sorted(numbers) == list(range(1, 401))
    assert all(json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines())
