"""What a tape is asked for: a network with its numbers, rows, and how a step would be taken."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.streaming import StoredRows
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.checks import check_weights
from lamina.estimators.features import in_precision
from lamina.estimators.forecasting.networks import SeriesForecaster
from lamina.estimators.sequence_to_sequence import SequenceToSequence
from lamina.explain.outputs import network_of
from lamina.explain.tape.checks import as_numbers, check_codes, checked_parameters, outcome_for
from lamina.layers.activations import Function, activation_name
from lamina.layers.base import Layer, Parameters, Shape, State
from lamina.layers.containers import Sequential, check_layers
from lamina.layers.dense import Activation
from lamina.networks.output import output_activation
from lamina.training import Loss, Settings, pad_rows
from lamina.training.losses import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    FunctionLoss,
    SequenceCrossEntropy,
    SquaredError,
    resolve_loss,
)
from lamina.training.optimizers import SGD, Optimizer, resolve_optimizer
from lamina.training.plan import initial
from lamina.training.program import Rows


@dataclass(frozen=True)
class Question:
    """A network, its parameters and the rows that go through it.

    Attributes
    ----------
    network, loss, parameters, state
        What is differentiated, and where.
    rows
        As the network takes them, padded with rows of weight zero.
    settings
        Of the fit: its optimizer, penalty and largest norm of a gradient.
    inputs, outputs
        Names of columns and of classes or outcomes, where there are any.
    standardised
        Whether the rows are not in the user's units.
    """

    network: Sequential
    loss: Loss
    parameters: Parameters
    state: State
    rows: Rows
    settings: Settings
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    standardised: bool = False

    @property
    def activation(self) -> str | Function:
        """What makes the prediction of the linear predictor."""
        own = self.loss.output_activation
        return own if own != "linear" else output_activation(self.network)

    @property
    def dtype(self) -> Any:
        """Floating-point type of the computation."""
        return jax.tree.leaves(self.parameters)[0].dtype if self.parameters else np.dtype(np.float64)


def question_of(
    model: Any,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    loss: Any = None,
    optimizer: Any = None,
    parameters: Any = None,
    seed: int = 0,
) -> Question:
    """The question about a fitted estimator, or about a network with given parameters."""
    if isinstance(model, Layer | list | tuple):
        return _of_network(model, X, y, sample_weight, loss, optimizer, parameters, seed)
    if parameters is not None:
        raise ArgumentTypeError(
            f"parameters= are for a network, a list of layers; a fitted {type(model).__name__} has its own: leave them out."
        )
    if isinstance(model, SequenceToSequence):
        return _of_sequences(model, X, y, optimizer)
    if isinstance(model, SeriesForecaster):
        check_is_fitted(model)
        (X, y), model = model._windows(X), model.networks_[0]
    network_of(model)
    return _of_estimator(model, X, y, sample_weight, loss, optimizer)


def _of_estimator(
    model: NeuralEstimator, X: Any, y: Any, sample_weight: Any, loss: Any, optimizer: Any
) -> Question:
    X, y = model._opened_to_watch(X, y)
    if y is None:
        raise DataError(
            "y is None: back-propagation begins at the loss, which needs the outcome of each row."
        )
    x = model._features(X, reset=False)
    x = np.asarray(x) if isinstance(x, StoredRows) else x
    x = in_precision(x, model._precision())
    outcome = model._check_outcome(y, len(x), fresh=False)
    weights = model._row_weights(outcome, check_weights(sample_weight, x))
    return Question(
        model.network_,
        model.loss_ if loss is None else resolve_loss(loss),
        model.fitted_.parameters,
        model.fitted_.state,
        model._rows(x, outcome, weights),
        Settings(
            optimizer=model._chosen_optimizer() if optimizer is None else resolve_optimizer(optimizer),
            penalty=model._chosen_penalty(),
            clip_norm=model.clip_norm,
        ),
        _inputs(model),
        _outputs(model),
        model.features_.standardizer is not None,
    )


def _of_sequences(model: SequenceToSequence, sources: Any, targets: Any, optimizer: Any) -> Question:
    """Pairs of texts, each target behind the true codes before it."""
    check_is_fitted(model)
    settings = model._settings(None)
    return Question(
        Sequential([model.network_]),
        SequenceCrossEntropy(),
        model.fitted_.parameters,
        model.fitted_.state,
        model._rows_of(sources, targets),
        settings if optimizer is None else dataclasses.replace(settings, optimizer=_step_by_step(optimizer)),
    )


def _inputs(model: NeuralEstimator) -> tuple[str, ...] | None:
    """Names of the network's inputs: the user's columns, or those that they became."""
    encoder = model.features_.encoder
    names = getattr(model, "feature_names_in_", None) if encoder is None else encoder.get_feature_names_out()
    return None if names is None else tuple(map(str, names))


def _outputs(model: NeuralEstimator) -> tuple[str, ...] | None:
    classes = getattr(model, "classes_", None)
    return None if classes is None else tuple(map(str, classes))


def _of_network(
    layers: Layer | Iterable[Layer],
    X: Any,
    y: Any,
    sample_weight: Any,
    loss: Any,
    optimizer: Any,
    parameters: Any,
    seed: int,
) -> Question:
    network = layers if isinstance(layers, Sequential) else Sequential(check_layers(layers, "backpropagate"))
    if not network.layers:
        raise SpecificationError(
            "the network has no layers: give at least its output layer, such as [Dense(1)]."
        )
    x = as_numbers(X, "X")
    if x.ndim < 2:
        raise DataError(f"X has shape {x.shape}: rows are needed, (n, p); of one row write [[...]].")
    chosen = _loss_of(network) if loss is None else resolve_loss(loss)
    network = _as_the_loss_takes_it(network, chosen)
    outcome = outcome_for(y, len(x), chosen, network.output_shape(x.shape[1:]), _dtype(x))
    check_codes(network, x)
    drawn, state = _drawn(network, x.shape[1:], 0 if parameters is not None else seed, _dtype(x))
    return Question(
        network,
        chosen,
        drawn if parameters is None else checked_parameters(parameters, drawn),
        state,
        pad_rows(x, outcome, check_weights(sample_weight, x)),
        Settings(optimizer=SGD(0.1) if optimizer is None else _step_by_step(optimizer)),
    )


@functools.lru_cache(maxsize=8)
def _drawn(network: Sequential, shape: Shape, seed: int, dtype: Any) -> tuple[Parameters, State]:
    """Initial parameters; where others are given, only their shapes are looked at."""
    return initial(network, shape, seed, dtype)


def _dtype(x: np.ndarray) -> Any:
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)


def _step_by_step(optimizer: Any) -> Optimizer:
    found = resolve_optimizer(optimizer)
    if not isinstance(found, Optimizer):
        raise SpecificationError(
            f"optimizer={optimizer!r} has no step of its own for one gradient: take SGD or Adam."
        )
    return found


def _as_the_loss_takes_it(network: Sequential, loss: Loss) -> Sequential:
    """The network whose output the loss is of.

    Losses take the linear predictor, and those that bring an activation of their own make the prediction of it. To others,
    such as the squared error, an output activation is a layer as any other: a linear one behind it keeps it.
    """
    own = activation_name(output_activation(network))
    if isinstance(loss, FunctionLoss) or own in ("linear", loss.output_activation):
        return network
    if loss.output_activation == "linear":
        return Sequential([*network.layers, Activation("linear")])
    raise SpecificationError(
        f"{type(loss).__name__} makes the prediction by {loss.output_activation!r}, and the output layer has {own!r}: give it "
        f"{loss.output_activation!r} or 'linear', or take another loss."
    )


def _loss_of(network: Sequential) -> Loss:
    """The loss that goes with the output activation."""
    activation = output_activation(network)
    if activation == "sigmoid":
        return BinaryCrossEntropy()
    return CategoricalCrossEntropy() if activation == "softmax" else SquaredError()
