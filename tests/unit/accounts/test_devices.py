import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.accounts.services.devices import device_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Windows"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/142.0 Safari/537.36", "Chrome · macOS"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
            "Samsung Internet · Android",
        ),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/142.0 Safari/537.36 OPR/118.0", "Opera · Linux"),
        ("BelgeNet/1.2 (Android)", "Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("", ""),
        (None, ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_names(agent: str | None, name: str) -> None:
    assert device_name(agent) == name


@given(st.text(max_size=500))
def test_a_name_is_always_short_and_printable(agent: str) -> None:
    name = device_name(agent)
    assert len(name) <= 60
    assert name.isprintable()
    assert "<" not in name
