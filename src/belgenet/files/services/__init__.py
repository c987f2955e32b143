"""Use cases of files. None sees a request."""
