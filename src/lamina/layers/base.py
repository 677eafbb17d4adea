"""What a layer is: a value that knows its shapes, draws its parameters on the host and applies itself to a batch.

A layer is a frozen dataclass whose fields are its hyperparameters. It holds no arrays, so two layers with the same
fields are equal, hash alike, and share one compiled program.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.values import Specification
from lamina.numerics.random import derive
from lamina.numerics.watching import Watch, point_path

Shape = tuple[int, ...]
Parameters = dict[str, Any]
State = dict[str, Any]
Array = Any

_TRACED = "traced"
_LIKE = "like"
PROJECTION = "projection"
BEGINS_AT = "begins_at"
"""The field of a chain whose rows have been through so many of its layers already."""


def traced(default: float | None, like: str | None = None) -> Any:
    """A numeric field that may differ between the members of a population without a new program.

    Its value travels beside the network under its path and the layer reads it with :meth:`Context.value`. A None travels as the
    field that ``like`` names, so that members with a number and members without share the program, and not at all without one.
    """
    return field(default=default, metadata={_TRACED: default, _LIKE: like})


@dataclass(frozen=True)
class Context:
    """What surrounds a layer while it is applied.

    Attributes
    ----------
    root, streams
        Where the randomness comes from: a key, or None outside training; the streams below it, one below the other.
    training
        Whether dropout and noise are active.
    hyperparameters
        Values of traced hyperparameters by path, such as ``{"dropout_1/rate": 0.4}``.
    path
        Where in the network the layer stands, such as ``"residual_1/dense_2"``.
    weights
        Weight of each row of the batch, shape (n,), zero for rows that only fill it up; None where all count alike.
    keeps_statistics
        Whether running statistics are used as they are, in training too: so it is inside a layer that is not trainable.
    record
        Where every layer's output is put under its path, in the order in which they are computed; None keeps none.
    mask
        Which places of a sequence are there and not padding, (n, t); None where all are. A chain carries it from
        layer to layer as long as these have the same places.
    memory, memory_mask
        Another sequence (n, s, p) that attention may look at, such as an encoder's, and which of its places are there.
    precision
        Floating-point type of what layers multiply, as :class:`~lamina.layers.Sequential` has it; None is that of the data.
    watch
        Where the layers put what stands at their points inside, such as the z before an activation; None keeps none.
    """

    root: Array | None = None
    streams: tuple[Any, ...] = ()
    training: bool = False
    hyperparameters: Mapping[str, Array] = dataclasses.field(default_factory=dict)
    path: str = ""
    weights: Array | None = None
    keeps_statistics: bool = False
    record: dict[str, Array] | None = None
    mask: Array | None = None
    memory: Array | None = None
    memory_mask: Array | None = None
    precision: str | None = None
    watch: Watch | None = None

    def child(self, name: str) -> Context:
        """The context of the layer ``name`` inside this one, with its own stream of random numbers."""
        streams = (*self.streams, zlib.crc32(name.encode()))
        return dataclasses.replace(self, streams=streams, path=join(self.path, name))

    def frozen(self) -> Context:
        """The context of a layer whose statistics must stay: they are used as at prediction."""
        return dataclasses.replace(self, keeps_statistics=True)

    @property
    def key(self) -> Array | None:
        """Source of randomness for this layer, or None outside training; nothing is computed for a layer that never asks."""
        return None if self.root is None else functools.reduce(derive, self.streams, self.root)

    def factors(self, *arrays: Array) -> tuple[Array, ...]:
        """The factors of a product, in the precision in which products are computed here."""
        return arrays if self.precision is None else tuple(array.astype(self.precision) for array in arrays)

    @property
    def looks_inside(self) -> bool:
        """Whether every layer's own output is wanted, so that none may be computed together with another."""
        return self.record is not None or self.watch is not None

    def point(self, name: str, value: Array) -> Array:
        """A value inside the layer here, under its ``name``: where nobody watches, the value and nothing else."""
        return value if self.watch is None else self.watch.point(point_path(self.path, name), value)

    def keep(self, name: str, value: Array) -> None:
        """A value for whoever watches, that the layer itself does not use."""
        if self.watch is not None:
            self.watch.keep(point_path(self.path, name), value)

    def value(self, name: str, default: float) -> Array:
        """The hyperparameter ``name`` of the layer here: the traced value if one travels along, else its own."""
        return self.hyperparameters.get(join(self.path, name), default)


