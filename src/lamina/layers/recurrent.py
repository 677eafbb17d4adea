"""Recurrent layers: the same weights at every step of a sequence, and something carried from step to step."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, cast

import jax.numpy as jnp
import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_positive_integer
from lamina.layers.containers import apply_child
from lamina.layers.initializers import Initializer, default_initializer, resolve_initializer
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.numerics.recurrence import Cell, Gated, LongShortTerm, Run, Simple, Weights, run
from lamina.numerics.recurrence_open import run_open
from lamina.numerics.watching import Watch, point_path


@dataclass(frozen=True, repr=False)
class Recurrent(Layer):
    """Base of the recurrent layers.

    A step whose place is masked (padding, :class:`~lamina.layers.Embedding`) is skipped: what is carried stays as it is.
    """

    units: int
    _: KW_ONLY
    return_sequences: bool = False
    reverse: bool = False
    use_bias: bool = True
    weight_init: str | Initializer | None = None
    recurrent_init: str | Initializer = "orthogonal"
    penalty: float | Penalty | None = None
    gates: ClassVar[int] = 1
    repeats: ClassVar[bool] = True
    """Whether the parameters are used at every step of a sequence."""

    def __post_init__(self) -> None:
        owner = type(self).__name__
        check_positive_integer(owner, "units", self.units)
        object.__setattr__(self, "units", int(self.units))
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)
        resolve_initializer(self.recurrent_init)
        if self.penalty is not None:
            object.__setattr__(self, "penalty", resolve_penalty(self.penalty))

    def output_shape(self, input_shape: Shape) -> Shape:
        steps, _ = steps_and_inputs(type(self).__name__, input_shape)
        return (steps, self.units) if self.return_sequences else (self.units,)

    def count(self, input_shape: Shape) -> int:
        """Number of parameters: those of one step, which all steps share."""
        inputs = steps_and_inputs(type(self).__name__, input_shape)[1]
        return self.gates * self.units * (inputs + self.units + self.use_bias)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        inputs = steps_and_inputs(type(self).__name__, input_shape)[1]
        k = self.units
        first = self._initializer()
        # One draw a gate: a gate is a layer of its own, with the fans of one.
        weights = [first.draw(rng, (inputs, k), inputs, k) for _ in range(self.gates)]
        between = resolve_initializer(self.recurrent_init)
        recurrent = [between.draw(rng, (k, k), k, k) for _ in range(self.gates)]
        parameters: Parameters = {
            "weights": np.concatenate(weights, axis=1),
            "recurrent_weights": np.concatenate(recurrent, axis=1),
        }
        if self.use_bias:
            parameters["bias"] = self._bias()
        return parameters, {}

    def _initializer(self) -> Initializer:
        return resolve_initializer("xavier" if self.weight_init is None else self.weight_init)

    def _bias(self) -> np.ndarray:
        return np.zeros(self.gates * self.units)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        found = self.run(parameters, x, context, every=self.return_sequences)
        if found.outputs is None:
            return found.last[0], state
        outputs = jnp.swapaxes(found.outputs, 0, 1)
        return (outputs[:, ::-1] if self.reverse else outputs), state

    def run(
        self,
        parameters: Parameters,
        x: Array,
        context: Context,
        start: tuple[Array, ...] | None = None,
        *,
        every: bool = True,
    ) -> Run:
        """The pass over x (n, t, p) from what is carried at the ``start``, zeros if None; time comes first in the outputs.

        Outputs of a reversed layer come in the order in which they were made.
        """
        x = x if x.ndim == 3 else x[:, :, None]
        kept = context.mask
        if self.reverse:
            x, kept = x[:, ::-1], None if kept is None else kept[:, ::-1]
        inputs, first = context.factors(jnp.swapaxes(x, 0, 1), parameters["weights"])
        recurrent = parameters["recurrent_weights"]
        weights = Weights(
            first.astype(recurrent.dtype),
            recurrent,
            parameters["bias"] if self.use_bias else jnp.zeros(recurrent.shape[1], recurrent.dtype),
            self._inner(parameters, recurrent.dtype),
        )
        if start is None:
            start = (jnp.zeros((len(x), self.units), recurrent.dtype),) * self.carried
        inputs = inputs.astype(recurrent.dtype)
        if context.watch is not None:
            found = self._open(weights, inputs, start, kept, context)
            return found if every else found._replace(outputs=None)
        return run(self._cell(), weights, inputs, start, None if kept is None else kept.T, every=every)

    def _open(
        self, weights: Weights, inputs: Array, start: tuple[Array, ...], kept: Array | None, context: Context
    ) -> Run:
        """The pass step by step; each point's values (n, t, ...) stand where their inputs do."""
        watch = cast(Watch, context.watch)
        paths = {name: point_path(context.path, name) for name in self._cell().points}
        probes = {name: self._turned(watch.probes[at]) for name, at in paths.items() if at in watch.probes}
        found, values, opened = run_open(
            self._cell(), weights, inputs, start, None if kept is None else kept.T, probes
        )
        for name, at in paths.items():
            watch.values[at] = self._turned_back(values[name])
        for name, value in opened.items():
            context.keep(name, self._turned_back(value))
        return found

    def _turned(self, value: Array) -> Array:
        """(n, t, ...) as (t, n, ...) in the order in which the steps are made."""
        value = jnp.swapaxes(value, 0, 1)
        return value[::-1] if self.reverse else value

    def _turned_back(self, value: Array) -> Array:
        return jnp.swapaxes(value[::-1] if self.reverse else value, 0, 1)

    def _inner(self, parameters: Parameters, dtype: Any) -> Array | None:
        """A bias inside the candidate, where the cell has one."""
        return None

    carried: ClassVar[int] = 1
    """How many arrays are carried from step to step."""

    @abstractmethod
    def _cell(self) -> Cell:
        """What happens at a step."""


