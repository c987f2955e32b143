import pytest

from belgenet.testing.psp.notify import notify_url


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("http://vakif.localhost:8000/api/v1/payments/iyzico/return?x=1", "http://vakif.localhost:8000/hook"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/hook"),
        ("http://localhost/", "http://localhost/hook"),
        ("http://[::1]:8000/", "http://[::1]:8000/hook"),
        ("https://example.org/return", None),
        ("http://localhost.example.org/", None),
        ("http://127.0.0.1.example.org/", None),
        ("", None),
    ],
)
def test_only_this_machine_is_notified_unasked(page, expected):
    assert notify_url(None, page, "/hook") == expected


def test_an_explicit_address_wins():
    assert notify_url("https://example.org/x", "http://localhost/", "/hook") == "https://example.org/x"
