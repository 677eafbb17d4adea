"""Specifications survive the way to JSON and back, every class of them; what cannot is refused by name."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import math
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator
from inspect import isabstract
from typing import Any

import jax
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamina
from lamina.errors import FileFormatError, SpecificationError
from lamina.files.registry import FAMILIES, name_of
from lamina.files.values import decode, encode
from lamina.layers import (
    ACTIVATIONS,
    Crop,
    Dense,
    Dropout,
    Initializer,
    Layer,
    Penalty,
    Residual,
    Rotate,
    Shift,
    Shortcut,
    Standardize,
    Warp,
    Zoom,
    convolution,
    initializers,
)
from lamina.layers.convolution import Filters
from lamina.layers.values import Specification
from lamina.training import Adam, Optax, Optimizer, common, losses, optimizers, prefix, schedules

LEFT_OUT = {
    losses.FunctionLoss: "holds a function of the user's",
    convolution.Pooled: "stands for a convolution and the pooling behind it while they are applied",
    common.Slot: "stands for a member's layer inside a population",
    prefix.Behind: "stands for a network behind its frozen layers inside a fit",
    common.Stack: "stands for a member's network inside a population",
    optimizers.WithFactors: "a base",
    optimizers.Optimizer: "a base",
}
"""Value objects that a file cannot hold, and why."""


def concrete_specifications() -> Iterator[type[Any]]:
    """Every value object that Lamina's layers and training define, whether this test knows of it or not."""
    for package in ("layers", "networks", "training"):
        home = importlib.import_module(f"lamina.{package}")
        for module in pkgutil.walk_packages(home.__path__, f"{home.__name__}."):
            importlib.import_module(module.name)
    waiting = [Specification]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        here = kind.__module__.startswith(("lamina.layers.", "lamina.networks.", "lamina.training."))
        if here and dataclasses.is_dataclass(kind) and not isabstract(kind):
            yield kind


CONCRETE = sorted(
    set(concrete_specifications()) - LEFT_OUT.keys(), key=lambda kind: (kind.__qualname__, kind.__module__)
)


@st.composite
def dense(draw: Callable[..., Any]) -> Dense:
    """With a table of connections of the right width."""
    fields = {name: draw(of(hint, name)) for name, hint in hints(Dense).items() if name != "connections"}
    row = st.lists(st.integers(0, 1), min_size=fields["units"], max_size=fields["units"])
    return Dense(**fields, connections=draw(st.none() | st.lists(row, min_size=1, max_size=4)))


FACTORIES = [optax.lion, optax.adam, optax.sgd, optax.adamw]
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "activation": st.sampled_from(sorted(ACTIVATIONS)) | st.sampled_from(list(ACTIVATIONS.values())),
    "distribution": st.sampled_from(["normal", "uniform"]),
    "weight_init": st.none()
    | st.sampled_from(sorted(initializers.INITIALIZERS))
    | st.deferred(lambda: any_of(Initializer)),
    "bias_init": st.sampled_from(["zeros", "normal"]) | st.deferred(lambda: any_of(Initializer)),
    "recurrent_init": st.sampled_from(["orthogonal", "normal"]) | st.deferred(lambda: any_of(Initializer)),
    "precision": st.sampled_from([None, "bfloat16"]),
    "cell": st.sampled_from(["gru", "lstm"]),
    "mode": st.sampled_from(["mean", "sum"]),
    "factory": st.sampled_from(FACTORIES),
    "keywords": st.just((("learning_rate", 0.1),)),
    "factors": st.dictionaries(st.sampled_from(["bias", "dense_1", "dense_1/weights"]), st.floats(0, 9)),
    "q": st.floats(0.001, 0.999)
    | st.lists(st.floats(0.001, 0.999), min_size=1, max_size=3, unique=True).map(lambda q: tuple(sorted(q))),
}
BY_NAME |= {
    "size": st.integers(1, 4),
    "stride": st.none() | st.integers(1, 3),
    "padding": st.sampled_from(["valid", "same", 1]),
    "method": st.sampled_from(["nearest", "linear"]),
    "fill": st.sampled_from([0.0, 0.5, 1]),
}
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    float: st.floats(0.001, 0.999),
    int: st.integers(1, 6),
    bool: st.booleans(),
    type(None): st.none(),
}


