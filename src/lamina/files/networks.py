"""Networks of :class:`lamina.NeuralRegressor` and :class:`lamina.NeuralClassifier`: their parts to a file and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.errors import FileFormatError
from lamina.estimators import NeuralClassifier, NeuralEstimator, NeuralRegressor
from lamina.estimators.text import TextClassifier, TextRegressor
from lamina.files.calibrations import read_calibrations, write_calibrations
from lamina.files.checked import get
from lamina.files.kind import Kind
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

WriteOutcome = Callable[[Any, Arrays], Plain]
ReadOutcome = Callable[[Any, Plain, Shelf], None]


def _kind(estimator: type[NeuralEstimator], write_outcome: WriteOutcome, read_outcome: ReadOutcome) -> Kind:
    """A class of estimators, of which only the outcome is its own."""

    def write_one(estimator: Any, arrays: Arrays) -> Plain:
        return {
            "network": encode(estimator.network_, "network_"),
            "loss": encode(estimator.loss_, "loss_"),
            "input_shape": [int(size) for size in estimator.input_shape_],
            "features": write_features(estimator, arrays),
            "outcome": write_outcome(estimator, arrays),
            "training": write_training(estimator, arrays),
        }

    def read_one(estimator: Any, plain: Plain, shelf: Shelf) -> None:
        estimator.network_ = _value(plain, "network", Sequential)
        estimator.loss_ = _value(plain, "loss", Loss)
        estimator.input_shape_ = _shape(get(plain, "input_shape", list, "file"))
        read_features(estimator, get(plain, "features", dict, "file"), shelf)
        read_outcome(estimator, get(plain, "outcome", dict, "file"), shelf)
        read_training(estimator, get(plain, "training", dict, "file"), shelf)

    def write(estimator: Any, arrays: Arrays) -> Plain:
        plain = write_one(estimator, arrays)
        calibrations = write_calibrations(estimator, arrays, write_one)
        return {**plain, "calibrations": calibrations} if calibrations else plain

    def read(estimator: Any, plain: Plain, shelf: Shelf) -> None:
        read_one(estimator, plain, shelf)
        if "calibrations" in plain:
            read_calibrations(estimator, get(plain, "calibrations", list, "file"), shelf, read_one)

    return Kind(estimator, write, read)


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
    "NeuralRegressor": _kind(NeuralRegressor, _write_numeric, _read_numeric),
    "NeuralClassifier": _kind(NeuralClassifier, _write_classes, _read_classes),
    "TextRegressor": _kind(TextRegressor, _write_numeric, _read_numeric),
    "TextClassifier": _kind(TextClassifier, _write_classes, _read_classes),
}
