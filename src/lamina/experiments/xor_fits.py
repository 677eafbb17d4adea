"""Many starts of a multi-layer perceptron on XOR, side by side: the equations of the classics with one more axis.

Weights have the shape (starts, inputs + 1, units). A start is as if it were alone, which a test holds against
:class:`lamina.classics.MultiLayerPerceptron`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.classics.neuron import binary_inputs
from lamina.classics.outputs import OUTPUTS, sigmoid
from lamina.classics.propagation import forward, with_bias
from lamina.classics.starting import drawn_weights

Array = NDArray[Any]
BITS = binary_inputs(2)
XOR = np.array([0, 1, 1, 0])
ROWS, TARGETS = with_bias(BITS.astype(np.float64)), XOR[:, None].astype(np.float64)
RATE, EPOCHS, LOOK, NEAR = 0.5, 5_000, 10, 0.4


@dataclass(frozen=True)
class Way:
    """Hidden units, output, how the weights are updated, and momentum."""

    units: int
    output: str
    updating: str
    momentum: float

    @property
    def rate(self) -> float:
        """In batch as it is; row by row a quarter, so that an epoch goes as far."""
        return RATE if self.updating == "batch" else RATE / len(BITS)


@dataclass(frozen=True)
class Start:
    """What came of a start: epochs until it was solved, None if it was not, and the weights at the end."""

    way: Way
    epochs: int | None
    weights: tuple[Array, ...]

    def activations(self, x: Array) -> tuple[Array, Array]:
        """Hidden activations, (n, units), and outputs, (n,)."""
        inputs, y = forward(self.weights, with_bias(x), 1.0, OUTPUTS[self.way.output])
        return inputs[1][:, :-1], y[:, 0]

    @property
    def is_solved(self) -> bool:
        """Whether every output is near its target."""
        return bool(np.all(np.abs(self.activations(BITS.astype(np.float64))[1] - XOR) < NEAR))


@dataclass
class Starts:
    """Several starts in training: weights and last steps of both layers, and what draws each one's order of rows."""

    way: Way
    weights: list[Array]
    rngs: list[np.random.RandomState]
    steps: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = [np.zeros_like(w) for w in self.weights]

    @classmethod
    def drawn(cls, way: Way, seeds: Sequence[int]) -> Starts:
        """The starts of these seeds."""
        rngs = [np.random.RandomState(seed) for seed in seeds]
        drawn = [drawn_weights([2, way.units, 1], np.float64, rng) for rng in rngs]
        return cls(way, [np.stack(layer) for layer in zip(*drawn, strict=True)], rngs)

    def epoch(self) -> None:
        """All rows at once, or one after the other in an order of each start's own."""
        if self.way.updating == "batch":
            self._step(ROWS[None], TARGETS[None])
            return
        for places in np.array([rng.permutation(len(BITS)) for rng in self.rngs]).T:
            self._step(ROWS[places][:, None], TARGETS[places][:, None])

    def _step(self, x: Array, t: Array) -> None:
        """One step on rows (starts or 1, rows, 3); the lines are those of ``lamina.classics.propagation`` and ``learning``."""
        output, (w1, w2), n = OUTPUTS[self.way.output], self.weights, x.shape[1]
        a = sigmoid(x @ w1, 1.0)
        inputs = np.concatenate([a, np.full((*a.shape[:2], 1), -1.0)], axis=2)
        delta = output.delta(output.activation(inputs @ w2, 1.0), t, 1.0)
        back = a * (1 - a) * (delta @ w2[:, :-1].swapaxes(1, 2))
        gradients = [x.swapaxes(1, 2) @ back / n, inputs.swapaxes(1, 2) @ delta / n]
        for w, step, gradient in zip(self.weights, self.steps, gradients, strict=True):
            step *= self.way.momentum
            step += self.way.rate * gradient
            w -= step

    def each(self, epochs: int | None) -> list[Start]:
        """The starts one by one."""
        return [Start(self.way, epochs, layers) for layers in zip(*map(np.copy, self.weights), strict=True)]

    def keep(self, places: Sequence[int]) -> None:
        """Go on with these alone."""
        self.weights, self.steps = (
            [each[list(places)] for each in kind] for kind in (self.weights, self.steps)
        )
        self.rngs = [self.rngs[place] for place in places]


def trained(way: Way, seeds: Sequence[int], most_epochs: int) -> list[Start]:
    """Train from every seed until it is solved or the epochs are over; in the order of the seeds."""
    starts, left = Starts.drawn(way, seeds), list(seeds)
    done: dict[int, Start] = {}
    for epoch in range(1, most_epochs + 1):
        starts.epoch()
        if epoch % LOOK and epoch < most_epochs:
            continue
        now = starts.each(epoch)
        done |= {seed: start for seed, start in zip(left, now, strict=True) if start.is_solved}
        going = [place for place, seed in enumerate(left) if seed not in done]
        if len(going) < len(left):
            starts.keep(going)
            left = [left[place] for place in going]
        if not left:
            break
    done |= dict(zip(left, starts.each(None), strict=True))
    return [done[seed] for seed in seeds]
