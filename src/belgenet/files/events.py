"""Topics this domain publishes."""

from typing import Final

DELETED: Final = "file.deleted"
"""``{file_id}``: nobody can read it any more; its bytes go when no other file has them."""
