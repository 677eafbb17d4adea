"""What training left: parameters, state, history, and the optimizer's memory, so that it can go on."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.errors import FileFormatError, LaminaError
from lamina.estimators import NeuralEstimator
from lamina.files.checked import get, get_optional
from lamina.files.learnt import Plain, read_history, write_history
from lamina.files.shelf import Arrays, Shelf, flat_leaves, flat_tree, same_structure, take_leaves, take_tree
from lamina.training import LBFGS, Fitted
from lamina.training.precision import precision


def write_training(estimator: NeuralEstimator, arrays: Arrays) -> Plain:
    """Parameters and state by path, history, and the optimizer's state if ``estimator.optimizer`` can go on from it."""
    fitted = estimator.fitted_
    arrays |= flat_tree(fitted.parameters) | flat_tree(fitted.state, "@state")
    last = None
    if fitted.history is not estimator.history_:  # after a warm start: of its last part alone
        last = write_history(fitted.history, "@last_history", arrays)
    like = _optimizer_state_like(estimator, fitted.parameters)
    continues = like is not None and same_structure(like, fitted.optimizer_state)
    if continues:
        arrays |= flat_leaves(fitted.optimizer_state, "@optimizer")
    return {
        "epochs": int(fitted.epochs),
        "interrupted": bool(fitted.interrupted),
        "history": write_history(estimator.history_, "@history", arrays),
        "last_history": last,
        "optimizer_state": continues,
    }


def read_training(estimator: Any, plain: Plain, shelf: Shelf) -> None:
    """Set ``fitted_`` and ``history_``; FileFormatError if the arrays are not those of the network."""
    parameters, state = _take_parameters(estimator, shelf)
    estimator.history_ = read_history(get(plain, "history", dict, "training"), "@history", shelf)
    last = get_optional(plain, "last_history", dict, "training")
    optimizer_state = None
    if get(plain, "optimizer_state", bool, "training"):
        optimizer_state = take_leaves(shelf, _optimizer_state_like(estimator, parameters), "@optimizer")
    estimator.fitted_ = Fitted(
        parameters,
        state,
        estimator.history_ if last is None else read_history(last, "@last_history", shelf),
        optimizer_state,
        get(plain, "epochs", int, "training"),
        get(plain, "interrupted", bool, "training"),
    )


def _take_parameters(estimator: Any, shelf: Shelf) -> tuple[Any, Any]:
    """Parameters and state in the structure that the network asks for."""
    network, shape = estimator.network_, estimator.input_shape_
    try:
        like = network.init(np.random.default_rng(0), shape)
        given, needed = network.output_shape(shape), (estimator._output_units(),)
    except (LaminaError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"the file's network does not take rows of its shape {shape}: {error}"
        ) from error
    if given != needed:
        raise FileFormatError(
            f"the file's network gives outputs of shape {given} and its outcome needs {needed}: it was not saved by Lamina."
        )
    parameters = take_tree(shelf, like[0])
    if len({leaf.dtype for leaf in jax.tree.leaves(parameters)}) != 1:
        raise FileFormatError("the file's parameters are of several types: it was not saved by Lamina.")
    return parameters, take_tree(shelf, like[1], "@state", kinds="biuf")


def _optimizer_state_like(estimator: Any, parameters: Any) -> Any:
    """Structure and shapes of the optimizer's state, without computing it; None where it has none."""
    try:
        optimizer = estimator._chosen_optimizer()
        if isinstance(optimizer, LBFGS):
            return None
        transformation = optimizer.direction(lambda name, own: own)
        with precision(jax.tree.leaves(parameters)[0].dtype):
            return jax.eval_shape(transformation.init, parameters)
    except (TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(f"the optimizer {estimator.optimizer!r} cannot be made: {error}") from error
