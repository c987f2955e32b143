"""Use cases of the panel. None sees a request."""
