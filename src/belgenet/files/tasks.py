from typing import Any
from uuid import UUID

import structlog

from belgenet.core.db import utcnow
from belgenet.core.outbox import Event, consumer
from belgenet.core.storage import ObjectStore, StorageUnavailable
from belgenet.files.events import DELETED
from belgenet.files.services import removal

log = structlog.get_logger(__name__)


@consumer(DELETED, name="files.erase", queue="maintenance")
def erase(request: Any, event: Event) -> None:
    """Remove a deleted file's bytes. A store that is down makes it come back later."""
    removal.erase(request.db, request.service(ObjectStore), UUID(event.payload["file_id"]))


def sweep(request: Any) -> None:
    """Remove what uploads and deletions left behind."""
    try:
        done = removal.sweep(request.db, request.service(ObjectStore), utcnow(), request.commit_and_continue)
    except StorageUnavailable as error:
        log.warning("files.sweep_postponed", error=str(error))
        return
    if done:
        log.info("files.swept", count=done)