@dataclass(frozen=True, repr=False)
class SimpleRNN(Recurrent):
    r"""The recurrent layer of the book: each step's output is a function of its input and of the step before.

    .. math:: A_{lk} = g\Big(w_{k0} + \sum_j w_{kj} X_{lj} + \sum_s u_{ks} A_{l-1,s}\Big)

    Parameters
    ----------
    units
        K.
    activation
        g.
    return_sequences
        Whether all A_1 to A_L are given, (L, K), or only the last, (K,).
    reverse
        Whether the sequence is read from its end; outputs stand where their inputs do.
    use_bias, weight_init, penalty
        As in :class:`Dense`; the penalty is on ``weights`` and ``recurrent_weights``.
    recurrent_init
        Of ``recurrent_weights``, "orthogonal" by default: what is carried neither grows nor shrinks at the start.

    Shapes: input (L, p), or (L,) for one number a step. Parameters ``weights`` (p, K), ``recurrent_weights`` (K, K) and ``bias``
    (K,), the same at each step.

    Raises
    ------
    SpecificationError
        For units below one, an unknown name, or an input that is no sequence.

    Source: ISLP equation 10.16; 12 units on 3 inputs and one output have 205 parameters (section 10.9.6).

    >>> layer = SimpleRNN(12)
    >>> layer.output_shape((5, 3)), layer.count((5, 3)) + 13
    ((12,), 205)
    >>> one = {"weights": jnp.ones((1, 1)), "recurrent_weights": jnp.ones((1, 1)) / 2, "bias": jnp.zeros(1)}
    >>> x = jnp.array([[[1.0], [2.0], [4.0]]])
    >>> SimpleRNN(1, "linear", return_sequences=True).apply(one, {}, x, Context())[0].ravel().tolist()
    [1.0, 2.5, 5.25]
    """

    units: int
    activation: str | Function = "tanh"

    def __post_init__(self) -> None:
        super().__post_init__()
        resolve_activation(self.activation)

    def _initializer(self) -> Initializer:
        return default_initializer(self.activation) if self.weight_init is None else super()._initializer()

    def _cell(self) -> Cell:
        return Simple(resolve_activation(self.activation))


@dataclass(frozen=True, repr=False)
class LSTM(Recurrent):
    r"""Long short-term memory: gates decide what a memory takes in, keeps and shows.

    .. math:: (i, f, o) = \sigma(x_l W + h_{l-1} U + b), \quad g = \tanh(x_l W + h_{l-1} U + b), \quad
        c_l = f c_{l-1} + i g, \quad h_l = o \tanh c_l

    each gate with its own columns of W, U and b, in the order i, f, g, o. The bias of f starts above zero, so that a memory is
    kept until something is learnt.

    Parameters
    ----------
    units, return_sequences, reverse, use_bias, weight_init, recurrent_init, penalty
        As in :class:`SimpleRNN`.
    forget_bias
        Where the bias of f starts, one by default. A memory is multiplied by about σ(b) a step: over a gap of T steps,
        log T keeps a share of it (Tallec and Ollivier 2018). It needs ``use_bias``.

    Shapes: input (L, p). Parameters ``weights`` (p, 4K), ``recurrent_weights`` (K, 4K), ``bias`` (4K,).

    Raises
    ------
    SpecificationError
        As :class:`SimpleRNN`; also for a forget_bias that is no finite number.

    Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000; Jozefowicz, Zaremba and Sutskever 2015 for
    the bias.

    >>> LSTM(32).output_shape((500, 32)), LSTM(32).count((500, 32))
    ((32,), 8320)
    """

    units: int
    _: KW_ONLY
    forget_bias: float = 1.0
    gates: ClassVar[int] = 4
    carried: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.forget_bias, int | float) or not np.isfinite(self.forget_bias):
            raise SpecificationError(
                f"LSTM(forget_bias={self.forget_bias!r}): it must be a finite number, such as 1.0, or log T for a gap of T."
            )
        object.__setattr__(self, "forget_bias", float(self.forget_bias))

    def _bias(self) -> np.ndarray:
        bias = np.zeros((4, self.units))
        bias[1] = self.forget_bias
        return bias.ravel()

    def _cell(self) -> Cell:
        return LongShortTerm()


