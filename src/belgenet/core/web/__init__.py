"""HTTP: operations, problems, paging, limits, the OpenAPI document."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("belgenet.core.web.request")
    config.include("belgenet.core.web.problem")
    config.include("belgenet.core.web.ratelimit")
    config.include("belgenet.core.web.service")
    config.include("belgenet.core.web.tweens")
    config.include("belgenet.core.web.openapi")
