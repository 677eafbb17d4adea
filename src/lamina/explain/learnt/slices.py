"""One or two columns of a table that vary in a picture, while the others are held at a typical value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError, nearest_name

if TYPE_CHECKING:
    import pandas as pd

MARGIN = 0.05
"""Share of a column's range that a picture shows beyond it."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Rows in which the chosen columns take any values and the others their median, or what is most frequent.

    Attributes
    ----------
    table
        The rows, (n, p), as a data frame.
    names, chosen
        Names of the chosen columns, and their places.
    framed
        Whether the user gave a data frame, so that the model is given one too.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    chosen: tuple[int, ...]
    framed: bool

    @property
    def values(self) -> np.ndarray:
        """The chosen columns, (n, chosen)."""
        return self.table.iloc[:, list(self.chosen)].to_numpy(float)

    @property
    def held(self) -> str:
        """What a title says of the other columns; empty where there are none."""
        others = self.table.shape[1] - len(self.chosen)
        return "" if not others else f"{others} other column{'s' * (others > 1)} held at the median"

    def rows(self, points: np.ndarray) -> Any:
        """Rows with the chosen columns at the points (m, chosen), as the model takes them."""
        import pandas as pd

        columns = {
            place: pd.Series(
                [typical(self.table.iloc[:, place])] * len(points), dtype=_kind(self.table, place)
            )
            for place in range(self.table.shape[1])
            if place not in self.chosen
        }
        columns |= {place: pd.Series(points[:, k]) for k, place in enumerate(self.chosen)}
        frame = pd.DataFrame({place: columns[place] for place in sorted(columns)})
        frame.columns = self.table.columns
        return frame if self.framed else frame.to_numpy(float)

    def axis(self, place: int, resolution: int) -> np.ndarray:
        """So many values of a chosen column, from its least to its largest and a little beyond."""
        column = self.values[:, place]
        low, high = np.nanmin(column), np.nanmax(column)
        beyond = MARGIN * (high - low) or 1.0
        return np.linspace(low - beyond, high + beyond, resolution)

    def grid(self, resolution: int) -> tuple[np.ndarray, np.ndarray]:
        """Two arrays (resolution, resolution): values of the first chosen column, and of the second."""
        across, up = np.meshgrid(self.axis(0, resolution), self.axis(1, resolution))
        return across, up


def slice_of(X: Any, features: Any, counts: Sequence[int] = (2,)) -> Slice:
    """The columns that a picture shows: those named, or all where there are as many as the picture has axes.

    Parameters
    ----------
    X
        Rows (n, p): an array, or a data frame of pandas or polars.
    features
        Names or places of columns; None takes all.
    counts
        How many a picture can show.

    Raises
    ------
    DataError
        If X is no table, has more columns and none are named, or a chosen column is not of numbers.
    SpecificationError
        If a column is unknown or named twice, or too many or too few are named.

    >>> found = slice_of([[1.0, 5.0, 2.0], [3.0, 9.0, 2.0], [2.0, 7.0, 8.0]], [0, 2])
    >>> found.rows(np.array([[4.0, 6.0]])).tolist(), found.held
    ([[4.0, 7.0, 6.0]], '1 other column held at the median')
    """
    table, framed = as_table(X)
    chosen = tuple(range(table.shape[1])) if features is None else _places(table, features)
    if len(chosen) not in counts:
        raise _miscounted(table, chosen, counts, named=features is not None)
    for place in chosen:
        if not _is_number(table.iloc[:, place]):
            raise DataError(
                f"column {table.columns[place]!r} holds no numbers, and an axis of a picture does: name another in features=."
            )
    names = tuple(str(table.columns[place]) if framed else f"x{place + 1}" for place in chosen)
    return Slice(table, names, chosen, framed)


def as_table(X: Any) -> tuple[pd.DataFrame, bool]:
    """Rows as a data frame of pandas, and whether they came as a data frame."""
    import pandas as pd

    if isinstance(X, pd.DataFrame):
        return X, True
    if hasattr(X, "columns") and hasattr(X, "to_pandas"):
        return X.to_pandas(), True
    try:
        found = np.asarray(X, float)
    except (TypeError, ValueError):
        raise DataError(
            f"X ({type(X).__name__}) is no table of numbers: give an array (n, p) of numbers, or a data frame."
        ) from None
    if found.ndim != 2 or not len(found):
        raise DataError(f"X has shape {found.shape}, and rows of a table are needed, (n, p), one at least.")
    return pd.DataFrame(found), False


def typical(column: pd.Series) -> Any:
    """The median of numbers and dates, else what is most frequent."""
    import pandas as pd

    if _is_number(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column.median()
    most = column.mode()
    return most.iloc[0] if len(most) else None


def _is_number(column: pd.Series) -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _kind(table: pd.DataFrame, place: int) -> Any:
    """The type of a held column: a median of whole numbers may lie between them."""
    column = table.iloc[:, place]
    return float if _is_number(column) else column.dtype


def _places(table: pd.DataFrame, features: Any) -> tuple[int, ...]:
    if isinstance(features, (str, int, np.integer)):
        features = [features]
    if not isinstance(features, (Sequence, np.ndarray)):
        raise ArgumentTypeError(
            f"features={features!r}: give names or places of columns, such as features=[0, 1]."
        )
    places = tuple(_place(table, feature) for feature in features)
    if len(set(places)) < len(places):
        raise SpecificationError(
            f"features={list(features)!r} names a column twice: each axis needs its own."
        )
    return places


def _place(table: pd.DataFrame, feature: Any) -> int:
    names = list(table.columns)
    if isinstance(feature, str):
        if feature not in names:
            raise SpecificationError(
                f"X has no column {feature!r}: {nearest_name(feature, map(str, names))}."
            )
        return names.index(feature)
    if (
        isinstance(feature, bool)
        or not isinstance(feature, (int, np.integer))
        or not 0 <= feature < len(names)
    ):
        raise SpecificationError(
            f"X has no column {feature!r}: its {len(names)} columns have the places 0 to {len(names) - 1}."
        )
    return int(feature)


def _miscounted(
    table: pd.DataFrame, chosen: tuple[int, ...], counts: Sequence[int], *, named: bool
) -> Exception:
    wanted = " or ".join(map(str, counts))
    if named:
        return SpecificationError(f"features= names {len(chosen)} columns, and this picture shows {wanted}.")
    some = [str(name) if isinstance(name, str) else int(name) for name in table.columns[: max(counts)]]
    if len(chosen) < min(counts):
        return DataError(f"X has {len(chosen)} column, and this picture shows {wanted}.")
    return DataError(
        f"X has {len(chosen)} columns and this picture shows {wanted}: name them, such as features={some!r}; "
        "the others are held at their median."
    )
