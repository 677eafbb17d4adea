"""One program for networks of several widths and depths: the narrow and shallow run inside the widest and deepest.

A program takes about a second to compile, and a search over 27 structures would wait longer for the compiler than for its
fits. Units that a member lacks are cut to zero, layers that it lacks hand on their input. Both are exact: what is cut has
weight, gradient and moment zero from the first step to the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import jax.numpy as jnp
import numpy as np

from lamina.layers.activations import resolve_activation
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, children, template, traced
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense, weighted_sum
from lamina.layers.noise import Dropout, drop
from lamina.layers.penalties import Penalty
from lamina.networks.output import linear_predictor
from lamina.training.optimizers import Optax

if TYPE_CHECKING:
    from lamina.training.grouping import Job

COMPILATION = 1.0
"""Seconds that a program takes to compile."""
SPEED = 30e9
"""Multiplications and additions a second that a core adds to a population."""


@dataclass(frozen=True, repr=False)
class Slot(Layer):
    """A dense layer with dropout that uses the first ``width`` of its units, or hands on its input.

    Attributes
    ----------
    units, activation, use_bias
        Of the widest member.
    first
        Whether it is the first of its network, which every member has.
    drops
        Whether dropout may follow; ``rate`` is that of the member.
    width, active
        Units that the member has; whether it has the layer at all.
    penalty
        The member's own on these weights.
    """

    units: int
    activation: str
    use_bias: bool
    first: bool
    drops: bool
    width: float = traced(1.0)
    active: float = traced(1.0)
    rate: float = traced(0.0)
    penalty: Penalty = field(default_factory=Penalty)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        raise NotImplementedError("a slot takes the weights of the layer that it stands for")

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return self.use(parameters, x, context, None), state

    def use(self, parameters: Parameters, x: Array, context: Context, dropout_key: Array | None) -> Array:
        """Output for x (n, p), with the dropout that the layer of the member would have."""
        width = context.value("width", self.width)
        z = weighted_sum(x, parameters["weights"], parameters.get("bias"), context)
        a = jnp.where(jnp.arange(self.units) < width, resolve_activation(self.activation)(z), 0)
        if self.drops and context.training and dropout_key is not None:
            a = drop(a, dropout_key, context.value("rate", self.rate), jnp.asarray(width))
        return a if self.first else jnp.where(context.value("active", self.active) > 0, a, x)


class Stack(Sequential):
    """A sequence whose slots draw their dropout as the layers after the member's own would."""

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        dropouts = 0
        for name, layer in children(self):
            own, inside = parameters.get(name, {}), context.child(name)
            dropouts += isinstance(layer, (Dropout, Slot))
            if isinstance(layer, Slot):
                x = layer.use(own, x, inside, context.child(f"dropout_{dropouts}").key)
            else:
                x, _ = layer.apply(own, {}, x, inside)
        return x, state


@dataclass(frozen=True)
class Anatomy:
    """A network as a stack of slots sees it.

    Attributes
    ----------
    prefix
        Layers before the first dense one.
    hidden, rates
        Dense layers, and the dropout rate after each.
    output
        The last layer.
    """

    prefix: tuple[Layer, ...]
    hidden: tuple[Dense, ...]
    rates: tuple[float, ...]
    output: Dense

    @property
    def shared(self) -> Hashable:
        """What networks in one stack must have in common."""
        return (
            template(self.prefix),
            self.hidden[0].activation,
            self.hidden[0].use_bias,
            dataclasses.replace(template(self.output), penalty=None),
        )