@dataclass(frozen=True, repr=False)
class Layer(Specification, ABC):
    """Base of every layer; a user's own layer is another frozen dataclass with these three methods.

    Shapes exclude the batch axis.

    Parameters
    ----------
    trainable
        Whether training may change the layer's parameters, and, in a :class:`~lamina.layers.BatchNorm`, its statistics. A
        container that is not trainable freezes all that is inside it.
    """

    trainable: bool = field(default=True, kw_only=True)
    draws: ClassVar[bool] = False
    """Whether the layer is random in training."""
    takes_sparse: ClassVar[bool] = False
    """Whether the layer can be the first of a network for sparse rows."""
    parts: ClassVar[Mapping[str, str]] = {}
    """Groups of parameters that belong to a layer in a field, by the field's name."""
    learns_statistics: ClassVar[bool] = False
    """Whether the layer's state learns from the batches of training."""

    @abstractmethod
    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one row's output given the shape of its input."""

    @abstractmethod
    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        """Draw the initial parameters and state with NumPy: nothing to compile, the same on every platform."""

    def inside(self, input_shape: Shape) -> Shape:
        """Shape of the rows that the first of the layers inside is given."""
        return input_shape

    def mask_of(self, x: Array) -> Array | None:
        """Which places of a sequence x are there, (n, t), where the layer is one that can tell."""
        return None

    def followed_by(self, following: Layer) -> Layer | None:
        """A layer that does the work of this one and the ``following`` at once and faster, with the parameters of this one."""
        return None

    @abstractmethod
    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        """Output of a batch and the new state; a pure function."""


@dataclass(frozen=True, repr=False)
class ParameterFreeLayer(Layer):
    """A layer that learns nothing."""

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return {}, {}


Value = TypeVar("Value")


def join(path: str, name: str) -> str:
    """Path of ``name`` below ``path``.

    >>> join("", "dense_1"), join("residual_1", "dense_1")
    ('dense_1', 'residual_1/dense_1')
    """
    return f"{path}/{name}" if path else name


