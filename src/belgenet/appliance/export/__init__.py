"""Everything of one tenant in one archive: for an institution that leaves, or wants to see what is kept about it."""

from belgenet.appliance.export.archive import Archive, named
from belgenet.appliance.export.tenant import Exported, TenantExport

__all__ = ["Archive", "Exported", "TenantExport", "named"]
