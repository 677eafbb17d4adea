"""Factors of the learning rate: parameters that learn faster, slower or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.layers.base import Parameters, check_nonnegative

Pairs = tuple[tuple[str, float], ...]


def resolve_factors(owner: str, given: Any) -> Pairs:
    """Factors as pairs of a name and a number, in the order of the names.

    >>> resolve_factors("Adam", {"dense_1": 0.1, "bias": 2})
    (('bias', 2.0), ('dense_1', 0.1))
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else given
    try:
        pairs = [(name, factor) for name, factor in pairs]
    except (TypeError, ValueError):
        pairs = None
    if pairs is None or not all(isinstance(name, str) for name, _ in pairs):
        raise ArgumentTypeError(
            f"{owner}(factors={given!r}): give a dict from names to factors of the learning rate, such as "
            '{"dense_1": 0.1, "bias": 0}.'
        )
    for name, factor in pairs:
        check_nonnegative(owner, f"factors[{name!r}]", factor)
    return tuple(sorted((name, float(factor)) for name, factor in pairs))


def factor_of_each(parameters: Parameters, factors: Pairs) -> Any:
    """The factor of each parameter, in a tree like that of the parameters.

    A name stands for every parameter of that name (``bias``), for a layer with all that is inside it (``residual_1``), or for
    one parameter by its path (``residual_1/dense_1/weights``). Where several name the same parameter, it is their product.

    Raises
    ------
    SpecificationError
        If a name stands for nothing.

    >>> parameters = {"dense_1": {"weights": 0.0, "bias": 0.0}, "dense_2": {"weights": 0.0, "bias": 0.0}}
    >>> factor_of_each(parameters, (("bias", 0.5), ("dense_1", 0.1)))
    {'dense_1': {'bias': 0.05, 'weights': 0.1}, 'dense_2': {'bias': 0.5, 'weights': 1.0}}
    """
    paths = [
        tuple(str(key.key) for key in path) for path, _ in jax.tree_util.tree_flatten_with_path(parameters)[0]
    ]
    named = [_names(path) for path in paths]
    known = sorted(set().union(*named)) if named else []
    for name, _ in factors:
        if name not in known:
            raise SpecificationError(
                f"factors has {name!r}, and no parameter or layer of this network has that name: "
                f"{nearest_name(name, known)}."
            )
    values = []
    for names in named:
        value = 1.0
        for name, factor in factors:
            value *= factor if name in names else 1.0
        values.append(value)
    return jax.tree.unflatten(jax.tree.structure(parameters), values)


def _names(path: tuple[str, ...]) -> set[str]:
    """All by which a parameter may be named."""
    return {path[-1], *("/".join(path[:length]) for length in range(1, len(path) + 1))}
