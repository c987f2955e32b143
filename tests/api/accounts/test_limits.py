"""Rate limits at the door, on a real Redis."""

from typing import Any

import pytest
from tests.api.accounts.helpers import EMAIL, NAME, PASSWORD, sign_in

from belgenet.core.web.ratelimit import RateLimiter


@pytest.fixture
def limited(app: Any, system: Any, monkeypatch: Any) -> Any:
    """The client of an installation that counts."""
    counting = system.settings.limits.model_copy(
        update={
            "enabled": True,
            "sign_in_per_address": "5/minute",
            "registration": "3/hour",
            "sign_in_per_account": "4/minute",
        }
    )
    monkeypatch.setitem(system.registry.settings, "belgenet", system.settings.model_copy(update={"limits": counting}))
    return app


def test_one_address_does_not_try_many_accounts(limited: Any) -> None:
    for number in range(5):
        sign_in(limited, f"person{number}@example.org", status=401)
    answer = sign_in(limited, "person6@example.org", status=429)
    assert answer.json["code"] == "rate_limited"
    assert int(answer.headers["Retry-After"]) > 0
    assert "r=0" in answer.headers["RateLimit"]


def test_one_account_is_not_tried_often_known_or_not(limited: Any) -> None:
    for _ in range(4):
        sign_in(limited, status=401)
    assert sign_in(limited, status=429).json["code"] == "rate_limited"


def test_registering_and_forgetting_are_counted(limited: Any) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "full_name": NAME}
    for _ in range(3):
        limited.post("/auth/register", body, status=202)
    assert limited.post("/auth/register", body, status=429).json["code"] == "rate_limited"
    assert limited.post("/auth/password/forgot", {"email": EMAIL}, status=429).json["code"] == "rate_limited"


def test_without_redis_the_door_stays_shut_and_says_so(limited: Any, system: Any, monkeypatch: Any) -> None:
    """Guessing passwords must not become free because Redis is away; whoever is signed in goes on."""
    from belgenet.core.security import Role

    nowhere = RateLimiter("redis://127.0.0.1:9/0", 0.2, "test")
    monkeypatch.setitem(system.registry, "belgenet.ratelimiter", nowhere)
    answer = sign_in(limited, status=503)
    assert answer.json["code"] == "busy"
    assert answer.headers["Retry-After"] == "5"
    tenant = system.directory.by_host("vakif.localhost")
    system.sign_in(tenant, Role.DONOR).client.get("/me", status=200)
