"""A network with weights that are given and not learnt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.estimators.features import Features
from lamina.estimators.regressor import NeuralRegressor
from lamina.estimators.starting import starting_point
from lamina.layers.base import Layer, check_positive_integer
from lamina.networks.pretrained import flat_paths
from lamina.training.fitted import begun


def network_with(layers: Iterable[Layer], weights: Mapping[str, Any], inputs: int) -> NeuralRegressor:
    """A regressor that has exactly the weights given, in double precision: nothing is fitted, scaled or drawn.

    It predicts, is drawn, saved and taken apart as any other, so that what can be worked out by hand can be looked at.

    Parameters
    ----------
    layers
        The hidden layers; a linear output unit follows.
    weights
        Every parameter by its path, such as ``"dense_1/weights"``, the output unit's among them.
    inputs
        Number of columns of X.

    Raises
    ------
    SpecificationError
        If a parameter is missing, has another shape, or belongs to no layer.

    >>> from lamina.layers import Dense
    >>> weights = {"dense_1/weights": [[1.0]], "dense_1/bias": [0.0], "dense_2/weights": [[2.0]], "dense_2/bias": [1.0]}
    >>> network_with([Dense(1, "relu")], weights, 1).predict([[-5.0], [3.0]]).tolist()
    [1.0, 7.0]
    """
    check_positive_integer("network_with", "inputs", inputs, 2)
    model = NeuralRegressor(list(layers), scale=False, weights=dict(weights), random_state=0)
    model.features_, model.n_features_in_ = Features(), int(inputs)
    model._learn_outcome(np.zeros(2), None)
    model._plan(np.zeros((2, inputs)))
    start = starting_point(model.weights, model.network_, model.input_shape_, 0, np.dtype(np.float64))
    assert start is not None
    missing = sorted(flat_paths(start[0]).keys() - flat_paths(weights).keys())
    if missing:
        raise SpecificationError(
            f"weights lacks {', '.join(missing)}: nothing is drawn here, so give every parameter, zero where it is zero."
        )
    model._take_over(begun(start))
    return model
