"""Bringing an institution back from its backups on another server.

``look`` runs before anything is installed, from the wheel of the bundle and with nothing but the standard library: it checks the
key and the repository and says which release is needed. ``work`` does the rest, as that release, and can be started again.
"""
