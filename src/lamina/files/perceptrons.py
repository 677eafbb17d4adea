"""The drop-in perceptrons, in scikit-learn's own attributes: lists of coefficients and what the solver remembers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from lamina.drop_in import MLPClassifier, MLPRegressor
from lamina.drop_in.solving import SOLVERS, make_solver
from lamina.drop_in.weights import ACTIVATION_NAMES, as_lists, as_tree
from lamina.errors import FileFormatError
from lamina.files.checked import get, get_names
from lamina.files.kind import Kind
from lamina.files.learnt import Plain, read_classes, write_classes
from lamina.files.shelf import Arrays, Shelf, flat_leaves, flat_tree, same_structure, take_leaves, take_tree
from lamina.files.values import decode, encode

PLAIN = (
    "_no_improvement_count",
    "best_loss_",
    "best_validation_score_",
    "loss_",
    "loss_curve_",
    "n_features_in_",
    "n_iter_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "t_",
    "validation_scores_",
)
"""What is learnt and is plain; L-BFGS leaves some of it out."""


def _write(estimator: Any, arrays: Arrays) -> Plain:
    parameters = _parameters(estimator)
    arrays |= flat_tree(parameters)
    names = getattr(estimator, "feature_names_in_", None)
    remembered, like = getattr(estimator, "_optimizer", None), _solver_state_like(estimator, parameters)
    continues = like is not None and same_structure(like, remembered)
    if continues:
        arrays |= flat_leaves(remembered, "@optimizer")
    return {
        "units": [len(estimator.coefs_[0]), *(len(bias) for bias in estimator.intercepts_)],
        "learnt": {
            name: encode(getattr(estimator, name), name) for name in PLAIN if hasattr(estimator, name)
        },
        "feature_names_in": None if names is None else [str(name) for name in names],
        "optimizer_state": continues,
    }


def _read(estimator: Any, plain: Plain, shelf: Shelf) -> None:
    learnt = get(plain, "learnt", dict, "file")
    for name in PLAIN:
        if name in learnt:
            setattr(estimator, name, decode(learnt[name], name))
    names = get_names(plain, "feature_names_in", "file")
    if names is not None:
        estimator.feature_names_in_ = names
    units = _units(estimator, get(plain, "units", list, "file"))
    shapes = [np.broadcast_to(np.float32(0), shape) for shape in pairwise(units)]
    parameters = take_tree(shelf, as_tree(shapes, [shape[0] for shape in shapes], np.float32))
    estimator.coefs_, estimator.intercepts_ = as_lists(parameters)
    if get(plain, "optimizer_state", bool, "file"):
        like = _solver_state_like(estimator, _parameters(estimator))
        estimator._optimizer = take_leaves(shelf, like, "@optimizer")


def _write_classifier(estimator: MLPClassifier, arrays: Arrays) -> Plain:
    coding = estimator._label_binarizer
    return {
        **_write(estimator, arrays),
        "classes": write_classes(estimator.classes_),
        "coding": {"classes": write_classes(coding.classes_), "outcome": str(coding.y_type_)},
    }


def _read_classifier(estimator: MLPClassifier, plain: Plain, shelf: Shelf) -> None:
    _read(estimator, plain, shelf)
    estimator.classes_ = read_classes(get(plain, "classes", dict, "file"))
    written = get(plain, "coding", dict, "file")
    coding = LabelBinarizer()
    coding.classes_ = read_classes(get(written, "classes", dict, "coding"))
    coding.y_type_ = get(written, "outcome", str, "coding")
    coding.sparse_input_ = False
    estimator._label_binarizer = coding
    binary = coding.y_type_ == "binary"
    if estimator.n_outputs_ != (1 if binary else len(coding.classes_)):
        raise FileFormatError(
            f"the file has {estimator.n_outputs_} outputs for {len(coding.classes_)} classes: it was not saved by Lamina."
        )


def _parameters(estimator: Any) -> Any:
    return as_tree(estimator.coefs_, estimator.intercepts_, estimator.coefs_[0].dtype)


def _units(estimator: Any, units: list[Any]) -> list[int]:
    ends = getattr(estimator, "n_features_in_", None), getattr(estimator, "n_outputs_", None)
    fits = (
        len(units) > 1
        and (units[0], units[-1]) == ends
        and len(units) == getattr(estimator, "n_layers_", None)
    )
    if not fits or not all(type(size) is int and size > 0 for size in units):
        raise FileFormatError(f"the file's layers have {units} units: it was not saved by Lamina.")
    known = {estimator.activation, getattr(estimator, "out_activation_", None)} <= set(ACTIVATION_NAMES)
    if not known:
        raise FileFormatError("the file names an unknown activation: it was not saved by Lamina.")
    return units


def _solver_state_like(estimator: Any, parameters: Any) -> Any:
    """Structure and shapes of the solver's memory; None for L-BFGS, which has none."""
    if estimator.solver not in SOLVERS:
        return None
    try:
        return make_solver(estimator).initial(parameters)
    except (TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(f"the solver {estimator.solver!r} cannot be made: {error}") from error


KINDS: dict[str, Kind] = {
    "drop_in.MLPRegressor": Kind(MLPRegressor, _write, _read),
    "drop_in.MLPClassifier": Kind(MLPClassifier, _write_classifier, _read_classifier),
}
