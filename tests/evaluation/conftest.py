"""Fixtures of the tests of comparisons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As in a comparison of a small table."""
    with threadpool_limits(limits=1):
        yield
