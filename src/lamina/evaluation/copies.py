"""Outputs of a network for many copies of a table that differ in a column or two: encoded once, predicted in large blocks."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 1 << 18
"""Numbers of a block of copies: a megabyte or two, which stay near the processor."""


class Copies:
    """A fitted network and the table that its copies are made of.

    Attributes
    ----------
    rows
        The table as the network takes it, shape (n, q).
    groups
        For each of the user's columns the places in 0..q-1 that it became; none where the network leaves it out.
    """

    def __init__(self, model: Any, X: Any) -> None:
        self.model = model
        self.rows = self.encoded(X)
        self.groups = _groups(model, X, self.rows.shape[1])

    def encoded(self, X: Any) -> NDArray[Any]:
        """Rows as the network takes them: encoded and standardised row by row, so that columns can be exchanged after."""
        model = self.model
        x = model.features_.finish(model._features(X, reset=False))
        return np.asarray(x, model._precision())

    def outputs(self, places: NDArray[np.intp], values: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Outputs before the output activation, shape (copies in the block, n, outputs), block by block.

        Parameters
        ----------
        places
            Which encoded columns differ, shape (c,).
        values
            What the copies have there: (copies, n, c), or (copies, 1, c) for the same in every row.
        """
        n, q = self.rows.shape
        together = min(len(values), max(1, CELLS // max(1, n * q)))
        stack = np.repeat(self.rows[None], together, axis=0)
        for first in range(0, len(values), together):
            block = values[first : first + together]
            stack[: len(block), :, places] = block
            yield self.respond(stack[: len(block)].reshape(-1, q)).reshape(len(block), n, -1)

    def respond(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Outputs before the output activation for encoded rows, shape (rows, outputs)."""
        from lamina.networks.output import linear_predictor
        from lamina.training import predict

        fitted = self.model.fitted_
        network = linear_predictor(self.model.network_)
        return np.asarray(predict(network, fitted.parameters, fitted.state, rows))

    def answering(self, z: NDArray[Any]) -> tuple[Any, object]:
        """The model and a stand-in for X, at which its methods answer from these outputs, shape (rows, outputs)."""
        model, asked = copy.copy(self.model), object()
        model._answers = [(asked, z)]
        return model, asked


def batches(model: Any, X: Any) -> bool:
    """Whether the copies of X can be predicted together: a fitted network of Lamina's itself, on a table."""
    from lamina.estimators import NeuralClassifier, NeuralRegressor

    ours = type(model) in (NeuralRegressor, NeuralClassifier) and hasattr(model, "fitted_")
    return ours and len(model.input_shape_) == 1 and len(np.shape(X)) == 2


def _groups(model: Any, X: Any, width: int) -> list[NDArray[np.intp]]:
    from lamina.estimators.features import is_frame

    features = model.features_
    if not is_frame(X) or features.names is None:
        return [np.array([place]) for place in range(width)]
    if features.encoder is None:
        places: dict[str, Sequence[int]] = {name: [place] for place, name in enumerate(features.names)}
    else:
        places, first = {}, 0
        for column in features.encoder.columns_:
            after = first + len(column.names())
            places[column.name] = range(first, after)
            first = after
    return [np.array(places.get(str(name), ()), dtype=np.intp) for name in X.columns]
