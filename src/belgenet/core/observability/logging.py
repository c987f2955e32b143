"""Structured logs on stderr: one JSON object a line, with request id and tenant, and never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog

from belgenet.settings import Settings

_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "card")


@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank whatever is named like a secret."""
    for key in event:
        if _is_secret(key):
            event[key] = "***"
    return event


def configure(settings: Settings, *, process: str) -> None:
    """Route the standard library's and structlog's messages through one formatter."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        redact,
    ]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    final: Any = structlog.processors.JSONRenderer() if settings.logging.format == "json" else plain
    errors = (
        []
        if settings.logging.format == "console"
        else [structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *errors, final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.logging.level)
    for noisy in (
        "fontTools",
        "weasyprint",
        "pyhanko",
        "pyhanko_certvalidator",
        "httpx",
        "httpcore",
        "stripe",
        "urllib3",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.get_logger(__name__).info("process.start", process=process)
