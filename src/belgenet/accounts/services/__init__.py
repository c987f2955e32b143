"""Use cases of accounts. None sees a request."""
