"""Occlusion: what the output loses when an input is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.explain.attribution.method import Method, check_whole_number
from lamina.explain.attribution.players import Cells
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.seating import Seated, seated
from lamina.explain.attribution.windows import check_stride, check_window, window_of, windows


@dataclass(frozen=True, eq=False, repr=False)
class Occlusion(Method):
    r"""The output less the output without the input.

    .. math:: a_j = f(x) - \frac1B \sum_b f(x_{-j}, b_j)

    Columns of a table are replaced by those of background rows; a window that slides over an image is covered, and a pixel has
    the mean over the windows that covered it; a word is left out. What two inputs do together is counted twice, or not at all
    where each makes up for the other: these are no shares of the output, and there is no base value. Any estimator will do.

    Parameters
    ----------
    window
        Height and width of the window over an image, one number for both; None takes a seventh of the longer side.
    stride
        Pixels between its places; None takes half a window.
    background
        As in :class:`Shapley`.
    random_state
        Seed of the background rows, where X has more than 100.

    Raises
    ------
    SpecificationError
        For a window or a stride that means nothing.

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2; Li, Monroe and Jurafsky,
    "Understanding neural networks through representation erasure", 2016 (words).

    >>> Occlusion(window=4)
    Occlusion(window=4)
    """

    name: ClassVar[str] = "occlusion"

    window: Any = None
    stride: int | None = None
    background: Any = None
    random_state: int = 0

    def __post_init__(self) -> None:
        check_window("Occlusion", "window", self.window)
        if self.stride is not None:
            check_whole_number("Occlusion", "stride", self.stride, 1, 2)
            check_stride("Occlusion", self.stride, self.window)
        check_whole_number("Occlusion", "random_state", self.random_state, 0, 0)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        at = seated(
            model,
            X,
            target,
            self.name,
            background=self.background,
            window=self.window,
            seed=self.random_state,
        )
        values = np.zeros(at.players.shape)
        for row in range(len(values)):
            values[row] = self._covered(at, row) if at.images is not None else _left_out(at, row)
        return at.result(self, values)

    def _covered(self, at: Seated, row: int) -> np.ndarray:
        """Mean loss of each pixel over the windows that cover it."""
        assert isinstance(at.players, Cells)
        shape = at.players.x.shape[1:]
        covers = windows(shape[:2], window_of(shape, self.window), self.stride)
        lost = at.question.output[row] - _covered_outputs(at, row, covers)
        total, count = np.tensordot(lost, covers, axes=1), covers.sum(axis=0)
        mean = total / count
        return np.asarray(np.broadcast_to(mean.reshape(*mean.shape, *(1,) * (len(shape) - 2)), shape))


def _covered_outputs(at: Seated, row: int, covers: np.ndarray) -> np.ndarray:
    """Outputs with each window covered, the mean over the background, (places,)."""
    players = at.players
    assert isinstance(players, Cells)
    pixels = np.arange(covers[0].size).reshape(covers[0].shape)
    shape = players.x.shape[1:]
    owners = np.broadcast_to(pixels.reshape(*pixels.shape, *(1,) * (len(shape) - 2)), shape)
    each = Cells(players.numbers, players.x, players.background, owners, pixels.size, shape)
    numbers = each.ask(row, ~covers.reshape(len(covers), -1))
    outputs: np.ndarray = numbers @ at.question.seeds[row] + at.question.offset[row]
    return outputs


def _left_out(at: Seated, row: int) -> np.ndarray:
    """What the output loses without each input."""
    inputs = at.players.count(row)
    if not inputs:
        return np.zeros(at.players.shape[1:])
    lost = at.question.output[row] - at.worth(row, ~np.eye(inputs, dtype=bool))
    return at.players.spread(row, lost)
