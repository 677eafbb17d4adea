"""Gradients of a network's inputs in the user's units."""

from __future__ import annotations

import numpy as np

from lamina.data.columns import NumericColumn
from lamina.estimators.standardizer import REACH, RobustStandardizer
from lamina.explain.attribution.network_input import NetworkInput


def in_units(given: NetworkInput, gradients: np.ndarray) -> np.ndarray:
    """Per unit of the user's columns; the length of the gradient for a word's vector.

    A column that is no number (a category, a date) has no slope, and gets NaN; one that the model left out gets 0.
    """
    if given.has_vectors:
        return np.asarray(np.sqrt(np.square(gradients, dtype=np.float64).sum(axis=2)))
    standardizer = given.model.features_.standardizer
    if standardizer is not None:
        # What stands behind the plain columns are vectors of codes, which have no slope.
        width = min(len(standardizer.scale), gradients.shape[1])
        gradients = gradients.astype(np.float64)
        gradients[:, :width] /= standardizer.scale[:width]
        if isinstance(standardizer, RobustStandardizer):
            bent = 1.0 - np.square(given.values[:, :width] / REACH, dtype=np.float64)
            gradients[:, :width] *= np.where(_scaled(given, width), bent**1.5, 1.0)
    return _by_column(given, gradients)


def _scaled(given: NetworkInput, width: int) -> np.ndarray:
    encoder = given.model.features_.encoder
    return np.ones(width, bool) if encoder is None else np.asarray(encoder.numeric_mask_)[:width]


def _by_column(given: NetworkInput, gradients: np.ndarray) -> np.ndarray:
    encoder = given.model.features_.encoder
    if encoder is None or given.names is None:
        return gradients
    slopes = np.full((len(gradients), len(given.names)), np.nan)
    place = {name: position for position, name in enumerate(given.names)}
    slopes[:, [place[name] for name in encoder.dropped_]] = 0.0
    first = 0
    for column in encoder.columns_:
        if isinstance(column, NumericColumn):
            slopes[:, place[column.name]] = gradients[:, first]
        first += len(column.names())
    return slopes
