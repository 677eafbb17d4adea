"""Settings refuse what means nothing, before anything is compiled."""

from collections.abc import Callable

import pytest

from lamina.errors import SpecificationError
from lamina.training import EarlyStopping, GradientDescent, Settings


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Settings(epochs=0), r"epochs=0\): epochs must be a whole number, 1 or more"),
        (lambda: Settings(epochs=2.5), "whole number"),  # type: ignore[arg-type]
        (lambda: Settings(batch_size=0), r"batch_size=0\): batch_size must be a whole number"),
        (lambda: Settings(clip_norm=0), "must be above zero, for example 1.0"),
        (lambda: Settings(clip_norm=-1.0), "zero or more"),
        (lambda: Settings(clip_norm="big"), "finite number"),  # type: ignore[arg-type]
        (lambda: EarlyStopping(0), r"patience=0\): patience must be a whole number"),
        (lambda: EarlyStopping(validation_fraction=0.0), "for example 0.1"),
        (lambda: EarlyStopping(validation_fraction=1.0), r"in \[0, 1\)"),
        (lambda: EarlyStopping(validation_fraction="some"), r"in \[0, 1\)"),  # type: ignore[arg-type]
        (lambda: EarlyStopping(min_improvement=-1.0), "zero or more"),
    ],
)
def test_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        make()


def test_a_batch_of_all_rows_is_a_full_batch() -> None:
    assert Settings(batch_size=32).rows_a_step(100) == 32
    assert Settings(batch_size=32).rows_a_step(32) is None
    assert Settings(batch_size=1000).rows_a_step(100) is None
    assert Settings(batch_size=None).rows_a_step(100) is None
    assert Settings(GradientDescent(), batch_size=32).rows_a_step(100) is None
    assert Settings(batch_size=1).rows_a_step(2) == 1
