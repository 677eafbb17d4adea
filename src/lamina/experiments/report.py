"""What an experiment found, as plain data: published values, ours beside them, and why they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lamina.experiments.crosstable import CrossTable

if TYPE_CHECKING:
    from pathlib import Path


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "seed"), counted(5, "seed")
    ('1 seed', '5 seeds')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Row:
    """One quantity: the published value, and ours from every seed or split.

    Attributes
    ----------
    section
        The heading under which the row stands.
    quantity
        What is measured, of which model.
    values
        Ours, one a seed or split.
    published
        None where the source gives no value.
    form
        How numbers are written: a format specification.
    note
        A few words beside the row.

    >>> row = Row("", "error", (1.0, 3.0), published=2.1)
    >>> row.mean, round(row.sd, 3), row.n
    (2.0, 1.414, 2)
    """

    section: str
    quantity: str
    values: tuple[float, ...]
    published: float | None = None
    form: str = ".1f"
    note: str = ""

    @property
    def mean(self) -> float:
        """Mean of ours."""
        return float(np.mean(self.values))

    @property
    def sd(self) -> float | None:
        """Standard deviation of ours (divisor n - 1); None of a single value."""
        return float(np.std(self.values, ddof=1)) if self.n > 1 else None

    @property
    def n(self) -> int:
        """Number of seeds or splits."""
        return len(self.values)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {**dataclasses.asdict(self), "mean": self.mean, "sd": self.sd, "n": self.n}


@dataclass(frozen=True)
class Confusion:
    """How often each class was taken for which: true classes in rows, predicted ones in columns."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, title: str, truth: ArrayLike, predicted: ArrayLike) -> Confusion:
        """Count pairs of classes.

        >>> Confusion.of("", ["a", "b", "b"], ["a", "a", "b"]).counts
        ((1, 0), (1, 1))
        """
        labels = np.unique(np.concatenate([np.asarray(truth), np.asarray(predicted)]))
        counts = np.zeros((len(labels), len(labels)), int)
        places = (np.searchsorted(labels, np.asarray(truth)), np.searchsorted(labels, np.asarray(predicted)))
        np.add.at(counts, places, 1)
        return cls(title, tuple(map(str, labels)), tuple(tuple(map(int, line)) for line in counts))

    @property
    def array(self) -> NDArray[np.int64]:
        """The counts as an array."""
        return np.array(self.counts, dtype=np.int64)


@dataclass(frozen=True)
class Findings:
    """What the module of an experiment hands over; ``picture`` draws its own picture to a path."""

    rows: tuple[Row, ...]
    remarks: tuple[str, ...]
    confusions: tuple[Confusion, ...] = ()
    tables: tuple[CrossTable, ...] = ()
    picture: Callable[[str | Path], None] | None = None


@dataclass(frozen=True)
class Report:
    """The findings of an experiment, and what they were got with; ``str`` draws the tables."""

    name: str
    title: str
    source: str
    quick: bool
    findings: Findings
    versions: dict[str, str]
    machine: str
    date: str
    seconds: float

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the table."""
        return self.findings.rows

    @property
    def confusions(self) -> tuple[Confusion, ...]:
        """Confusion matrices, if there are any."""
        return self.findings.confusions

    @property
    def tables(self) -> tuple[CrossTable, ...]:
        """Tables by two factors, if there are any."""
        return self.findings.tables

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was assumed, and why ours differ from the published values."""
        return self.findings.remarks

    def __str__(self) -> str:
        from lamina.experiments.rendering import render

        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del plain["findings"]
        return plain | {
            "rows": [row.to_dict() for row in self.rows],
            "tables": [dataclasses.asdict(table) for table in self.tables],
            "confusions": [dataclasses.asdict(confusion) for confusion in self.confusions],
            "remarks": list(self.remarks),
        }

    def plot(self, path: str | Path, section: str = "") -> None:
        """Draw every value as a dot beside the published one, with the confusion matrices; or the experiment's own picture.

        Parameters
        ----------
        path
            File to write; its ending says the format.
        section
            Draw only the sections whose heading holds this text; an experiment's own picture is drawn whole.
        """
        if self.findings.picture is not None:
            self.findings.picture(path)
            return
        from lamina.experiments.plotting import save_plot

        save_plot(self, path, section)
