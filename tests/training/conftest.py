"""Every module of these tests begins with few compiled programs in memory, so that counting them counts what was compiled."""

from __future__ import annotations

import pytest

from lamina.training import cache
from lamina.training.lbfgs import value_and_gradient
from lamina.training.members import advance_members, advance_members_hastily
from lamina.training.prediction import _apply
from lamina.training.program import advance, advance_hastily

COUNTED = (advance, advance_hastily, advance_members, advance_members_hastily, _apply, value_and_gradient)


@pytest.fixture(autouse=True, scope="module")
def _room_for_programs() -> None:
    """A process frees the programs of a function that holds ``MOST_PROGRAMS``; in the middle of a count it would be seen as
    fewer than none compiled. Which tests came before must not matter.
    """
    for function in COUNTED:
        if function._cache_size() >= cache.MOST_PROGRAMS // 2:  # type: ignore[attr-defined]
            function.clear_cache()  # type: ignore[attr-defined]
