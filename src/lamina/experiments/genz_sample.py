"""Points in the unit cube, and the values there of one function of each of Genz's families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.genz_functions import FAMILIES, draw_function

Array = NDArray[np.float64]
TEST_POINTS = 1000


@dataclass(frozen=True, eq=False)
class Sample:
    """One draw: points to learn from, points to test on, and outcomes in standard deviations of each function.

    Attributes
    ----------
    x, x_test
        Uniform points, shape (points, d); the first n of x are the sample of n.
    y, y_test
        Values divided by the function's standard deviation, one column a family.
    draw
        Its number, which is also the seed of the networks fitted to it.
    """

    x: Array
    y: Array
    x_test: Array
    y_test: Array
    draw: int

    @property
    def d(self) -> int:
        """Number of dimensions."""
        return int(self.x.shape[1])

    def errors(self, predicted: Array, family: int) -> Array:
        """Mean and maximum absolute error at the test points, in standard deviations of the function."""
        error = np.abs(predicted - self.y_test[:, family])
        return np.array([error.mean(), error.max()])


def draw_sample(d: int, draw: int, points: int) -> Sample:
    """Points and functions that do not depend on how many points or draws are asked for.

    >>> few, many = draw_sample(2, 0, 10), draw_sample(2, 0, 50)
    >>> few.y.shape, bool((few.x == many.x[:10]).all())
    ((10, 6), True)
    """
    x = np.random.default_rng([d, draw, 0]).uniform(size=(points, d))
    x_test = np.random.default_rng([d, draw, 1]).uniform(size=(TEST_POINTS, d))
    rng = np.random.default_rng([d, draw, 2])
    functions = [draw_function(family, d, rng) for family in FAMILIES]
    y, y_test = (
        np.stack([each.values(where) / each.deviation for each in functions], axis=1) for where in (x, x_test)
    )
    return Sample(x, y, x_test, y_test, draw)
