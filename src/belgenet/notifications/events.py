"""Topics this domain publishes."""

from typing import Final

MAIL_QUEUED: Final = "mail.queued"
"""``{mail_id}``"""

SMS_QUEUED: Final = "sms.queued"
"""``{sms_id}``"""
