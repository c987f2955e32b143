"""Files: names, owners and readers for bytes in the object store."""

from typing import Any

from belgenet.files.interfaces import FileAccess


def add_file_access(config: Any, kind: str, rule: FileAccess) -> None:
    """``config.add_file_access("lesson", rule)``: who else may read files attached to objects of this kind.

    :raises ValueError: the kind has a rule already.
    """
    from belgenet.files.resources import RULES  # noqa: PLC0415

    rules = config.registry.setdefault(RULES, {})
    if rules.setdefault(kind, rule) is not rule:
        raise ValueError(f"two access rules for files of '{kind}'")


def includeme(config: Any) -> None:
    from belgenet.core.storage import ObjectStore  # noqa: PLC0415
    from belgenet.files import tasks, views  # noqa: PLC0415
    from belgenet.files.interfaces import FileLibrary, Scanner  # noqa: PLC0415
    from belgenet.files.resources import RULES, FilesNode  # noqa: PLC0415
    from belgenet.files.services.library import TenantFileLibrary  # noqa: PLC0415
    from belgenet.files.services.scanner import ClamdScanner, NullScanner  # noqa: PLC0415

    config.registry.setdefault(RULES, {})
    config.add_directive("add_file_access", add_file_access)
    clamd = config.registry.settings["belgenet"].files.clamd_socket
    config.register_service(ClamdScanner(clamd) if clamd else NullScanner(), Scanner)
    config.register_service_factory(
        lambda _context, request: TenantFileLibrary(request.db, request.service(ObjectStore)), FileLibrary
    )
    config.add_tenant_child("files", FilesNode)
    config.add_services(views)
    config.add_consumer(tasks.erase)
    config.add_periodic("files.sweep", 900, tasks.sweep, suspended="serve")
