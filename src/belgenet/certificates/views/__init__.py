"""The certificates API."""
