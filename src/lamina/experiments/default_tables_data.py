"""Tables to measure defaults on, in two lists without a table in common: one to choose them on, one to report.

None is downloaded: a table whose file or package is not on this machine is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.errors import DataError, SpecificationError, nearest_name

if TYPE_CHECKING:
    import pandas as pd

CLASSIFICATION: Task = "classification"
REGRESSION: Task = "regression"


@dataclass(frozen=True, eq=False)
class Table:
    """Predictors of shape (n, p), and numbers, or classes as codes from 0 on, of shape (n,)."""

    name: str
    X: pd.DataFrame
    y: NDArray[np.float64] | NDArray[np.int64]
    task: Task

    @classmethod
    def of(cls, name: str, frame: pd.DataFrame, target: str, task: Task) -> Table:
        """Take the outcome out of a frame, and number its rows anew.

        >>> import pandas as pd
        >>> Table.of("two", pd.DataFrame({"x": [1.0, 2.0], "y": ["b", "a"]}), "y", "classification").y.tolist()
        [1, 0]
        """
        outcome = frame[target]
        X = frame.drop(columns=target).reset_index(drop=True)
        if task == REGRESSION:
            return cls(name, X, outcome.to_numpy(np.float64), task)
        return cls(name, X, np.unique(outcome.to_numpy(), return_inverse=True)[1].astype(np.int64), task)


@dataclass(frozen=True)
class Source:
    """A table by name, and how to load it once it is asked for.

    ``load`` raises DataError or ImportError where it is not on this machine.
    """

    name: str
    task: Task
    target: str
    load: Callable[[], pd.DataFrame]

    def table(self) -> Table:
        """The table itself."""
        return Table.of(self.name, self.load(), self.target, self.task)


@dataclass(frozen=True)
class Collection:
    """Tables that could be loaded, and why others could not, by name."""

    tables: tuple[Table, ...]
    absent: dict[str, str]


def collect(sources: Iterable[Source]) -> Collection:
    """Load what is on this machine.

    >>> def nowhere():
    ...     raise DataError("it is not on this machine")
    >>> collect([Source("mine", "regression", "y", nowhere)]).absent
    {'mine': 'it is not on this machine'}
    """
    tables, absent = [], {}
    for source in sources:
        try:
            tables.append(source.table())
        except (DataError, ImportError) as problem:
            absent[source.name] = str(problem).partition(":")[0]
    return Collection(tuple(tables), absent)


def reported(names: Sequence[str] | None = None) -> Collection:
    """The tables that are reported, on which nothing may be chosen; all of them, or those named.

    Raises
    ------
    SpecificationError
        If there is no such table.
    """
    from lamina.experiments.default_tables_reported import REPORTED

    return collect(_named(REPORTED, names))


def development(names: Sequence[str] | None = None) -> Collection:
    """The tables on which defaults may be chosen; all of them, or those named.

    Raises
    ------
    SpecificationError
        If there is no such table.
    """
    from lamina.experiments.default_tables_development import DEVELOPMENT

    return collect(_named(DEVELOPMENT, names))


def reported_tables(names: Sequence[str] | None = None) -> list[Table]:
    """The tables of :func:`reported` that are on this machine."""
    return list(reported(names).tables)


def development_tables(names: Sequence[str] | None = None) -> list[Table]:
    """The tables of :func:`development` that are on this machine.

    >>> [(table.name, table.X.shape, table.task) for table in development_tables(["iris"])]
    [('iris', (150, 4), 'classification')]
    """
    return list(development(names).tables)


def _named(sources: Sequence[Source], names: Sequence[str] | None) -> list[Source]:
    known = {source.name: source for source in sources}
    if names is None:
        return list(sources)
    for name in names:
        if name not in known:
            raise SpecificationError(f"there is no table {name!r}: {nearest_name(name, known)}")
    return [known[name] for name in names]


def some_rows(frame: pd.DataFrame, n: int) -> pd.DataFrame:
    """At most n rows, drawn at random, always the same; so that no table takes longer than all others."""
    if len(frame) <= n:
        return frame
    return frame.iloc[np.sort(np.random.default_rng(0).permutation(len(frame))[:n])]


def with_outcome(X: NDArray[np.float64], y: NDArray[np.float64] | NDArray[np.int64]) -> pd.DataFrame:
    """An array and its outcome as a frame with columns x0, x1, ..., y."""
    import pandas as pd

    return pd.DataFrame(X, columns=[f"x{number}" for number in range(X.shape[1])]).assign(y=y)


def as_categories(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Columns whose numbers are names, as text, so that every model takes them for categories."""
    return frame.assign(**{column: "level " + frame[column].astype(str) for column in columns})


def lagged(frame: pd.DataFrame, columns: Sequence[str], lags: int) -> pd.DataFrame:
    """The columns' values of the rows before, once for each lag; rows without all of them are left out.

    >>> import pandas as pd
    >>> lagged(pd.DataFrame({"v": [1, 2, 3]}), ["v"], 1)["v_1"].tolist()
    [1.0, 2.0]
    """
    shifted = {f"{name}_{lag}": frame[name].shift(lag) for name in columns for lag in range(1, lags + 1)}
    return frame.assign(**shifted).iloc[lags:]


def from_package(path: str) -> pd.DataFrame:
    """A table that statsmodels has beside its tests: a .csv or .dta file under its folder.

    Raises
    ------
    DataError
        If this installation has it not.
    """
    from importlib.resources import as_file, files

    import pandas as pd

    try:
        place = files("statsmodels").joinpath(path)
    except ModuleNotFoundError as problem:
        raise DataError("statsmodels is not installed") from problem
    if not place.is_file():
        raise DataError(f"statsmodels is installed without {path}")
    with as_file(place) as file:
        return pd.read_stata(file) if file.suffix == ".dta" else pd.read_csv(file)


def from_statsmodels(name: str) -> pd.DataFrame:
    """One of statsmodels' data sets.

    Raises
    ------
    DataError
        If statsmodels is not installed.
    """
    from importlib import import_module

    try:
        module = import_module(f"statsmodels.datasets.{name}")
    except ModuleNotFoundError as problem:
        raise DataError("statsmodels is not installed") from problem
    frame: pd.DataFrame = module.load_pandas().data
    return frame


def from_lamina(name: str) -> pd.DataFrame:
    """One of Lamina's data sets, unless it would have to be downloaded.

    Raises
    ------
    DataError
        If it is not on this machine.
    """
    from lamina.data.datasets import load_dataset, locate
    from lamina.data.datasets.locations import state

    if state(name).startswith("to download"):
        locate(name, download=False)  # says where to put it
    return load_dataset(name).frame
