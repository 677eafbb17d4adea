"""A tape of a chain of dense layers, as the equations see it: weights, sums and activations, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.tape.tape import Module, Tape
from lamina.layers.activations import activation_name
from lamina.layers.base import frozen_paths
from lamina.layers.containers import Flatten
from lamina.layers.dense import Activation, Dense
from lamina.layers.noise import Dropout, GaussianNoise

WIDEST, DEEPEST, MOST_ROWS, MOST_PARAMETERS = 8, 5, 4, 80
"""What is still read as equations."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A dense layer: z = x W + b, a = g(z).

    Attributes
    ----------
    activation
        Name of g.
    x, z, a, slope
        Of each row.
    error_a, error
        Derivatives of the risk by a and by z.
    weights, bias
        W and b, zeros where there is no bias.
    has_bias
        Whether there is one.
    gradients, updates
        Of weights and bias, by name.
    frozen
        Whether training leaves them as they are.
    connections
        Table of 0 and 1 of the weights that there are, None of all.
    """

    activation: str
    x: np.ndarray
    z: np.ndarray
    a: np.ndarray
    slope: np.ndarray | None
    error_a: np.ndarray
    error: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    has_bias: bool
    gradients: dict[str, np.ndarray]
    updates: dict[str, np.ndarray]
    frozen: bool = False
    connections: np.ndarray | None = None


def chain_of(tape: Tape) -> list[Stage]:
    """The stages of a tape.

    Raises
    ------
    SpecificationError
        If the network is no chain of dense layers, or too large to read.
    """
    stages: list[Stage] = []
    still = frozen_paths(tape.network, tape.penalty_gradients)
    for module in tape:
        if isinstance(module.layer, Dense):
            stages.append(
                _stage(module, frozen=any(f"{module.path}/".startswith(f"{path}/") for path in still))
            )
        elif isinstance(module.layer, Activation) and stages and stages[-1].activation == "linear":
            stages[-1] = _with_activation(stages[-1], module)
        elif not _changes_nothing(module, tape):
            raise SpecificationError(
                f"{module.path} ({module.layer!r}) has no equations on paper here: they are for chains of dense layers. "
                "norms() and to_html() show every network, and tape[path] holds its numbers."
            )
    _check_size(tape, stages)
    for stage in stages:
        if stage.slope is None:
            raise SpecificationError(
                f"{stage.activation} has no derivative g'(z) of each number by itself: equations are of activations that take "
                "numbers one by one. norms() and to_html() show every network."
            )
    return stages


def _stage(module: Module, *, frozen: bool) -> Stage:
    weights, cut = module.parameters["weights"], module.layer.connections  # type: ignore[attr-defined]
    connections = None if cut is None else np.asarray(cut)
    weights = weights if connections is None else weights * connections
    slope = module.values.get("slope")
    return Stage(
        activation_name(module.layer.activation),  # type: ignore[attr-defined]
        module.x,
        module.z,
        module.a,
        slope,
        module.error,
        module.errors["z"],
        weights,
        module.parameters.get("bias", np.zeros(weights.shape[1], weights.dtype)),
        "bias" in module.parameters,
        module.gradients,
        module.updates,
        frozen,
        connections,
    )


def _with_activation(stage: Stage, module: Module) -> Stage:
    return Stage(
        activation_name(module.layer.activation),  # type: ignore[attr-defined]
        stage.x,
        module.z,
        module.a,
        module.values.get("slope"),
        module.error,
        module.errors["z"],
        stage.weights,
        stage.bias,
        stage.has_bias,
        stage.gradients,
        stage.updates,
        stage.frozen,
        stage.connections,
    )


def _changes_nothing(module: Module, tape: Tape) -> bool:
    idle = isinstance(module.layer, Dropout | GaussianNoise) and not tape.training
    linear = isinstance(module.layer, Activation) and activation_name(module.layer.activation) == "linear"
    return isinstance(module.layer, Flatten) or idle or linear


def _check_size(tape: Tape, stages: list[Stage]) -> None:
    if not stages:
        raise SpecificationError("the network has no dense layer to write an equation of.")
    widths = [stages[0].x.shape[1], *(stage.z.shape[1] for stage in stages)]
    parameters = sum(stage.weights.size + stage.bias.size for stage in stages)
    small = max(widths) <= WIDEST and len(stages) <= DEEPEST and parameters <= MOST_PARAMETERS
    if not small or tape.n_rows > MOST_ROWS:
        raise SpecificationError(
            f"{tape.n_rows} rows through layers of the widths {'-'.join(map(str, widths))}, {parameters} parameters, are too "
            f"much for equations: they are written for at most {MOST_ROWS} rows, widths of {WIDEST}, {DEEPEST} layers and "
            f"{MOST_PARAMETERS} parameters. norms() and to_html() show the rest."
        )