def snake_case(name: str) -> str:
    """Name of a class as it stands in a path.

    >>> snake_case("GaussianNoise"), snake_case("Conv2D")
    ('gaussian_noise', 'conv2d')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).lower()


def children(layer: Any) -> tuple[tuple[str, Layer], ...]:
    """The layers inside a container with their names, each numbered within its kind; a shortcut's is ``projection``.

    >>> from lamina.layers import Dense, Dropout, Sequential
    >>> [name for name, _ in children(Sequential([Dense(2), Dropout(0.1), Dense(1)]))]
    ['dense_1', 'dropout_1', 'dense_2']
    """
    inner = getattr(layer, "layers", ())
    chain = tuple(zip(_names(tuple(map(type, inner))), inner, strict=True))
    projection = getattr(layer, PROJECTION, None)
    return chain if projection is None else (*chain, (PROJECTION, projection))


def children_with_shapes(layer: Any, input_shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
    """The layers inside a container with their names and the shapes that they are given.

    >>> from lamina.layers import Dense, Flatten, Sequential
    >>> [(name, shape) for name, _, shape in children_with_shapes(Sequential([Flatten(), Dense(3)]), (2, 2))]
    [('flatten_1', (2, 2)), ('dense_1', (4,))]
    """
    shape = layer.inside(input_shape) if isinstance(layer, Layer) else input_shape
    for name, inner in children(layer)[getattr(layer, BEGINS_AT, 0) :]:
        yield name, inner, input_shape if name == PROJECTION else shape
        if name != PROJECTION:
            shape = inner.output_shape(shape)


def frozen_paths(layer: Any, parameters: Parameters, path: str = "") -> tuple[str, ...]:
    """Paths of the outermost layers with parameters that training must leave as they are.

    >>> from lamina.layers import Dense, Sequential
    >>> network = Sequential([Dense(2, trainable=False), Dense(1)])
    >>> frozen_paths(network, {"dense_1": {"bias": 0.0}, "dense_2": {"bias": 0.0}})
    ('dense_1',)
    """
    found: tuple[str, ...] = ()
    for name, inner in children(layer):
        own = parameters.get(name, {})
        if own and not inner.trainable:
            found += (join(path, name),)
        elif own:
            found += frozen_paths(inner, own, join(path, name))
    return found


@functools.lru_cache(maxsize=512)
def _names(kinds: tuple[type, ...]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names = []
    for kind in kinds:
        name = snake_case(kind.__name__)
        seen[name] += 1
        names.append(f"{name}_{seen[name]}")
    return tuple(names)


def traced_values(value: Any, path: str = "") -> dict[str, float | tuple[float, ...]]:
    """Every traced hyperparameter of a value and of the values inside it, by path; one may be several numbers.

    >>> from lamina.layers import Dense, Dropout, Sequential
    >>> traced_values(Sequential([Dense(2), Dropout(0.4)]))
    {'dropout_1/rate': 0.4}
    """
    found: dict[str, float | tuple[float, ...]] = {}
    for name, item, is_traced in _fields(value):
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            found |= traced_values(item, join(path, name))
        elif is_traced and item is not None:
            found[join(path, name)] = tuple(map(float, item)) if isinstance(item, tuple) else float(item)
    for name, inner in children(value):
        found |= traced_values(inner, join(path, name))
    return found


@functools.lru_cache(maxsize=512, typed=True)  # 0.0 and False are equal, and not the same setting
def template(value: Value) -> Value:
    """The same value with every traced hyperparameter at its default, so that it can key one program for all.

    >>> from lamina.layers import Dropout
    >>> template(Dropout(0.2)) == template(Dropout(0.4))
    True
    """
    if isinstance(value, tuple) and type(value) is tuple:  # not a named tuple, which must stay what it is
        return tuple(template(item) for item in value)  # type: ignore[return-value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    own = {item.name: _field_template(value, item) for item in dataclasses.fields(value)}
    changed = {name: new for name, new in own.items() if new is not getattr(value, name)}
    return dataclasses.replace(value, **changed) if changed else value


def _field_template(value: Any, item: dataclasses.Field[Any]) -> Any:
    own = getattr(value, item.name)
    if _TRACED in item.metadata and not dataclasses.is_dataclass(own):
        return item.metadata[_TRACED]
    return template(own)


def _fields(value: Any) -> Iterator[tuple[str, Any, bool]]:
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return
    for item in dataclasses.fields(value):
        own, like = getattr(value, item.name), item.metadata.get(_LIKE)
        yield item.name, getattr(value, like) if own is None and like else own, _TRACED in item.metadata


def check_rate(owner: str, name: str, value: Any) -> None:
    """Raise unless ``value`` is a number in [0, 1)."""
    if not _is_number(value) or not 0 <= value < 1:
        raise SpecificationError(
            f"{owner}({name}={value!r}): {name} must be a number in [0, 1), for example 0.4."
        )


def check_nonnegative(owner: str, name: str, value: Any) -> None:
    """Raise unless ``value`` is a finite number >= 0."""
    if not _is_number(value) or not (0 <= value < float("inf")):
        raise SpecificationError(f"{owner}({name}={value!r}): {name} must be a finite number, zero or more.")


def check_positive_integer(owner: str, name: str, value: Any, example: int = 64) -> None:
    """Raise unless ``value`` is a whole number >= 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise SpecificationError(
            f"{owner}({name}={value!r}): {name} must be a whole number, 1 or more, for example {example}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