def anatomy(network: Sequential) -> Anatomy | None:
    """The parts of a network that can stand in a stack, else None.

    >>> found = anatomy(Sequential([Dense(8, "relu"), Dropout(0.1), Dense(4, "relu"), Dropout(0.2), Dense(1)]))
    >>> [layer.units for layer in found.hidden], found.rates
    ([8, 4], (0.1, 0.2))
    >>> anatomy(Sequential([Dense(8, "softmax"), Dense(1)])) is None
    True
    """
    *layers, output = linear_predictor(network).layers
    place = next((place for place, layer in enumerate(layers) if type(layer) is Dense), None)
    if place is None or type(output) is not Dense or type(network) is not Sequential or network.precision:
        return None
    prefix, body = tuple(layers[:place]), layers[place:]
    drops = len(body) > 1 and type(body[1]) is Dropout
    # Dropout after every hidden layer or after none: then the k-th slot draws as the k-th dropout does.
    pattern = [Dense, Dropout] if drops else [Dense]
    if len(body) % len(pattern) or [type(layer) for layer in body] != pattern * (len(body) // len(pattern)):
        return None
    hidden = cast(tuple[Dense, ...], tuple(body[:: len(pattern)]))
    dropouts = cast(tuple[Dropout, ...], tuple(body[1::2]))
    rates = tuple(layer.rate for layer in dropouts) if drops else (0.0,) * len(hidden)
    fits = (
        all(_fits(layer, hidden[0]) for layer in hidden) and output.trainable and output.connections is None
    )
    return Anatomy(prefix, hidden, rates, output) if fits else None


def _fits(layer: Dense, first: Dense) -> bool:
    return (
        isinstance(layer.activation, str)
        and layer.trainable  # a stack of slots moves all of them
        and layer.activation not in ("softmax", "step")
        and (layer.activation, layer.use_bias, layer.connections) == (first.activation, first.use_bias, None)
    )


def with_common_structures(
    jobs: Sequence[Job], shape_of: Callable[[Job], Hashable], workers: int
) -> list[Job]:
    """The jobs, those in a stack where that costs less than the programs that it saves.

    Parameters
    ----------
    shape_of
        What must agree, beside the network, for jobs to share a program.
    """
    if len({template(job.member.network) for job in jobs}) < 2:
        return list(jobs)
    families: dict[Hashable, list[tuple[Job, Anatomy]]] = {}
    replaced: dict[int, Job] = {}
    for job in jobs:
        found = (
            None if job.state or not _is_plain(job.member.settings.optimizer) else anatomy(job.member.network)
        )
        if found is not None:
            families.setdefault((found.shared, shape_of(job)), []).append((job, found))
    for family in families.values():
        if _pays(family, workers):
            replaced |= {job.place: job for job in _in_stack(family)}
    return [replaced.get(job.place, job) for job in jobs]


def _is_plain(optimizer: Any) -> bool:
    """Whether an optimizer treats all parameters alike, whatever their names."""
    return not isinstance(optimizer, Optax) and not getattr(optimizer, "factors", ())


def _pays(family: Sequence[tuple[Job, Anatomy]], workers: int) -> bool:
    structures = {tuple(layer.units for layer in found.hidden) for _, found in family}
    if len(structures) == 1:
        return False
    width, depth = _size(family)
    extra = 0.0
    for job, found in family:
        weights = [job.parameters[name]["weights"] for name in _names(job, found)]
        common = width * (len(weights[0]) + (depth - 1) * width + found.output.units)
        extra += 6 * (common - sum(leaf.size for leaf in weights)) * job.n * job.member.settings.epochs
    saved = (len(structures) - 1) * COMPILATION / min(workers, len(structures))
    return extra / (SPEED * workers) < saved


def _size(family: Sequence[tuple[Job, Anatomy]]) -> tuple[int, int]:
    """Units of the widest layer and layers of the deepest network."""
    width = max(layer.units for _, found in family for layer in found.hidden)
    return width, max(len(found.hidden) for _, found in family)


def _names(job: Job, found: Anatomy) -> list[str]:
    """Names of the hidden layers' and the output layer's parameters."""
    names = [name for name, layer in children(job.member.network) if type(layer) is Dense]
    return names[-len(found.hidden) - 1 :]


def _in_stack(family: Sequence[tuple[Job, Anatomy]]) -> list[Job]:
    width, depth = _size(family)
    drops = any(any(found.rates) for _, found in family)
    wide: dict[tuple[int, tuple[int, ...]], Parameters] = {}
    jobs = []
    for job, found in family:
        stack = _stack(found, width, depth, drops)
        units = tuple(layer.units for layer in found.hidden)
        key = (id(job.parameters), units)
        if key not in wide:
            wide[key] = _embedded(job, found, stack)
        member = dataclasses.replace(job.member, network=stack)
        jobs.append(
            dataclasses.replace(job, member=member, parameters=wide[key], restore=_Cut(job, found, stack))
        )
    return jobs


def _stack(found: Anatomy, width: int, depth: int, drops: bool) -> Stack:
    slots = []
    for place in range(depth):
        has = place < len(found.hidden)
        layer = found.hidden[place] if has else found.hidden[0]
        slots.append(
            Slot(
                width,
                str(layer.activation),
                layer.use_bias,
                place == 0,
                drops,
                width=float(layer.units if has else width),
                active=float(has),
                rate=found.rates[place] if has else 0.0,
                penalty=(layer.penalty if has else None) or Penalty(),  # type: ignore[arg-type]
            )
        )
    output = dataclasses.replace(found.output, penalty=found.output.penalty or Penalty())
    return Stack([*found.prefix, *slots, output])


def _places(job: Job, found: Anatomy, stack: Stack) -> list[tuple[str, str]]:
    """Names of the same parameters in the member's network and in the stack."""
    inside = [name for name, layer in children(stack) if isinstance(layer, (Slot, Dense))]
    used = [*inside[: len(found.hidden)], inside[-1]]
    return list(zip(_names(job, found), used, strict=True))


def _embedded(job: Job, found: Anatomy, stack: Stack) -> Parameters:
    """The member's parameters in the stack's shapes, zero elsewhere."""
    pairs = _places(job, found, stack)
    parameters = {name: item for name, item in job.parameters.items() if name not in dict(pairs)}
    first = job.parameters[pairs[0][0]]["weights"]
    inputs, dtype = len(first), first.dtype
    for name, layer in children(stack):
        if isinstance(layer, (Slot, Dense)):
            parameters[name] = {"weights": np.zeros((inputs, layer.units), dtype)}
            if layer.use_bias:
                parameters[name]["bias"] = np.zeros(layer.units, dtype)
            inputs = layer.units
    for own, common in pairs:
        for key, values in job.parameters[own].items():
            parameters[common][key][tuple(map(slice, values.shape))] = values
    return parameters


@dataclass(frozen=True, eq=False)
class _Cut:
    """Takes the member's parameters out of the stack's."""

    job: Job
    found: Anatomy
    stack: Stack

    def __call__(self, parameters: Parameters) -> Parameters:
        pairs = _places(self.job, self.found, self.stack)
        own = {
            name: {
                key: parameters[common][key][tuple(map(slice, values.shape))]
                for key, values in self.job.parameters[name].items()
            }
            for name, common in pairs
        }
        return {name: own.get(name, parameters.get(name)) for name in self.job.parameters}
