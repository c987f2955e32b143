"""`python -m belgenet.testing.psp`: run the test payment provider until it is told to stop."""

import argparse
import json
import os
import signal
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from belgenet.testing.psp.app import HOST, build, server, wsgi
from belgenet.testing.psp.config import PspConfig

BANNER = """
######################################################################
#   TEST ÖDEME SAĞLAYICI  /  TEST PAYMENT PROVIDER                   #
#   Gerçek para çekilmez.    No money moves. Never use in production #
######################################################################
"""


def arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m belgenet.testing.psp", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one (see STATE/psp.json)")
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps charges across restarts")
    parser.add_argument("--public-url", help="address the payer's browser uses (default http://127.0.0.1:PORT)")
    parser.add_argument("--iyzico-key", required=True)
    parser.add_argument("--iyzico-secret", required=True)
    parser.add_argument("--stripe-key", required=True)
    parser.add_argument("--stripe-webhook-secret", required=True)
    parser.add_argument("--notify-iyzico", help="default: the callback's host + /api/v1/webhooks/iyzico")
    parser.add_argument("--notify-stripe", help="default: the success page's host + /api/v1/webhooks/stripe")
    parser.add_argument("--resolve", default="", help="where webhooks go, whatever their host's name says")
    parser.add_argument(
        "--authorities", type=Path, help="PEM file of those whose certificates are trusted for webhooks"
    )
    parser.add_argument("--webhook-delay-ms", type=int, default=200)
    parser.add_argument("--webhook-retry-ms", type=int, default=15_000)
    parser.add_argument("--webhook-tries", type=int, default=3)
    parser.add_argument("--token-seconds", type=int, default=1800, help="life of an iyzico form")
    return parser.parse_args(words)


def environment_name() -> str:
    """The installation's ``app.environment``, found as the product finds it: environment, ini file, default."""
    parser = ConfigParser(interpolation=None)
    if ini := os.environ.get("BELGENET_CONFIG"):
        parser.read(ini, encoding="utf-8")
    written = parser.get("app:main", "belgenet.app.environment", fallback="production")
    return os.environ.get("BELGENET_APP_ENVIRONMENT", written)


def main(words: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    if (name := environment_name()) not in {"development", "test"}:
        print(
            f"The test payment provider does not run where app.environment is '{name}' (the default): "
            "set BELGENET_APP_ENVIRONMENT=development on a machine that takes no real money.",
            file=sys.stderr,
        )
        return 2
    options = arguments(words)
    # The address is part of every page it names, so the port must be known before the application is built.
    made = server(_starting, options.port, scheme=urlsplit(options.public_url or "http:").scheme)
    port = int(made.effective_port)
    config = PspConfig(
        state=options.state,
        public_url=(options.public_url or f"http://{HOST}:{port}").rstrip("/"),
        iyzico_key=options.iyzico_key,
        iyzico_secret=options.iyzico_secret,
        stripe_key=options.stripe_key,
        stripe_webhook_secret=options.stripe_webhook_secret,
        notify_iyzico=options.notify_iyzico,
        notify_stripe=options.notify_stripe,
        webhook_delay=options.webhook_delay_ms / 1000,
        webhook_retry=options.webhook_retry_ms / 1000,
        webhook_tries=options.webhook_tries,
        token_seconds=options.token_seconds,
        resolve=options.resolve,
        authorities=options.authorities,
    )
    psp = build(config)
    made.application = wsgi(psp)
    psp.notifier.start()
    signal.signal(signal.SIGTERM, _stop)
    address = {"url": config.public_url, "port": port, "pid": os.getpid()}
    (config.state / "psp.json").write_text(json.dumps(address) + "\n")
    print(BANNER, f"ready {config.public_url}", sep="\n", flush=True)
    try:
        made.run()
    finally:
        psp.notifier.stop()
        made.close()
        psp.store.close()
    return 0


def _starting(_environ: object, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return [b""]


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
