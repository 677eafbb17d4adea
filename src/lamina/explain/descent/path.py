"""The path of an optimizer: where it was after each step, and what it saw there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas

RUNAWAY = 1e6
"""A value so many times the first is a path that diverges, finite or not."""
SHOWN = 8
"""Steps that are printed, from each end."""


@dataclass(frozen=True, eq=False, repr=False)
class DescentPath:
    """Steps of an optimizer on a function, as far as all numbers are finite.

    Attributes
    ----------
    name
        Of the optimizer.
    function
        What was descended on.
    theta
        Shape (steps + 1,) of one variable, (steps + 1, d) of several; the start first.
    values, gradients
        The function, (steps + 1,), and its gradient, shaped as theta, at each of them.
    names
        Of the variables.
    lost
        Steps that were asked for and led nowhere finite.
    """

    name: str
    function: Callable[[Any], Any]
    theta: np.ndarray
    values: np.ndarray
    gradients: np.ndarray
    names: tuple[str, ...]
    lost: int = 0

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.values) - 1

    @property
    def diverged(self) -> bool:
        """Whether the numbers ceased to be finite, or grew to a million times the first value."""
        return self.lost > 0 or bool(abs(self.values[-1]) > RUNAWAY * (1 + abs(self.values[0])))

    def frame(self) -> pandas.DataFrame:
        """One row a step: theta, the value, the gradient."""
        import pandas

        theta, gradients = (each.reshape(len(each), -1) for each in (self.theta, self.gradients))
        columns = dict(zip(self.names, theta.T, strict=True)) | {"value": self.values}
        columns |= {f"d/d{name}": each for name, each in zip(self.names, gradients.T, strict=True)}
        return pandas.DataFrame(columns, index=pandas.RangeIndex(len(self.values), name="step"))

    def __str__(self) -> str:
        frame = self.frame()
        few = len(frame) <= 2 * SHOWN + 1
        lines = frame.to_string(
            max_rows=None if few else 2 * SHOWN, min_rows=2 * SHOWN, float_format="{:.6g}".format
        )
        return "\n".join([f"{self.name}, {self._outcome()}", *lines.splitlines()])

    def __repr__(self) -> str:
        return f"<DescentPath: {self.name}, {self._outcome()}>"

    def _outcome(self) -> str:
        if self.lost:
            return f"{self.steps} steps, then no longer finite"
        return f"{self.steps} steps{', diverging' if self.diverged else ''}"


def finite_path(
    name: str,
    function: Callable[[Any], Any],
    found: tuple[Any, Any, Any],
    names: tuple[str, ...] | None = None,
) -> DescentPath:
    """The path up to the last step at which theta, value and gradient are all finite."""
    theta, values, gradients = map(np.asarray, found)
    flat = [each.reshape(len(values), -1) for each in (theta, values, gradients)]
    wrong = np.flatnonzero(~np.isfinite(np.concatenate(flat, axis=1)).all(axis=1))
    end = int(wrong[0]) if len(wrong) else len(values)
    width = flat[0].shape[1]
    names = names or (
        ("theta",) if theta.ndim == 1 else tuple(f"theta_{place + 1}" for place in range(width))
    )
    return DescentPath(name, function, theta[:end], values[:end], gradients[:end], names, len(values) - end)
