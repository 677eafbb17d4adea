"""List the data sets and load those that are tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lamina.data.datasets.locations import find_files, state
from lamina.data.datasets.registry import REGISTRY, Entry, entry_named
from lamina.data.datasets.sources import Embedded, FromScikitLearn
from lamina.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_LOADERS = {
    "mnist": "load_mnist() gives its images",
    "imdb": "load_imdb() gives its reviews",
    "cifar100": "load_cifar100() gives its images",
}


@dataclass(frozen=True)
class Dataset:
    """What there is to know of a data set before loading it; columns include the target.

    `size_bytes` is that of its file, as downloaded. `where` is "embedded", "with scikit-learn", "found under
    LAMINA_DATA", "cached", "to download" or "absent (looked for under LAMINA_DATA)".
    """

    name: str
    title: str
    task: str
    target: str
    rows: int
    columns: int
    size_bytes: int
    licence: str
    source: str
    where: str


@dataclass(frozen=True)
class TableData:
    """A loaded table: every row has its target."""

    frame: pd.DataFrame
    target: str
    task: str
    name: str


def list_datasets() -> list[Dataset]:
    """All data sets, embedded ones first; nothing is loaded or downloaded.

    >>> [data.name for data in list_datasets()][:3]
    ['hitters', 'nyse', 'boston']
    """
    return [_described(entry) for entry in REGISTRY.values()]


def _described(entry: Entry) -> Dataset:
    return Dataset(
        name=entry.name,
        title=entry.title,
        task=entry.task,
        target=entry.target,
        rows=entry.rows,
        columns=entry.columns,
        size_bytes=entry.size_bytes,
        licence=entry.licence,
        source=entry.source,
        where=state(entry.name),
    )


def load_dataset(name: str) -> TableData:
    """Load a table by its name; rows without a target are left out (59 of the 322 of hitters).

    Raises
    ------
    DataError
        The name is unknown, the data set is no table, or its file is not on this machine.

    Examples
    --------
    >>> hitters = load_dataset("hitters")
    >>> hitters.frame.shape, hitters.target, hitters.task
    ((263, 20), 'Salary', 'regression')
    """
    entry = entry_named(name)
    if name in _LOADERS:
        raise DataError(f"the data set {name!r} is no table with one row of columns a case: {_LOADERS[name]}")
    frame = _from_scikit_learn(entry) if isinstance(entry.kept, FromScikitLearn) else _from_file(entry)
    return TableData(frame, entry.target, entry.task, entry.name)


def _from_file(entry: Entry) -> pd.DataFrame:
    import pandas as pd

    from lamina.data.reading import read_table

    path = find_files(entry.name)[0]
    frame = pd.read_csv(path) if isinstance(entry.kept, Embedded) else read_table(path)
    if entry.target not in frame.columns:
        raise DataError(f"{path} has no column {entry.target!r}, so it is not the data set {entry.name!r}")
    return frame.dropna(subset=[entry.target]).reset_index(drop=True)


def _from_scikit_learn(entry: Entry) -> pd.DataFrame:
    import sklearn.datasets

    assert isinstance(entry.kept, FromScikitLearn)
    bunch = getattr(sklearn.datasets, entry.kept.loader)(as_frame=True)
    frame: pd.DataFrame = bunch.data
    outcome = bunch.target
    if entry.kept.named_classes:
        outcome = outcome.map(dict(enumerate(bunch.target_names)))
    return frame.assign(**{entry.target: outcome})
