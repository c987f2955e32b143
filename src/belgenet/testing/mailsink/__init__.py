"""The mail sink as a program: ``python -m belgenet.testing.mailsink`` (started by ``servers.MailSink``)."""

LOOPBACK = "127.0.0.1"
