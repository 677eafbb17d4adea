"""What is checked before a fit: weights, early stopping, later outcomes, layers that cannot learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from lamina.data.sparse import is_sparse_matrix
from lamina.errors import ArgumentTypeError, DataError, LaminaError, SpecificationError
from lamina.estimators.features import precision_of
from lamina.layers.activations import step
from lamina.layers.values import refuse_class
from lamina.training import EarlyStopping

MOST_SEED = np.iinfo(np.int32).max
"""Largest seed, that of scikit-learn's generators."""


def validated(estimator: Any, X: Any, **options: Any) -> Any:
    """scikit-learn's checks of X, which also take note of its columns; what they refuse is a :class:`lamina.errors.DataError`.

    Parameters
    ----------
    options
        As of ``sklearn.utils.validation.validate_data``.
    """
    try:
        return validate_data(estimator, X, dtype="numeric", **options)
    except LaminaError:
        raise
    except ValueError as error:
        if is_sparse_matrix(X) and "X contains NaN" in str(error):
            missing = np.isnan(X.tocsr().data)
            raise DataError(
                f"X contains NaN: {missing.sum()} of the {missing.size} values of a sparse matrix that are written out are "
                "missing: put numbers there, or leave those rows out."
            ) from None
        raise DataError(str(error)) from None


def refuse_step(layers: list[Any]) -> None:
    """A step function has derivative zero, so nothing before it can learn by gradients."""
    for layer in layers:
        if getattr(layer, "activation", None) in ("step", step):
            raise SpecificationError(
                f"{layer!r} cannot be trained: the derivative of activation='step' is zero everywhere. Use 'sigmoid' or "
                "'relu', or set the weights by hand and predict."
            )
        refuse_step(list(getattr(layer, "layers", ())))


def check_early_stopping(value: Any) -> EarlyStopping | None:
    """None or False is off, True takes the defaults."""
    if value is None or value is False:
        return None
    if value is True:
        return EarlyStopping()
    refuse_class("early_stopping", value)
    if not isinstance(value, EarlyStopping):
        raise ArgumentTypeError(
            f"early_stopping={value!r}: give None, or EarlyStopping(patience, validation_fraction)."
        )
    return value


def refuse_dense_first(hidden: list[Any]) -> None:
    """Raise where the first layer would need the zeros of sparse rows written out."""
    if hidden and not hidden[0].takes_sparse:
        raise SpecificationError(
            f"X is sparse, and {hidden[0]!r} needs every zero written out: let a Dense layer come first, or give X.toarray()."
        )


SCALES = (True, False, "standard", "robust")


def check_scale(value: Any) -> None:
    """Raise unless ``scale`` is True, False, "standard" or "robust"."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, str) and value in SCALES):
        return
    raise SpecificationError(
        f"scale={value!r}: give True (robust for the default network, else standard), False, 'standard' or 'robust'."
    )


def draw_seed(random_state: Any) -> int:
    """The seed of a fit: a whole number is taken as it is, anything else gives one at random.

    >>> draw_seed(7)
    7
    """
    if isinstance(random_state, (int, np.integer)) and 0 <= random_state <= MOST_SEED:
        return int(random_state)
    generator: np.random.RandomState = check_random_state(random_state)
    return int(generator.randint(MOST_SEED))


def check_weights(sample_weight: Any, x: np.ndarray) -> np.ndarray | None:
    """Weights of the rows, zero or more and not all zero."""
    if sample_weight is None:
        return None
    weights: np.ndarray = _check_sample_weight(
        sample_weight, x, dtype=precision_of(x), ensure_non_negative=True
    )
    if not weights.sum() > 0:
        raise DataError("sample_weight is zero for every row: some row needs a weight above zero.")
    return weights


def check_further_outcome(y: Any, n_rows: int, names: tuple[str, str] = ("y", "X")) -> np.ndarray:
    """The outcome of validation rows, or of rows with which a fit goes on; it need not vary."""
    values = np.atleast_1d(np.asarray(y))
    values = values.ravel() if values.ndim == 2 and values.shape[1] == 1 else values
    if len(values) != n_rows:
        raise DataError(f"{names[0]} has {len(values)} values and {names[1]} {n_rows} rows: they must agree.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise DataError(f"{names[0]} has NaN or infinite values: leave those rows out.")
    return values


def with_weight(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The rows whose weight is above zero: the others must not change even the scale or the batch size."""
    if weights is None or (weights > 0).all():
        return x, y, weights
    kept = weights > 0
    return x[kept], y[kept], weights[kept]
