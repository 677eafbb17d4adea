"""What the models lose with some of the features missing: the comparison again, on the same splits, without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.evaluation.contenders import Contender
from lamina.evaluation.estimate import corrected_estimate
from lamina.evaluation.fits import Problem

if TYPE_CHECKING:
    import pandas as pd

Sets = dict[str, list[str]]


def read_sets(given: Any, columns: Sequence[str]) -> Sets:
    """Sets of columns by name; without a wish each column is a set of its own, and a list of columns is as many sets.

    Raises
    ------
    ArgumentTypeError
        If it is neither a mapping nor a list of column names.
    SpecificationError
        If a column is unknown, a set is empty or leaves no column.

    >>> read_sets({"both": ["a", "b"]}, ["a", "b", "c"]), read_sets(None, ["a", "b"])
    ({'both': ['a', 'b']}, {'a': ['a'], 'b': ['b']})
    """
    given = list(columns) if given is None else given
    if isinstance(given, str) or not isinstance(given, Mapping | Iterable):
        raise ArgumentTypeError(
            f"sets={given!r}: give a list of columns, or a dictionary of names and lists of columns."
        )
    sets = given if isinstance(given, Mapping) else {str(column): [column] for column in given}
    read = {str(name): [names] if isinstance(names, str) else list(names) for name, names in sets.items()}
    for name, names in read.items():
        for column in names:
            if column not in columns:
                raise SpecificationError(
                    f"sets has the column {column!r}, which X has not: {nearest_name(column, columns)}."
                )
        if not names or len(set(names)) == len(columns):
            what = "no column" if not names else "every column, which leaves nothing to predict from"
            raise SpecificationError(f"sets[{name!r}] names {what}: name some.")
    return read


def measure_without(
    problem: Problem,
    contenders: Sequence[Contender],
    known: Mapping[str, NDArray[np.float64]],
    sets: Sets,
) -> pd.DataFrame:
    """By set and model: the error without the set, and the increase with its 95 % interval (corrected resampled t).

    ``known`` are the errors with all features, shape (J,). A model that fails without a set has no numbers there.
    """
    import pandas as pd

    from lamina.evaluation.running import run

    rows = []
    for name, columns in sets.items():
        table = nw.from_native(problem.table, eager_only=True).drop(columns).to_native()
        found = run(
            replace(problem, table=table, kept={}), tuple(contenders), lambda model, fold, folds: None
        )
        for model in found.models:
            missing = (float("nan"),) * 5
            numbers = missing if model.failure else _increase(problem, model.errors, known[model.name])
            rows.append((name, model.name, *numbers))
    titles = ["left out", "model", "error", "increase", "se", "low", "high"]
    return pd.DataFrame(rows, columns=titles).set_index(titles[:2])


def _increase(
    problem: Problem, without: NDArray[np.float64], everything: NDArray[np.float64]
) -> tuple[float, float, float, float, float]:
    estimate = corrected_estimate(without - everything, problem.splits.test_to_train)
    low, high = estimate.interval() or (float("nan"), float("nan"))
    return float(without.mean()), estimate.mean, estimate.se, low, high