def hints(kind: type[Any]) -> dict[str, Any]:
    """Annotations of what the constructor takes."""
    known = typing.get_type_hints(kind)
    return {item.name: known[item.name] for item in dataclasses.fields(kind) if item.init}


def of(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """Values for a field of that annotation."""
    if name in BY_NAME:
        return BY_NAME[name]
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    parts = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return st.one_of([of(part, name) for part in parts])
    if typing.get_origin(hint) is tuple:
        return st.lists(of(parts[0], name), min_size=1, max_size=3).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Specification):
        return st.deferred(lambda: any_of(hint))
    raise AssertionError(f"say in BY_NAME or BY_TYPE what the field {name!r} ({hint}) may be")


def convolution(kind: type[Filters]) -> st.SearchStrategy[Any]:
    """A convolution whose groups divide its filters."""
    names = ("activation", "weight_init", "bias_init", "use_bias", "penalty", "trainable")
    free = {name: of(hints(kind)[name], name) for name in names}
    return st.builds(
        kind,
        filters=st.sampled_from([2, 4]),
        size=st.integers(1, 5),
        stride=st.integers(1, 2),
        padding=st.sampled_from(["valid", "same", 1]),
        **free,
    )


def values_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Values of one class."""
    if kind is Crop:
        return st.builds(Crop, st.integers(1, 4), size=BY_NAME["size"] | st.none(), fill=BY_NAME["fill"])
    if kind is Warp:
        return st.builds(Warp, st.lists(st.sampled_from([Rotate(5), Zoom(0.2), Shift(0.1, 0.3)]), min_size=1))
    if kind is Dense:
        return dense()
    if issubclass(kind, Filters):
        return convolution(kind)
    if kind is Standardize:
        numbers = st.floats(0.1, 1) | st.just((2.0, 1.0))
        return st.builds(kind, mean=numbers, sd=numbers, trainable=st.booleans())
    if kind is Shortcut:
        return st.builds(kind, filters=st.integers(1, 6), stride=st.integers(1, 3), trainable=st.booleans())
    return st.builds(kind, **{name: of(hint, name) for name, hint in hints(kind).items()})


@functools.cache
def any_of(base: type[Any]) -> st.SearchStrategy[Any]:
    """Values of any class derived from ``base``."""
    # Not st.one_of: the text that describes all of them would be longer than Hypothesis allows.
    return st.sampled_from([kind for kind in CONCRETE if issubclass(kind, base)]).flatmap(values_of)


def there_and_back(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value, "value"), allow_nan=False)), "value")


@pytest.mark.parametrize("kind", CONCRETE, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_specification_is_known(kind: type[Any]) -> None:
    assert name_of(kind), (
        f"add {kind.__name__} to lamina.files.registry.FAMILIES, or to LEFT_OUT here with the reason"
    )


@pytest.mark.parametrize("kind", CONCRETE, ids=lambda kind: name_of(kind) or kind.__name__)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_specifications_come_back(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(values_of(kind))
    again = there_and_back(value)
    assert type(again) is kind
    assert again == value
    assert hash(again) == hash(value)
    assert repr(again) == repr(value)


def test_names_in_files_never_change() -> None:
    known = {name_of(kind) for kinds in FAMILIES.values() for kind in kinds}
    assert {
        "layers.Dense", "layers.Dropout", "layers.Residual", "initializers.He", "penalties.Penalty",
        "losses.SquaredError", "optimizers.Adam", "schedules.Cosine", "stopping.EarlyStopping",
    } <= known  # fmt: skip


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans(), inner)
    ),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_values_come_back(value: Any) -> None:
    assert repr(there_and_back(value)) == repr(value)


@given(st.floats(allow_nan=False))
def test_floats_keep_every_bit(value: float) -> None:
    again = there_and_back(value)
    assert type(again) is float
    assert again == value
    assert math.copysign(1, again) == math.copysign(1, value)


@pytest.mark.parametrize(
    ("value", "same"), [(np.int64(3), 3), (np.float32(0.1), float(np.float32(0.1))), (np.bool_(True), True)]
)
def test_numbers_of_numpy_become_plain(value: Any, same: Any) -> None:
    assert there_and_back(value) == same
    assert type(there_and_back(value)) is type(same)


def own_activation(z: Any) -> Any:
    return z


@dataclasses.dataclass(frozen=True)
class Stranger(Penalty):
    """Not registered."""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            [Dense(2, own_activation)],
            r"cannot save p\[0\]\.activation=own_activation: a function of your own",
        ),
        ([Residual([Dense(2), Dense(2, lambda z: z)])], r"p\[0\]\.layers\[1\]\.activation=<lambda>"),
        (losses.FunctionLoss(own_activation), "FunctionLoss.*a function of your own.*register"),
        (optax.adam(0.1), r"an optax transformation.*Optax\(optax\.lion"),
        (Optax(optax.adam(0.1)), r"p\.factory=.*Give the factory"),
        (Optax(own_activation), r"p\.factory=own_activation"),
        (Optax(optax.sgd, learning_rate=optax.constant_schedule(0.1)), r"p\.keywords\[0\]\[1\]=<lambda>"),
        (Optax(optax.contrib.prodigy), r"p\.factory=prodigy"),
        (Stranger(), r"Stranger is not a class that files know.*register\(Stranger\)"),
        (np.zeros(2), r"p=array.*give numbers, text, lists"),
        ({"a": {1, 2}}, r"p\['a'\]=\{1, 2\}"),
        (Dense, r"p=Dense: Dense is not"),
        (1j, "give numbers"),
    ],
    ids=lambda item: str(item)[:40] if isinstance(item, str) else "",
)
def test_what_is_not_in_the_table_is_refused_by_name(value: Any, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        encode(value, "p")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"type": "layers.Convolution9D", "fields": {}}, "'layers.Convolution9D', .* newer version"),
        ({"type": "own.Mine", "fields": {}}, r"call lamina\.files\.register\(Mine\) before loading"),
        ({"type": "builtins.eval", "fields": {"source": "1"}}, "not known here"),
        ({"type": "function", "name": "optax._src"}, "not known here"),
        ({"type": "function", "name": "optax.tree_map_params"}, "not known here"),
        ({"type": "function", "name": "os.system"}, "not known here"),
        ({"type": "layers.Dense", "fields": {"units": 4, "colour": "red"}}, r"\['colour'\].*update"),
        ({"type": "layers.Dense", "fields": {"units": -4}}, "Dense cannot be made"),
        ({"type": "layers.Dense", "fields": {}}, "Dense cannot be made"),
        ({"type": "layers.Dense"}, "should hold 'fields'"),
        ({"type": "layers.Residual", "fields": {"layers": [3]}}, "Residual cannot be made"),
        ({"type": "number", "value": "1e5"}, "no number"),
        ({"type": "dict", "items": [[[1], 2]]}, "cannot be read"),
        ({"type": "dict", "items": [3]}, "cannot be read"),
        ({"type": "tuple"}, "should hold 'items'"),
        ({}, "should hold 'type'"),
        ({"type": 3}, "should hold 'type'"),
    ],
)
def test_what_no_version_wrote_is_refused(plain: Any, words: str) -> None:
    with pytest.raises(FileFormatError, match=words):
        decode(plain, "value")


def test_a_field_that_came_later_takes_its_default() -> None:
    plain = encode(Adam(0.5), "optimizer")
    del plain["fields"]["epsilon"]
    assert decode(plain, "optimizer") == Adam(0.5)


def test_a_known_function_is_the_same_function_again() -> None:
    layer = Dense(3, jax.nn.relu)
    assert there_and_back(layer).activation is jax.nn.relu


def test_families_cover_what_a_user_can_give() -> None:
    bases = (Layer, Initializer, Penalty, losses.Loss, Optimizer, schedules.Schedule)
    assert all(any(issubclass(kind, base) for kind in CONCRETE) for base in bases)
    assert lamina.files.registry.class_of("layers.Dropout") is Dropout
