"""Predictions of one or many fitted models at altered copies of a table: each coded once, then predicted in large blocks.

A model's *response* is its prediction, or of a classifier the probability of each class (of two classes: of the second).
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataWarning
from lamina.evaluation.effect.columns import Table

Array = NDArray[Any]
Swap = Sequence[tuple[int, Any]]
"""What a copy has instead of its own: column by column, the coded table that it is taken from, of n rows or of one."""

WINDOW = 1 << 15
"""Rows of copies that are put together at a time."""


class Surface(ABC):
    """The responses of ``size`` models.

    Attributes
    ----------
    size
        Models.
    has_slopes
        Whether derivatives are known exactly.
    """

    size: int
    has_slopes = False

    @abstractmethod
    def code(self, table: Table) -> Any:
        """Rows as the models take them, column by column, so that columns can be exchanged after."""

    @abstractmethod
    def window(self, base: Any, swaps: Sequence[Swap]) -> Array:
        """Responses at a few copies of ``base``, shape (size, copies, n, outputs)."""

    @abstractmethod
    def rows(self, base: Any, places: Any) -> Any:
        """Some rows of a coded table."""

    @abstractmethod
    def count(self, base: Any) -> int:
        """Rows of a coded table."""

    def slopes(self, base: Any, places: Sequence[int], table: Table) -> Array:
        """Derivatives of the responses in columns, in the user's units: shape (size, columns, n, outputs)."""
        raise NotImplementedError

    def each(self, base: Any, swaps: Sequence[Swap]) -> Iterator[Array]:
        """Responses at copies of ``base``, one copy after the other, each of shape (size, n, outputs)."""
        together = max(1, WINDOW // max(1, self.count(base)))
        for first in range(0, len(swaps), together):
            found = self.window(base, swaps[first : first + together])
            yield from np.swapaxes(found, 0, 1)


class Plain(Surface):
    """Models of any make, asked one after the other by ``predict`` or ``predict_proba``."""

    def __init__(self, models: Sequence[Any], classes: Array | None) -> None:
        self.models, self.classes, self.size = list(models), classes, len(models)

    def code(self, table: Table) -> Table:
        return table

    def rows(self, base: Table, places: Any) -> Table:
        return base.rows(places)

    def count(self, base: Table) -> int:
        return len(base)

    def window(self, base: Table, swaps: Sequence[Swap]) -> Array:
        n, copies = len(base), len(swaps)
        columns: dict[int, list[tuple[int, Table]]] = {}
        for copy, swap in enumerate(swaps):
            for place, source in swap:
                columns.setdefault(place, []).append((copy, source))
        whole = base.rows(np.tile(np.arange(n), copies))
        changed = {place: _stacked(base, place, dict(sources), copies) for place, sources in columns.items()}
        native = whole.with_columns(changed).native
        found = [self._response(model, native) for model in self.models]
        return np.stack(found).reshape(self.size, copies, n, -1)

    def _response(self, model: Any, X: Any) -> Array:
        """Of a list of networks the mean."""
        each = model if isinstance(model, list) else [model]
        return np.asarray(np.mean([response_of(one, X, self.classes) for one in each], axis=0))


def _stacked(base: Table, place: int, sources: dict[int, Table], copies: int) -> Any:
    """The values of one column in all copies, one after the other."""
    own, n = base.column(place), len(base)
    parts = []
    for copy in range(copies):
        values = own if copy not in sources else sources[copy].column(place)
        repeat = np.zeros(n, np.intp) if len(values) != n else np.arange(n)
        parts.append(values.iloc[repeat] if hasattr(values, "iloc") else values[repeat])
    if not hasattr(own, "iloc"):
        return np.concatenate(parts)
    import pandas as pd

    return pd.concat(parts, ignore_index=True)


def response_of(model: Any, X: Any, classes: Array | None) -> Array:
    """The response of a model of any make, shape (n, outputs)."""
    from lamina.model_selection.votes import aligned

    if classes is None:
        return np.asarray(model.predict(X), np.float64).reshape(len(X), -1)
    p = aligned(model, X, classes, False)
    return p[:, 1:] if len(classes) == 2 else p


class Networks(Surface):
    """Lamina's networks, all asked in one program; the mean over ``per`` of them is a model's response."""

    has_slopes = True

    def __init__(self, networks: Sequence[Any], classes: Array | None, table: Table, per: int = 1) -> None:
        from lamina.estimators.stacks import stack
        from lamina.evaluation.effect.stacked import Part

        self.classes, self.per, self.size = classes, per, len(networks) // per
        native = table.native
        with _unheard():
            self.parts = [Part(made, native) for made in stack(list(networks))]
        self.order = np.argsort(np.concatenate([part.places for part in self.parts]))

    def code(self, table: Table) -> list[Array]:
        native = table.native
        with _unheard():
            return [part.code(native) for part in self.parts]

    def rows(self, base: list[Array], places: Any) -> list[Array]:
        return [coded[:, places] for coded in base]

    def count(self, base: list[Array]) -> int:
        return int(base[0].shape[1])

    def window(self, base: list[Array], swaps: Sequence[Swap]) -> Array:
        n, found = self.count(base), []
        for number, (part, own) in enumerate(zip(self.parts, base, strict=True)):
            stacked = np.repeat(own[:, None], len(swaps), axis=1)
            for copy, swap in enumerate(swaps):
                for place, source in swap:
                    where = part.groups[place]
                    stacked[:, copy, :, where] = np.moveaxis(source[number][:, :, where], 2, 0)
            flat = stacked.reshape(len(own), -1, own.shape[2])
            found.append(part.responses(flat).reshape(len(part.places), len(swaps), n, -1))
        return self._models(np.concatenate(found))

    def slopes(self, base: list[Array], places: Sequence[int], table: Table) -> Array:
        native = table.native
        with _unheard():
            found = [
                part.slopes(own, places, native, table) for part, own in zip(self.parts, base, strict=True)
            ]
        return self._models(np.concatenate(found))

    def _models(self, of_networks: Array) -> Array:
        """From networks, part by part, to models in their order."""
        ordered = of_networks[self.order] if len(self.parts) > 1 else of_networks
        if self.per == 1:
            return ordered
        return np.asarray(ordered.reshape(self.size, self.per, *ordered.shape[1:]).mean(axis=1))


class _unheard(warnings.catch_warnings):
    """What is odd in the table was said when the model was first asked."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore", DataWarning)


def in_blocks(work: Any, count: int, size: int) -> list[Any]:
    """``work`` on each slice of so many rows, on as many threads as there are cores: XLA releases the interpreter."""
    from lamina.training.sizing import n_workers

    slices = [slice(first, min(first + size, count)) for first in range(0, count, size)]
    if len(slices) == 1:
        return [work(slices[0])]
    with ThreadPoolExecutor(n_workers()) as pool:
        return list(pool.map(work, slices))
