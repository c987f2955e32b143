"""What runs as root on an institution's own server: its secrets, and the work of installing, checking and upgrading it.

Nothing here knows the product's domains; it sees settings, files, systemd and other programs.
"""
