"""Estimators to the content of a file and back."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import jax
import numpy as np
import sklearn
from sklearn.utils.validation import check_is_fitted

from lamina import __version__
from lamina.errors import ArgumentTypeError, FileFormatError
from lamina.estimators import NeuralClassifier, NeuralEstimator, NeuralRegressor
from lamina.files.checked import get
from lamina.files.container import Content
from lamina.files.learnt import (
    Plain,
    read_classes,
    read_features,
    read_standardizer,
    write_classes,
    write_features,
    write_standardizer,
)
from lamina.files.shelf import Arrays, Shelf
from lamina.files.training import read_training, write_training
from lamina.files.values import decode, encode
from lamina.layers.containers import Sequential
from lamina.training import Loss


@dataclass(frozen=True)
class Kind:
    """One class of estimators: how its outcome is written and read."""

    estimator: type[NeuralEstimator]
    write_outcome: Callable[[Any, Arrays], Plain]
    read_outcome: Callable[[Any, Plain, Shelf], None]


def to_content(estimator: Any) -> Content:
    """Everything a fitted estimator is.

    Raises
    ------
    ArgumentTypeError
        If it is not one of Lamina's estimators.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    SpecificationError
        If something in it cannot stand in a file.
    """
    name = _kind_name(estimator)
    check_is_fitted(estimator)
    arrays: Arrays = {}
    specification = {
        "saved": _versions(),
        "estimator": name,
        "parameters": _write_parameters(estimator),
        "network": encode(estimator.network_, "network_"),
        "loss": encode(estimator.loss_, "loss_"),
        "input_shape": [int(size) for size in estimator.input_shape_],
        "features": write_features(estimator, arrays),
        "outcome": KINDS[name].write_outcome(estimator, arrays),
        "training": write_training(estimator, arrays),
    }
    return Content(specification, arrays)


def from_content(content: Content) -> NeuralEstimator:
    """The estimator that :func:`to_content` wrote; FileFormatError if the parts do not fit together."""
    plain, shelf = content.specification, Shelf(content.arrays)
    name = get(plain, "estimator", str, "file")
    if name not in KINDS:
        raise FileFormatError(
            f"the file holds a {name!r}, which is not known here: it was saved by a newer version; update with "
            "pip install --upgrade lamina."
        )
    estimator: Any = _read_parameters(KINDS[name].estimator, get(plain, "parameters", dict, "file"))
    estimator.network_ = _value(plain, "network", Sequential)
    estimator.loss_ = _value(plain, "loss", Loss)
    estimator.input_shape_ = _shape(get(plain, "input_shape", list, "file"))
    read_features(estimator, get(plain, "features", dict, "file"), shelf)
    KINDS[name].read_outcome(estimator, get(plain, "outcome", dict, "file"), shelf)
    read_training(estimator, get(plain, "training", dict, "file"), shelf)
    shelf.check_empty()
    return cast(NeuralEstimator, estimator)


def _kind_name(estimator: Any) -> str:
    name = next((name for name, kind in KINDS.items() if type(estimator) is kind.estimator), None)
    if name is not None:
        return name
    remedy = next((text for attribute, text in _REMEDIES.items() if hasattr(estimator, attribute)), "")
    shown = estimator.__name__ if isinstance(estimator, type) else type(estimator).__name__
    raise ArgumentTypeError(
        f"save takes a fitted {' or '.join(KINDS)} and was given {shown!r}{remedy or '.'}"
    )


_REMEDIES = {
    "steps": ": save its network, pipeline[-1], which does its own scaling and encoding; a .lamina file holds no "
    "other step.",
    "best_estimator_": ": save its best_estimator_.",
}
"""What to do instead, by an attribute that tells what was given."""


def _versions() -> Plain:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "lamina": __version__,
        "jax": jax.__version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "python": platform.python_version(),
    }


def _write_parameters(estimator: NeuralEstimator) -> Plain:
    parameters = estimator.get_params(deep=False)
    source = parameters.get("random_state")
    if isinstance(source, np.random.RandomState) or source is np.random:
        warnings.warn(
            "random_state is a generator, which a file does not hold: None is saved in its place. Give a whole number "
            "if training that goes on after loading must be repeatable.",
            UserWarning,
            stacklevel=5,
        )
        parameters["random_state"] = None
    return {name: encode(value, name) for name, value in parameters.items()}


def _read_parameters(kind: type[NeuralEstimator], plain: Plain) -> Any:
    parameters = {name: decode(item, name) for name, item in plain.items()}
    try:
        return kind(**parameters)
    except TypeError as error:
        raise FileFormatError(
            f"the file's {kind.__name__} cannot be made: {error}. It was saved by a newer version; update with "
            "pip install --upgrade lamina."
        ) from error


def _value(plain: Plain, name: str, kind: type[Any]) -> Any:
    found = decode(plain.get(name), name)
    if not isinstance(found, kind):
        raise FileFormatError(
            f"the file's {name} is {found!r} and should be a {kind.__name__}: it was not saved by Lamina."
        )
    return found


def _shape(sizes: list[Any]) -> tuple[int, ...]:
    if not sizes or not all(type(size) is int and size > 0 for size in sizes):
        raise FileFormatError(f"the file's input shape is {sizes!r}: it was not saved by Lamina.")
    return tuple(sizes)


def _write_numeric(estimator: NeuralRegressor, arrays: Arrays) -> Plain:
    write_standardizer(estimator.outcome_, arrays)
    return {"outputs": int(estimator.n_outputs_), "dimensions": int(estimator.outcome_ndim_)}


def _read_numeric(estimator: NeuralRegressor, plain: Plain, shelf: Shelf) -> None:
    estimator.n_outputs_ = get(plain, "outputs", int, "outcome")
    estimator.outcome_ndim_ = get(plain, "dimensions", int, "outcome")
    estimator.outcome_ = read_standardizer(shelf, estimator.n_outputs_)


def _write_classes(estimator: NeuralClassifier, arrays: Arrays) -> Plain:
    return {
        "outputs": int(estimator.n_outputs_),
        "multilabel": bool(estimator.multilabel_),
        "classes": write_classes(estimator.classes_),
    }


def _read_classes(estimator: NeuralClassifier, plain: Plain, shelf: Shelf) -> None:
    estimator.n_outputs_ = get(plain, "outputs", int, "outcome")
    estimator.multilabel_ = get(plain, "multilabel", bool, "outcome")
    estimator.classes_ = read_classes(get(plain, "classes", dict, "outcome"))


KINDS: dict[str, Kind] = {
    "NeuralRegressor": Kind(NeuralRegressor, _write_numeric, _read_numeric),
    "NeuralClassifier": Kind(NeuralClassifier, _write_classes, _read_classes),
}
"""Every estimator that can be saved."""
