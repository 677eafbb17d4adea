"""Where a path begins: what stands for the absence of every input."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.errors import DataError, SpecificationError
from lamina.explain.attribution.network_input import NetworkInput, as_batch, entered_rows

MEAN = "mean"


def check_baseline(owner: str, baseline: Any) -> None:
    """Raise for a word that names no baseline."""
    if isinstance(baseline, str) and baseline != MEAN:
        raise SpecificationError(
            f"{owner}(baseline={baseline!r}): give None for the network's own zero, 'mean' for the mean of X, or a row."
        )


def baseline_of(given: NetworkInput, baseline: Any) -> np.ndarray:
    """The baseline of every row behind the front layer, in the shape of the rows there.

    None is zero there: the training mean of a standardised column (the median, where the scale is robust), no level of a
    category, a black pixel, no word. "mean" is the mean of the rows explained. Otherwise a row, or as many as X has, in
    the user's own units.

    Raises
    ------
    DataError
        If there are more rows than one and another number than X has, or they are not like those of the fit.
    """
    values = given.values
    if baseline is None:
        return np.zeros_like(values)
    if given.has_vectors:
        raise SpecificationError(
            f"baseline={baseline!r}: words have vectors, and the baseline of a vector is zero: leave it out."
        )
    if isinstance(baseline, str):
        return np.broadcast_to(
            values.mean(axis=0, dtype=np.float64).astype(values.dtype), values.shape
        ).copy()
    rows = entered_rows(given.model, given.path, as_batch(given.model, _as_rows(given, baseline)))[0]
    if len(rows) not in (1, len(values)):
        raise DataError(
            f"baseline has {len(rows)} rows for {len(values)} rows of X: give one, or one for each."
        )
    return np.broadcast_to(rows, values.shape).copy()


def _as_rows(given: NetworkInput, baseline: Any) -> Any:
    """One row or number as a table or an image."""
    if hasattr(baseline, "to_frame") and not hasattr(baseline, "columns"):  # one row of a data frame
        return baseline.to_frame().T.infer_objects()
    if hasattr(baseline, "columns") or hasattr(baseline, "tocsr"):
        return baseline
    rows = np.asarray(baseline)
    if rows.dtype.kind not in "uifb":
        raise DataError(
            f"baseline={baseline!r:.60} holds no numbers: give a row like those of X, None for the network's own zero, or 'mean'."
        )
    shape = tuple(given.model.input_shape_)
    if rows.ndim == 0 and rows.dtype.kind in "iuf":
        rows = np.full(shape, rows, given.values.dtype)
    return rows[None] if rows.shape == shape and len(shape) == 1 else rows
