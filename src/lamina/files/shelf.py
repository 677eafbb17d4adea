"""The arrays of a file, by name: trees of parameters laid out flat, and taken back one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from lamina.errors import FileFormatError, SpecificationError
from lamina.layers.base import join

Arrays = dict[str, np.ndarray]
Tree = Mapping[str, Any]

APART = "@"
"""Begins the names of arrays that are not parameters; no layer's path does."""


class Shelf:
    """Arrays of which each must be taken once, in the shape that the specification asks for.

    >>> shelf = Shelf({"dense_1/bias": np.zeros(3)})
    >>> shelf.take("dense_1/bias", (2,))
    Traceback (most recent call last):
    lamina.errors.FileFormatError: the array 'dense_1/bias' has shape (3,) and the specification asks for (2,): ...
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = dict(arrays)

    def take(self, name: str, shape: tuple[int, ...] | None = None, kinds: str = "f") -> np.ndarray:
        """The array ``name``, once; any shape if ``shape`` is None, and of a type whose letter is in ``kinds``."""
        if name not in self._arrays:
            raise FileFormatError(f"the array {name!r} is not in the file: it was not saved by Lamina.")
        array = self._arrays.pop(name)
        if shape is not None and array.shape != shape:
            raise FileFormatError(
                f"the array {name!r} has shape {array.shape} and the specification asks for {shape}: the file was not "
                "saved by Lamina."
            )
        if array.dtype.kind not in kinds:
            raise FileFormatError(
                f"the array {name!r} holds {array.dtype.name}: the file was not saved by Lamina."
            )
        return array

    def take_below(self, prefix: str) -> Arrays:
        """Every array below ``prefix``, by the rest of its name."""
        names = [name for name in self._arrays if name.startswith(f"{prefix}/")]
        return {name.removeprefix(f"{prefix}/"): self._arrays.pop(name) for name in names}

    def check_empty(self) -> None:
        """Raise FileFormatError if arrays are left that nothing asked for."""
        if self._arrays:
            raise FileFormatError(
                f"the file has arrays that its specification does not name: {', '.join(sorted(self._arrays)[:5])}. It was "
                "not saved by Lamina."
            )


def flat_tree(tree: Tree, prefix: str = "") -> Arrays:
    """Arrays of a nested dictionary by path.

    >>> flat_tree({"dense_1": {"bias": np.zeros(2)}})
    {'dense_1/bias': array([0., 0.])}
    """
    found: Arrays = {}
    for name, item in tree.items():
        if "/" in name or name.startswith(APART):
            raise SpecificationError(
                f"cannot save the parameter {name!r}: names may not hold '/' or begin with '{APART}'."
            )
        path = join(prefix, name)
        found |= flat_tree(item, path) if isinstance(item, Mapping) else {path: np.asarray(item)}
    return found


def take_tree(shelf: Shelf, like: Tree, prefix: str = "", kinds: str = "f") -> dict[str, Any]:
    """Arrays in the structure and shapes of ``like``."""
    return {
        name: take_tree(shelf, item, join(prefix, name), kinds)
        if isinstance(item, Mapping)
        else shelf.take(join(prefix, name), np.shape(item), kinds)
        for name, item in like.items()
    }


def flat_leaves(tree: Any, prefix: str) -> Arrays:
    """Arrays of any pytree by the names of its nodes, such as an optimizer's state."""
    found = {_leaf_name(path, prefix): leaf for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]}
    return {name: np.asarray(leaf) for name, leaf in found.items()}


def take_leaves(shelf: Shelf, like: Any, prefix: str) -> Any:
    """Arrays in the structure, shapes and types of ``like``."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(like)
    taken = [shelf.take(_leaf_name(path, prefix), leaf.shape, leaf.dtype.kind) for path, leaf in leaves]
    return jax.tree.unflatten(structure, taken)


def same_structure(like: Any, state: Any) -> bool:
    """Whether a state is that of the optimizer at hand, which may have been set to another since the fit."""
    structures: list[Any] = [jax.tree.structure(like), jax.tree.structure(state)]
    leaves = jax.tree.leaves(like), jax.tree.leaves(state)
    return structures[0] == structures[1] and all(
        one.shape == other.shape for one, other in zip(*leaves, strict=True)
    )


def _leaf_name(path: tuple[Any, ...], prefix: str) -> str:
    keys = [next(str(getattr(key, name)) for name in _KEYS if hasattr(key, name)) for key in path]
    return "/".join([prefix, *keys])


_KEYS = ("name", "key", "idx")
