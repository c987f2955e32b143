"""Akademi: courses, and the learners who work through them."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("belgenet.academy.catalog")
    config.include("belgenet.academy.enrollment")
