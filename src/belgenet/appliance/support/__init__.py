"""A file for those who help: what they need to see, and nothing about people.

What is not known to be harmless is left out, instead of what is known to be harmful being searched for: a name looks like any other
word. Patterns (:mod:`masks`) come on top, and last of all nothing that is a secret of this server may stand in the file.
"""

from belgenet.appliance.support.bundle import Leak, write
from belgenet.appliance.support.sources import collect

__all__ = ["Leak", "collect", "write"]
