"""Topics this domain publishes. Payloads name an account by id, never by e-mail."""

from typing import Final

REGISTERED: Final = "account.registered"
"""``{account_id, locale, attempt_id?, asked?}``: somebody asked for an account with the e-mail of this one, new or not. Without
``attempt_id`` the newest attempt is meant: its author signed in before opening the link."""
RESET_REQUESTED: Final = "account.reset_requested"
"""``{account_id | null, locale}``: somebody forgot a password; null when nobody has that e-mail."""
PASSWORD_CHANGED: Final = "account.password_changed"  # noqa: S105
"""``{account_id}``"""
VERIFIED: Final = "account.verified"
"""``{account_id}``: the e-mail is known to be theirs."""
