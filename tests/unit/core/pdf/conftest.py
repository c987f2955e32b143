from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from belgenet.core.pdf import IsolatedTemplateRenderer


@pytest.fixture
def renderers() -> Iterator[Callable[..., IsolatedTemplateRenderer]]:
    """Makes renderers whose helpers end with the test."""
    made = []

    def make(**options: float) -> IsolatedTemplateRenderer:
        made.append(IsolatedTemplateRenderer(**options))
        return made[-1]

    yield make
    for renderer in made:
        renderer._helper.close()


@pytest.fixture
def renderer(renderers: Callable[..., IsolatedTemplateRenderer]) -> IsolatedTemplateRenderer:
    return renderers()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor
