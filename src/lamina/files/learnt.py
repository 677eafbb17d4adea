"""What an estimator learnt besides its weights: preprocessing, outcome and history, to plain values and arrays and back."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from lamina.errors import FileFormatError, SpecificationError
from lamina.estimators.features import Features
from lamina.estimators.standardizer import RobustStandardizer, Standardizer
from lamina.files.checked import get, get_names, get_optional
from lamina.files.shelf import Arrays, Shelf
from lamina.files.texts import read_text, write_text
from lamina.files.values import decode, encode
from lamina.training import History

Plain = dict[str, Any]


def write_features(estimator: Any, arrays: Arrays) -> Plain:
    """Names, encoding and scale of X."""
    features: Features = estimator.features_
    encoder = None
    if features.encoder is not None:
        learnt, encoder = features.encoder.state()
        arrays |= {f"@encoder/{name}": array for name, array in learnt.items()}
    if features.standardizer is not None:
        arrays |= _of_standardizer(features.standardizer, "@features")
    return {
        "count": int(estimator.n_features_in_),
        "feature_names_in": _names(getattr(estimator, "feature_names_in_", None)),
        "names": _names(features.names),
        "standardised": features.standardizer is not None,
        "robust": isinstance(features.standardizer, RobustStandardizer),
        "encoder": encoder,
        "eight_bit": features.eight_bit,
        **({"sparse": True} if features.sparse else {}),
        **({"text": write_text(features.text, arrays)} if features.text is not None else {}),
    }


def read_features(estimator: Any, plain: Plain, shelf: Shelf) -> None:
    """Set ``features_`` and what scikit-learn asks for of the columns."""
    encoder = None
    state = get_optional(plain, "encoder", dict, "features")
    if state is not None:
        encoder = _read_encoder(shelf.take_below("@encoder"), state)
    shape = estimator.input_shape_
    standardizer = None
    if get(plain, "standardised", bool, "features"):
        robust = get_optional(plain, "robust", bool, "features")
        kind = RobustStandardizer if robust else Standardizer
        standardizer = _take_standardizer(shelf, "@features", shape, kind)
    eight_bit = bool(plain.get("eight_bit", False))
    names = get_names(plain, "names", "features")
    picture = tuple(shape) if len(shape) > 1 else None
    estimator.features_ = Features(
        encoder,
        standardizer,
        names,
        eight_bit,
        picture,
        bool(plain.get("sparse", False)),
        read_text(get(plain, "text", dict, "features"), shelf, shape) if "text" in plain else None,
    )
    estimator.n_features_in_ = get(plain, "count", int, "features")
    names = get_names(plain, "feature_names_in", "features")
    if names is not None:
        estimator.feature_names_in_ = names
    _check_widths(estimator)


def write_standardizer(standardizer: Standardizer, arrays: Arrays) -> None:
    """Scale of a numeric outcome."""
    arrays |= _of_standardizer(standardizer, "@outcome")


def read_standardizer(shelf: Shelf, width: int) -> Standardizer:
    """Scale of a numeric outcome of ``width`` columns."""
    return _take_standardizer(shelf, "@outcome", (width,))


def write_classes(classes: np.ndarray) -> Plain:
    """Class labels with their type.

    >>> write_classes(np.array(["no", "yes"]))
    {'dtype': '<U3', 'values': ['no', 'yes']}
    """
    if classes.dtype.kind not in "biufUO" or classes.ndim != 1:
        raise SpecificationError(
            f"cannot save classes_ of type {classes.dtype}: give classes as text, numbers or truth values, and fit again."
        )
    return {"dtype": classes.dtype.str, "values": encode(classes.tolist(), "classes_")}


def read_classes(plain: Plain) -> np.ndarray:
    """Class labels as they were, bit for bit.

    >>> read_classes({"dtype": "|b1", "values": [False, True]})
    array([False,  True])
    """
    dtype = get(plain, "dtype", str, "classes")
    values = decode(get(plain, "values", list, "classes"), "classes")
    try:
        if not re.fullmatch(r"[<>|=]([biuf]\d\d?|U\d+|O)", dtype):
            raise ValueError(f"{dtype!r} is no type of classes")
        classes = np.empty(len(values), dtype=np.dtype(dtype))
        classes[:] = values
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise FileFormatError(f"the file's classes cannot be read: {error}.") from error
    return classes


def write_history(history: History, prefix: str, arrays: Arrays) -> Plain:
    """Losses as arrays, the rest as plain values."""
    for name in CURVES:
        arrays[f"{prefix}/{name}"] = np.asarray(getattr(history, name), np.float64)
    return {
        "best_epoch": None if history.best_epoch is None else int(history.best_epoch),
        "stopped": history.stopped,
    }


def read_history(plain: Plain, prefix: str, shelf: Shelf) -> History:
    """The history written under ``prefix``."""
    curves = {name: shelf.take(f"{prefix}/{name}").ravel().tolist() for name in CURVES}
    return History(
        **curves,
        best_epoch=get_optional(plain, "best_epoch", int, "history"),
        stopped=get(plain, "stopped", str, "history"),
    )


CURVES = ("loss", "penalty", "validation_loss")


def _of_standardizer(standardizer: Standardizer, prefix: str) -> Arrays:
    return {f"{prefix}/mean": standardizer.mean, f"{prefix}/scale": standardizer.scale}


def _take_standardizer(
    shelf: Shelf, prefix: str, shape: tuple[int, ...], kind: type[Standardizer] = Standardizer
) -> Standardizer:
    return kind(shelf.take(f"{prefix}/mean", shape), shelf.take(f"{prefix}/scale", shape))


def _names(names: Any) -> list[str] | None:
    return None if names is None else [str(name) for name in names]


def _read_encoder(arrays: Arrays, state: Plain) -> Any:
    from lamina.data.tables import TableEncoder

    try:
        return TableEncoder.from_state(arrays, state)
    except (TypeError, KeyError, AttributeError) as error:
        raise FileFormatError(f"the file's encoding of columns cannot be read: {error}.") from error


def _check_widths(estimator: Any) -> None:
    """What the columns become must be what the network takes."""
    features, shape = estimator.features_, estimator.input_shape_
    given = estimator.n_features_in_
    named = given if features.names is None else len(features.names)
    width = shape[0] if len(shape) != 1 or features.encoder is None else len(features.encoder.numeric_mask_)
    plain = features.encoder is not None or given == shape[0]
    if named != given or width != shape[0] or not plain:
        raise FileFormatError(
            f"the file names {named} columns for a network that takes rows of shape {shape}: it was not saved by Lamina."
        )
