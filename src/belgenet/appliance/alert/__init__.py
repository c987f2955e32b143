"""Mails to the institution's administrator when something ails the server; for sites without a monitoring system of their own."""

from belgenet.appliance.alert.letters import Letter, letters
from belgenet.appliance.alert.memory import Memory, Step

__all__ = ["Letter", "Memory", "Step", "letters"]
