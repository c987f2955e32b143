"""Topics this domain publishes."""

from typing import Final

MAIL_QUEUED: Final = "mail.queued"
"""``{mail_id}``"""
