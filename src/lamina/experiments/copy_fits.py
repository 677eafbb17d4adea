"""One network on one gap: its accuracy, and how large the gradient is at each distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from lamina.experiments.copy_data import CODES, SYMBOLS, draw
from lamina.layers import GRU, LSTM, Embedding, Layer, Normal, Sequential, SimpleRNN
from lamina.layers.base import Context, Parameters, children
from lamina.networks import linear_predictor, with_output
from lamina.training import Adam, CategoricalCrossEntropy, Settings, fit, pad_rows, predict
from lamina.training.plan import initial

UNITS, DIMENSION, BATCH = 32, 8, 64
LAYERS: dict[str, Layer] = {
    "SimpleRNN, orthogonal": SimpleRNN(UNITS),
    "SimpleRNN, Xavier": SimpleRNN(UNITS, recurrent_init="xavier"),
    "GRU": GRU(UNITS),
    "LSTM": LSTM(UNITS),
    "LSTM, forget bias 5": LSTM(UNITS, forget_bias=5.0),
}
"""Networks by how they are called."""


@dataclass(frozen=True)
class Measured:
    """One fit.

    Attributes
    ----------
    accuracy
        On sequences that were not in training, in %.
    before, after
        Norm of the loss's derivative by the vector of each place, root mean square over rows, by distance from the end: before
        and after training.
    """

    accuracy: float
    before: NDArray[Any]
    after: NDArray[Any]


def network_of(layer: Layer) -> Sequential:
    """Vectors of the codes, a recurrent layer, a probability for each symbol."""
    return with_output([Embedding(DIMENSION, CODES, Normal(DIMENSION**-0.5)), layer], SYMBOLS, "softmax")


def measured(name: str, gap: int, rows: int, epochs: int, seed: int) -> Measured:
    """Fit a network, keep its best epoch by 512 watched sequences, and test it on 512 others."""
    network, settings = network_of(LAYERS[name]), Settings(Adam(0.003), epochs, BATCH, clip_norm=1.0)
    x, y = draw(rows, gap, seed)
    others, symbols = draw(512, gap, seed + 10_000)
    watched = pad_rows(*draw(512, gap, seed + 20_000), None)
    start = initial(network, (gap + 1,), seed, np.float32)[0]
    fitted = fit(network, CategoricalCrossEntropy(), pad_rows(x, y, None), settings, seed, validation=watched)
    found = predict(network, fitted.parameters, fitted.state, others).argmax(axis=1)
    before, after = (gradients(network, at, others, symbols) for at in (start, fitted.parameters))
    return Measured(float(100 * np.mean(found == symbols[:, 0])), before, after)


def gradients(network: Sequential, parameters: Parameters, x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Norm of the derivative of a row's loss by the vector at each place, by distance from the last."""
    first, *others = linear_predictor(network).layers
    names = [name for name, _ in children(network)]
    behind = dict(zip(names[1:], others, strict=True))

    def loss(vectors: Any) -> Any:
        z = vectors
        for name, layer in behind.items():
            z = layer.apply(parameters[name], {}, z, Context())[0]
        return jnp.sum(CategoricalCrossEntropy().row(z, jnp.asarray(y), lambda _, own: own))

    vectors = first.apply(parameters[names[0]], {}, jnp.asarray(x), Context())[0]
    squares = jnp.sum(jnp.square(jax.jit(jax.grad(loss))(vectors)), axis=-1)
    norms: NDArray[Any] = np.sqrt(np.asarray(jnp.mean(squares, axis=0)))[::-1]
    return norms
