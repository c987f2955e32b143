from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _empty_mailboxes(mail_sink: Any) -> None:
    """The sink outlives a test; what it holds must be this test's."""
    mail_sink.clear()
