"""A site that is closed for a while: Nginx itself answers, so that everything behind it may stand still."""

from belgenet.appliance.maintenance.switch import STATE, MaintenanceError, Switch, overdue, parse_until

__all__ = ["STATE", "MaintenanceError", "Switch", "overdue", "parse_until"]
