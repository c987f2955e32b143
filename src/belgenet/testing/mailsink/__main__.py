"""The mail sink's process: SMTP in one thread, the reader and the taker of SMS over HTTP in the main one."""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

import waitress
from aiosmtpd.controller import Controller

from belgenet.testing.mailsink import LOOPBACK
from belgenet.testing.mailsink.mailbox import store_mail
from belgenet.testing.mailsink.web import mail_reader

_SIZE_LIMIT = 30 * 1024 * 1024


class _Keeper:
    """aiosmtpd's handler: keep what arrives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail_id = store_mail(self.folder, envelope.content, envelope.rcpt_tos)
        return f"250 kept as {mail_id}"


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Mail sink of the demo and the tests")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    options = parser.parse_args()
    mails, sms = options.folder / "mails", options.folder / "sms"
    for folder in (mails, sms):
        folder.mkdir(parents=True, exist_ok=True)
    smtp = Controller(
        _Keeper(mails),
        hostname=LOOPBACK,
        port=options.smtp_port,
        server_kwargs={"enable_SMTPUTF8": True, "data_size_limit": _SIZE_LIMIT},
    )
    smtp.start()
    server = waitress.create_server(mail_reader(mails, sms), host=LOOPBACK, port=options.http_port, threads=8)

    def leave(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        server.run()
    finally:
        smtp.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
