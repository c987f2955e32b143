"""What ails this server: small checks, each of which looks at one thing and says what it found, with cause and cure.

:mod:`examine` runs them side by side; each sees the server through a :class:`~belgenet.appliance.doctor.system.System`, so that
each can be tried with answers of real programs.
"""

from belgenet.appliance.doctor.examine import CHECKS, Examination, examine
from belgenet.appliance.doctor.finding import Finding, Level

__all__ = ["CHECKS", "Examination", "Finding", "Level", "examine"]