@dataclass(frozen=True, repr=False)
class GRU(Recurrent):
    r"""Gated recurrent unit: one gate decides how much of what is carried is renewed, another what the new looks back at.

    .. math:: (r, u) = \sigma(x_l W + h_{l-1} U + b), \quad m = \tanh\big(x_l W + b + r\,(h_{l-1} U + b')\big), \quad
        h_l = u\, h_{l-1} + (1 - u)\, m

    each with its own columns of W, U and b, in the order r, u, m.

    Parameters
    ----------
    units, return_sequences, reverse, use_bias, weight_init, recurrent_init, penalty
        As in :class:`SimpleRNN`.

    Shapes: input (L, p). Parameters ``weights`` (p, 3K), ``recurrent_weights`` (K, 3K), ``bias`` (3K,),
    ``recurrent_bias`` b' (K,).

    Source: Cho et al. 2014, with the products before the gate as in cuDNN.

    >>> GRU(32).output_shape((500, 32)), GRU(32).count((500, 32))
    ((32,), 6272)
    """

    gates: ClassVar[int] = 3

    def count(self, input_shape: Shape) -> int:
        return super().count(input_shape) + self.units * self.use_bias

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        parameters, state = super().init(rng, input_shape)
        if self.use_bias:
            parameters["recurrent_bias"] = np.zeros(self.units)
        return parameters, state

    def _inner(self, parameters: Parameters, dtype: Any) -> Array | None:
        return parameters.get("recurrent_bias", jnp.zeros(self.units, dtype))

    def _cell(self) -> Cell:
        return Gated()


@dataclass(frozen=True, repr=False)
class Bidirectional(Layer):
    """A recurrent layer and its like that reads from the end, their outputs side by side.

    Parameters
    ----------
    layer
        SimpleRNN, LSTM or GRU. Its ``return_sequences`` holds for both.

    Shapes: input (L, p), output (2K,) or (L, 2K). Parameters ``forward/...`` and ``backward/...``, each its own.

    Source: Schuster and Paliwal 1997.

    >>> Bidirectional(LSTM(8)).output_shape((20, 3)), Bidirectional(LSTM(8, return_sequences=True)).output_shape((20, 3))
    ((16,), (20, 16))
    """

    layer: Recurrent
    repeats: ClassVar[bool] = True
    parts: ClassVar[Mapping[str, str]] = {"forward": "layer", "backward": "layer"}

    def __post_init__(self) -> None:
        if not isinstance(self.layer, Recurrent):
            raise ArgumentTypeError(
                f"Bidirectional({self.layer!r}): it takes a recurrent layer, for example Bidirectional(LSTM(32))."
            )
        if not self.layer.trainable:
            object.__setattr__(self, "trainable", False)

    @property
    def return_sequences(self) -> bool:
        """Whether every output is given, not the last alone."""
        return self.layer.return_sequences

    @property
    def backward(self) -> Recurrent:
        """The layer that reads the other way."""
        return dataclasses.replace(self.layer, reverse=not self.layer.reverse)

    def output_shape(self, input_shape: Shape) -> Shape:
        *steps, units = self.layer.output_shape(input_shape)
        return (*steps, 2 * units)

    def count(self, input_shape: Shape) -> int:
        """Number of parameters."""
        return 2 * self.layer.count(input_shape)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return {
            "forward": self.layer.init(rng, input_shape)[0],
            "backward": self.backward.init(rng, input_shape)[0],
        }, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        both = [
            apply_child(name, layer, parameters, {}, x, context)[0]
            for name, layer in (("forward", self.layer), ("backward", self.backward))
        ]
        return jnp.concatenate(both, axis=-1), state


def steps_and_inputs(owner: str, input_shape: Shape) -> tuple[int, int]:
    """Steps of a sequence and numbers a step, or SpecificationError.

    >>> steps_and_inputs("LSTM", (20, 3)), steps_and_inputs("LSTM", (20,))
    ((20, 3), (20, 1))
    """
    if len(input_shape) not in (1, 2) or min(input_shape) < 1:
        raise SpecificationError(
            f"{owner} takes sequences, arrays (n, steps, numbers a step), and was given rows of shape {input_shape}"
            + (": no step, or no number in it." if len(input_shape) in (1, 2) else ".")
        )
    return input_shape[0], input_shape[1] if len(input_shape) == 2 else 1
