"""The weights that a multi-layer perceptron starts from."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import SpecificationError

Array = NDArray[Any]


def drawn_weights(units: Sequence[int], dtype: Any, rng: np.random.RandomState) -> list[Array]:
    """Uniform in ±1/√p for a layer of p inputs, thresholds too: h is then of the size at which the sigmoid is steep.

    >>> [w.shape for w in drawn_weights([4, 3, 1], np.float64, np.random.RandomState(0))]
    [(5, 3), (4, 1)]
    """
    weights = []
    for p, k in itertools.pairwise(units):
        weights.append(rng.uniform(-1 / np.sqrt(p), 1 / np.sqrt(p), (p + 1, k)).astype(dtype))
    return weights


def given_weights(given: Any, units: Sequence[int], dtype: Any) -> list[Array]:
    """A copy of weights of the user's, if they have the shapes of this network."""
    shapes = [(p + 1, k) for p, k in itertools.pairwise(units)]
    try:
        weights = [np.array(w, dtype) for w in given]
    except (TypeError, ValueError):
        raise SpecificationError("initial_weights must be a list of tables of numbers.") from None
    found = [w.shape for w in weights]
    if found != shapes or not all(np.isfinite(w).all() for w in weights):
        raise SpecificationError(
            f"initial_weights have the shapes {found}: finite numbers of the shapes {shapes} are needed, a row for each input "
            "and a last one for the bias input -1."
        )
    return weights
