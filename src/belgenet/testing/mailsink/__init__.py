"""The mail sink as a program: ``python -m belgenet.testing.mailsink`` (started by ``servers.MailSink``). It also takes SMS, as
Netgsm would (``phone``).
"""

LOOPBACK = "127.0.0.1"
SMS_USER = "8500000000"
SMS_PASSWORD = "belgenet-sms"
SMS_SENDER = "BELGENET"
"""What the taker of SMS knows its only customer by."""
