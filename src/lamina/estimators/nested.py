"""Parameters of estimators that are values: ``optimizer__learning_rate`` reaches inside ``optimizer``.

A value is named by string, or is a frozen dataclass. Setting a nested name replaces the value by a copy with that
field changed; nothing is changed in place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from sklearn.base import BaseEstimator

from lamina.errors import SpecificationError, nearest_name
from lamina.layers.base import Layer, children
from lamina.layers.containers import Sequential, check_layers
from lamina.layers.penalties import resolve_penalty
from lamina.training.losses import resolve_loss
from lamina.training.optimizers import Optax, resolve_optimizer

RESOLVERS: dict[str, Callable[[Any], Any]] = {
    "optimizer": resolve_optimizer,
    "loss": resolve_loss,
    "penalty": resolve_penalty,
}
LISTS = ("layers", "augment")
"""Parameters that are lists of layers."""
OTHER_WORDS = {
    "lr": "learning_rate",
    "betas": "beta_1",
    "eps": "epsilon",
    "rho": "decay",
    "alpha": "l2",
    "p": "rate",
    "n_units": "units",
    "size": "units",
}
"""What other libraries call the fields of optimizers, penalties and layers."""


class NestedParameters(BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameters may be values with fields of their own."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name; with ``deep``, also those inside values, such as ``optimizer__learning_rate``."""
        shallow: dict[str, Any] = super().get_params(deep=False)
        return deep_parameters(shallow) if deep else shallow

    def set_params(self, **params: Any) -> Self:
        """Set parameters, nested ones by ``outer__inner``; whole values are set before what is inside them."""
        known = super().get_params(deep=False)
        for name in sorted(params, key=lambda item: item.count("__")):
            outer, _, inner = name.partition("__")
            if outer not in known:
                super().set_params(**{name: params[name]})  # raises scikit-learn's own message
            setattr(
                self,
                outer,
                with_nested(outer, getattr(self, outer), inner, params[name]) if inner else params[name],
            )
        return self


def deep_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters and, under nested names, the fields of those that are values.

    >>> deep_parameters({"optimizer": "adam"})["optimizer__learning_rate"]
    0.001
    """
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        found[name] = value
        for inner, item in _fields(_resolved(name, value)).items():
            found[f"{name}__{inner}"] = item
    return found


def with_nested(name: str, value: Any, path: str, new: Any) -> Any:
    """A copy of the parameter ``name`` with what ``path`` names inside it replaced.

    Raises
    ------
    SpecificationError
        If nothing inside has that name.

    >>> with_nested("optimizer", "adam", "learning_rate", 0.1)
    Adam(0.1)
    >>> from lamina.layers import Dense, Dropout
    >>> with_nested("layers", [Dense(8), Dropout(0.4)], "dropout_1__rate", 0.2)
    [Dense(8), Dropout(0.2)]
    """
    resolved = _resolved(name, value)
    if isinstance(resolved, list):
        return _layers_with(name, resolved, path, new)
    field, _, rest = path.partition("__")
    fields = _fields(resolved, deep=False)
    if field not in fields:
        meant = {word: own for word, own in OTHER_WORDS.items() if own in fields}
        nearest = nearest_name(field, fields, meant) if fields else "it has none"
        raise SpecificationError(f"{name}={value!r} has no parameter {field!r}: {nearest}")
    if rest:
        new = with_nested(field, fields[field], rest, new)
    if field == "layers":
        return type(resolved)(new)
    return dataclasses.replace(resolved, **{field: new})


def _layers_with(owner: str, layers: list[Layer], path: str, new: Any) -> list[Layer]:
    wanted, _, rest = path.partition("__")
    names = [name for name, _ in children(Sequential(layers))]
    if wanted not in names:
        raise SpecificationError(f"{owner} has no layer {wanted!r}: {nearest_name(wanted, names)}")
    place = names.index(wanted)
    layers[place] = with_nested(wanted, layers[place], rest, new) if rest else new
    return layers


def _resolved(name: str, value: Any) -> Any:
    """The value behind a name or a number; what cannot be resolved has nothing inside."""
    if name in LISTS and isinstance(value, Iterable) and not isinstance(value, str):
        try:
            return list(check_layers(value, name))
        except TypeError:
            return None
    if name == "optimizer" and value is None:
        value = "adam"
    if name in RESOLVERS and (value is not None or name == "penalty"):
        try:
            return RESOLVERS[name](value)
        except (TypeError, ValueError):
            return None
    return value


def _fields(value: Any, deep: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(value, list):
        return {
            key: item
            for name, layer in children(Sequential(value))
            for key, item in {name: layer, **_prefixed(name, layer)}.items()
        }
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return found
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        found[field.name] = item
        if deep and dataclasses.is_dataclass(item):
            found |= _prefixed(field.name, item)
    if isinstance(value, Optax):
        found |= dict(value.keywords)
    return found


def _prefixed(name: str, value: Any) -> dict[str, Any]:
    return {f"{name}__{inner}": item for inner, item in _fields(value).items()}
