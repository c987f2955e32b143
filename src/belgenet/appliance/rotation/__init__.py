"""Renewing secrets while the server serves.

A value is never replaced: the new one is accepted everywhere first, then used everywhere, and only then the old one goes.
"""
