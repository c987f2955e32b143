"""The unit in which an upgrade works."""

from contextlib import nullcontext

from belgenet.appliance.upgrade import start


def test_it_has_limits_and_the_patience_of_who_asks(monkeypatch):
    """Who takes up an upgrade after a power cut only asks for it: limits of that unit would hold nothing."""
    seen: list[str] = []
    monkeypatch.setattr(start, "exclusive", lambda _verb: nullcontext())
    monkeypatch.setattr(start.programs, "run_all", lambda _commands: None)
    monkeypatch.setattr(start.os, "execv", lambda _program, words: seen.extend(words))
    monkeypatch.setenv("BELGENET_PATIENCE", "36000")
    start.as_unit(["belgenet", "upgrade", "--resume", "--in-unit"])
    before = set(seen[: seen.index("--")])
    assert {
        "--wait",
        "--property=MemoryMax=75%",
        "--property=TasksMax=2048",
        "--setenv=BELGENET_PATIENCE=36000",
    } < before
