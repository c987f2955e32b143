"""Rate limits: moving window on Redis. Fail open (a lost Redis must not stop the service) except where an operation says
``rate_fail_closed``: sign-in and payment.
"""

import time
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from belgenet.core.observability.metrics import RATE_LIMITED, seed
from belgenet.core.web.errors import ErrorCode, Problem

log = structlog.get_logger(__name__)


class RateLimiter:
    """Counts hits per tenant, limit and caller."""

    def __init__(self, redis_url: str, timeout_seconds: float, prefix: str) -> None:
        options = {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds}
        self._storage = storage_from_string(redis_url, key_prefix=prefix, **options)
        self._window = MovingWindowRateLimiter(self._storage)
        self._parsed: dict[str, RateLimitItem] = {}

    def parsed(self, limit: str) -> RateLimitItem:
        """``"10/minute"`` as the library's object; parsed once for each setting."""
        if (item := self._parsed.get(limit)) is None:
            item = self._parsed[limit] = parse(limit)
        return item

    def hit(self, limit: str, *identifiers: str, fail_closed: bool = False) -> tuple[bool, int, int]:
        """Count one hit: (allowed, remaining, seconds until the window has room).

        :raises Problem: ``busy`` when Redis does not answer and ``fail_closed``.
        """
        item = self.parsed(limit)
        try:
            allowed = self._window.hit(item, *identifiers)
            stats = self._window.get_window_stats(item, *identifiers)
        except Exception as error:
            log.warning("ratelimit.unavailable", error=str(error))
            if fail_closed:
                raise Problem(ErrorCode.BUSY, 503, headers={"Retry-After": "5"}) from error
            return True, 0, 0
        return allowed, stats.remaining, max(0, int(stats.reset_time - time.time()) + 1)


def check(request: Any, name: str, *, fail_closed: bool = False, caller: str | None = None) -> None:
    """Count this request against the limit ``settings.limits.<name>``.

    :param caller: who is counted; default the account, else the client's address.
    :raises Problem: ``rate_limited`` (429) with ``Retry-After``.
    """
    settings = request.settings.limits
    if not settings.enabled:
        return
    limit = getattr(settings, name)
    identity = request.identity
    caller = caller or (f"account:{identity.account_id}" if identity else f"address:{request.client_addr}")
    tenant = str(request.tenant.id) if request.tenant else "platform"
    limiter: RateLimiter = request.registry["belgenet.ratelimiter"]
    allowed, remaining, reset = limiter.hit(limit, tenant, name, caller, fail_closed=fail_closed)
    item = limiter.parsed(limit)
    headers = {
        "RateLimit-Policy": f'"{name}";q={item.amount};w={item.get_expiry()}',
        "RateLimit": f'"{name}";r={remaining};t={reset}',
    }
    request.response.headers.update(headers)
    if not allowed:
        RATE_LIMITED.labels(limit=name).inc()
        raise Problem(
            ErrorCode.RATE_LIMITED, 429, params={"seconds": reset}, headers={**headers, "Retry-After": str(reset)}
        )


def includeme(config: Any) -> None:
    settings = config.registry.settings["belgenet"]
    seed(RATE_LIMITED, limit=type(settings.limits).model_fields.keys() - {"enabled"})
    config.registry["belgenet.ratelimiter"] = RateLimiter(
        settings.cache.url.get_secret_value(), settings.cache.timeout_seconds, f"{settings.tasks.namespace}:limits"
    )
