"""Estimators to the content of a file and back."""

from __future__ import annotations

import importlib
import os
import platform
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jax
import numpy as np
import sklearn
from sklearn.utils.validation import check_is_fitted

from lamina import __version__
from lamina.errors import ArgumentTypeError, FileFormatError, SpecificationError
from lamina.files.checked import get
from lamina.files.container import Content
from lamina.files.kind import Kind
from lamina.files.shelf import Arrays, Shelf
from lamina.files.values import decode, encode

Plain = dict[str, Any]

KINDS = {
    "NeuralRegressor": "lamina.files.networks",
    "NeuralClassifier": "lamina.files.networks",
    "TextRegressor": "lamina.files.networks",
    "TextClassifier": "lamina.files.networks",
    "drop_in.MLPRegressor": "lamina.files.perceptrons",
    "drop_in.MLPClassifier": "lamina.files.perceptrons",
    "SeriesForecaster": "lamina.files.forecasters",
    "SequenceToSequence": "lamina.files.sequence_to_sequence",
    "EnsembleRegressor": "lamina.model_selection.ensemble_files",
    "EnsembleClassifier": "lamina.model_selection.ensemble_files",
}
"""Every estimator that can be saved, by its name in files, and the module that knows how."""


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
        **_kind(name).write(estimator, arrays),
    }
    return Content(specification, arrays)


def from_content(content: Content) -> Any:
    """The estimator that :func:`to_content` wrote; FileFormatError if the parts do not fit together."""
    plain, shelf = content.specification, Shelf(content.arrays)
    name = get(plain, "estimator", str, "file")
    if name not in KINDS:
        raise FileFormatError(
            f"the file holds a {name!r}, which is not known here: it was saved by a newer version; update with "
            "pip install --upgrade lamina."
        )
    kind = _kind(name)
    estimator = _read_parameters(kind.estimator, get(plain, "parameters", dict, "file"))
    kind.read(estimator, plain, shelf)
    shelf.check_empty()
    return estimator


def known_name(estimator: Any) -> str | None:
    """The name of an estimator's class in files, None if it cannot be saved."""
    alike = [name for name in KINDS if name.endswith(type(estimator).__name__)]
    return next((name for name in alike if _kind(name).estimator is type(estimator)), None)


def _kind(name: str) -> Kind:
    kinds: dict[str, Kind] = importlib.import_module(KINDS[name]).KINDS
    return kinds[name]


def _kind_name(estimator: Any) -> str:
    name = known_name(estimator)
    if name is not None:
        return name
    remedy = next((text for attribute, text in _REMEDIES.items() if hasattr(estimator, attribute)), ".")
    kind = estimator if isinstance(estimator, type) else type(estimator)
    raise ArgumentTypeError(
        f"save takes a fitted {' or '.join(KINDS)} and was given {kind.__module__}.{kind.__qualname__}{remedy}"
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


def _write_parameters(estimator: Any) -> Plain:
    parameters = estimator.get_params(deep=False)
    source = parameters.get("random_state")
    if isinstance(source, np.random.RandomState) or source is np.random:
        warnings.warn(
            "random_state is a generator, which a file does not hold: None is saved in its place. Give a whole number "
            "if training that goes on after loading must be repeatable.",
            UserWarning,
            stacklevel=4,
        )
        parameters["random_state"] = None
    if isinstance(parameters.get("weights"), Mapping):
        parameters["weights"] = None  # a fit begins with them; what became of them is in the file
    elif isinstance(parameters.get("weights"), os.PathLike):
        parameters["weights"] = os.fspath(parameters["weights"])
    if not isinstance(parameters.get("cv"), (int, np.integer, type(None))):
        warnings.warn(
            f"cv={parameters['cv']!r} is not held by a file: None is saved in its place, which matters to a new fit alone.",
            UserWarning,
            stacklevel=4,
        )
        parameters["cv"] = None
    return {name: _write_parameter(value, name) for name, value in parameters.items()}


def _write_parameter(value: Any, where: str) -> Any:
    """A value, or an unfitted estimator that an ensemble is made of."""
    name = known_name(value)
    if name is None and hasattr(value, "get_params") and not isinstance(value, type):
        raise SpecificationError(
            f"cannot save {where}={type(value).__name__}: a .lamina file holds Lamina's own models alone. Use joblib.dump, and "
            "load such a file only where you trust its source."
        )
    if name is None:
        return encode(value, where)
    return {"type": ESTIMATOR, "name": name, "parameters": _write_parameters(value)}


def _read_parameter(plain: Any, where: str) -> Any:
    if not isinstance(plain, dict) or plain.get("type") != ESTIMATOR:
        return decode(plain, where)
    name = get(plain, "name", str, where)
    if name not in KINDS:
        raise FileFormatError(f"{where}: the file names a {name!r}, which is not known here.")
    return _read_parameters(_kind(name).estimator, get(plain, "parameters", dict, where))


ESTIMATOR = "estimator"
"""Type of a parameter that is an estimator."""


def _read_parameters(kind: type[Any], plain: Plain) -> Any:
    parameters = {name: _read_parameter(item, name) for name, item in plain.items()}
    try:
        return kind(**parameters)
    except TypeError as error:
        raise FileFormatError(
            f"the file's {kind.__name__} cannot be made: {error}. It was saved by a newer version; update with "
            "pip install --upgrade lamina."
        ) from error
