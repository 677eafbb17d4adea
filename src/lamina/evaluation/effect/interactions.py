r"""Pairwise interactions by Friedman's H squared (Friedman and Popescu 2008, equation 44).

With centred partial dependences at the rows,

.. math:: H_{jk}^2 = \frac{\sum_i \bigl(F_{jk}(x_{ij}, x_{ik}) - F_j(x_{ij}) - F_k(x_{ik})\bigr)^2}
    {\sum_i F_{jk}(x_{ij}, x_{ik})^2}

compares what the two columns do only together with all that they do: 0 if they add up, 1 for a product of centred columns, and
above 1 where their own effects cancel. The square root of the mean of the upper squares is the interaction's size in units of
the response: a large part of a joint effect that is next to nothing is nothing itself. Like every partial dependence it asks
the model about rows that there may never be, where columns are correlated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.effect.average import View
from lamina.evaluation.effect.columns import Column

ROWS = 50
"""Rows that partial dependences are taken at and averaged over."""
COLUMNS = 8
"""Columns, those with the largest effects, whose pairs are looked at unless the user names pairs."""

NOTHING = 1e-8
"""Share of the responses' variance below which a joint effect counts as none."""

Values = NDArray[np.float64]
Pair = tuple[Column, Column]


def some_rows(n: int, seed: Any) -> NDArray[np.intp]:
    """At most ``ROWS`` rows, drawn without replacement.

    >>> some_rows(3, 0).tolist()
    [0, 1, 2]
    """
    if n <= ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, ROWS, replace=False))


def strongest_pairs(view: View, columns: Sequence[Column]) -> list[Pair]:
    """Pairs of the columns that matter most for the first model, by themselves or with others.

    A column's effect is how much each row's response varies as the column takes the values of all rows (the numerator of
    Sobol's total index, as Jansen 1999 estimates it): columns with interactions alone count too.
    """
    if len(columns) > COLUMNS:
        responses, n = _at_points(view, [(column,) for column in columns]), len(view.table)
        total = [
            np.stack([next(responses)[0] for _ in range(n)]).var(axis=0).sum(axis=-1).mean() for _ in columns
        ]
        first = sorted(np.argsort(np.negative(total))[:COLUMNS])
        columns = [columns[place] for place in first]
    return list(combinations(columns, 2))


def h_squared(view: View, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """H² and size of each pair for each model, summed over the outputs, shape (models, pairs, 2)."""
    columns = list({column.place: column for pair in pairs for column in pair}.values())
    found = _dependences(view, [(column,) for column in columns] + list(pairs))
    alone = {column.place: values for column, values in zip(columns, found, strict=False)}
    spread = next(view.surface.each(view.base, [[]])).var(axis=1).sum(axis=-1)
    joint = found[len(columns) :]
    of_pairs = [
        _of_pair(values, alone[one.place], alone[other.place], spread)
        for (one, other), values in zip(pairs, joint, strict=True)
    ]
    return np.stack(of_pairs, axis=1)


def _of_pair(joint: Values, one: Values, other: Values, spread: Values) -> Values:
    """From centred dependences, (models, points, outputs), to H² and size, (models, 2)."""
    left = np.square(joint - one - other).sum(axis=2).mean(axis=1)
    whole = np.square(joint).sum(axis=2).mean(axis=1)
    # Where the joint effect is rounding, so is what is left of it.
    share = np.where(whole > NOTHING * spread, left / np.maximum(whole, 1e-300), 0.0)
    return np.stack([share, np.sqrt(left)], axis=1)


def _dependences(view: View, sets: Sequence[Sequence[Column]]) -> list[Values]:
    """Centred partial dependences on sets of columns at the rows, each of shape (models, points, outputs)."""
    responses = _at_points(view, sets)
    found = []
    for _ in sets:
        mean = np.stack(
            [next(responses).mean(axis=1, dtype=np.float64) for _ in range(len(view.table))], axis=1
        )
        found.append(np.asarray(mean - mean.mean(axis=1, keepdims=True)))
    return found


def _at_points(view: View, sets: Sequence[Sequence[Column]]) -> Iterator[NDArray[Any]]:
    """Responses of all rows with a set's columns as they are in one row, for each row of each set: (models, n, outputs)."""
    points = [view.surface.rows(view.base, np.array([row])) for row in range(len(view.table))]
    swaps = [[(column.place, point) for column in columns] for columns in sets for point in points]
    return view.surface.each(view.base, swaps)
