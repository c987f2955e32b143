"""Nginx reads its certificate when it is told to; requests under way go on with the old one."""

from belgenet.appliance.nginx import reload as take_over
from belgenet.appliance.run import CommandError, run


class NginxError(Exception):
    """It does not take its configuration."""


def reload() -> None:
    """Have Nginx look at its files and, when they are good, read them. Harmless while it does not run yet.

    :raises NginxError: with what it said.
    """
    try:
        if run(["systemctl", "is-active", "nginx"]).strip() != "active":
            return
    except CommandError:
        return
    try:
        take_over()
    except CommandError as error:
        raise NginxError(error.said) from None
