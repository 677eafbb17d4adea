"""TableEncoder: any table of a user becomes a matrix of numbers, everything learnt from the training rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lamina.data.columns import CodeColumn, Column
from lamina.data.deciding import Decision, LeftOut, Rules, decide, quoted
from lamina.data.frames import as_frame
from lamina.data.tables_state import column_from_plain, read_plain
from lamina.errors import DataError, DataWarning, SpecificationError, nearest_name

CATEGORIES = {"one_hot": False, "codes": True}
LEFT_OUT = "left out"


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""Turn a table with numbers, categories, dates and gaps into an (n, p) matrix of numbers.

    With :math:`g` = 1 where a number :math:`x` is given and :math:`m` the median of the training rows, a
    numeric column gives :math:`g x + (1 - g) m` and, if training had gaps, :math:`1 - g` beside it. A
    category of :math:`k` levels gives :math:`k` indicators (one if :math:`k = 2`), missing being a level of
    its own. A date gives elapsed days, month, day, weekday and hour, those that vary. Nothing is scaled:
    `numeric_mask_` says which outputs are measurements. `lamina.data.deciding` has the rules that choose.

    Parameters
    ----------
    categories : {"one_hot", "codes"}
        What becomes of a category with more than `max_one_hot` levels. "one_hot" keeps the most frequent
        levels and gathers the others in one column (OneHotEncoder's max_categories), unseen ones included.
        "codes" gives one column of integers, 0 for unseen or missing, placed after all others, for an
        embedding.
    max_one_hot : int
        The most columns a category may give.
    dtype : {"float32", "float64"}
        Of the result.
    warn : bool
        Whether to warn of columns left out and values not understood (folds of a comparison need not repeat
        it).

    Attributes
    ----------
    kinds_ : dict of str to str
        What each column was taken for: numeric, boolean, category, many-level category, date, left out.
    dropped_ : dict of str to str
        Why columns were left out.
    numeric_mask_ : ndarray of bool, shape (p,)
        The output columns to standardise: numbers and parts of dates, not indicators or codes.
    embedding_levels_ : tuple of int
        For each of the last columns that hold codes, how many codes there are, 0 included.
    feature_names_in_ : ndarray of str, shape (columns of the table,)
    n_features_in_ : int

    Raises
    ------
    DataError
        No usable column, an infinite number, two columns of one name; at transform, a column is missing.
    DataWarning
        Once a call: columns left out (fit), values not seen in training (transform).

    References
    ----------
    Dummy variables: James, Witten, Hastie, Tibshirani, *An Introduction to Statistical Learning*, section
    3.3.1.

    Examples
    --------
    >>> import pandas as pd
    >>> from lamina.data import TableEncoder
    >>> table = pd.DataFrame({"age": [30, None, 50, 41], "town": ["Ulm", "Bonn", "Ulm", "Kiel"]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.get_feature_names_out().tolist()
    ['age', 'age_missing', 'town_Bonn', 'town_Kiel', 'town_Ulm']
    >>> encoder.transform(table)[:2]
    array([[30.,  0.,  0.,  0.,  1.],
           [41.,  1.,  1.,  0.,  0.]], dtype=float32)
    """

    def __init__(
        self, categories: str = "one_hot", max_one_hot: int = 30, dtype: str = "float32", warn: bool = True
    ) -> None:
        self.categories = categories
        self.max_one_hot = max_one_hot
        self.dtype = dtype
        self.warn = warn

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from training rows what each column is, its levels and its median."""
        rules = self._rules()
        frame = as_frame(X)
        names = list(frame.columns)
        decisions = {name: decide(frame[name], rules) for name in names}
        self._keep(names, {name: decision.column for name, decision in decisions.items()})
        self._tell(_fitting_message(decisions))
        if not self.columns_:
            raise DataError(
                f"no column can be used: {_reasons(self.dropped_)}. At least one column of numbers, dates "
                f"or categories that varies over the rows (n_samples={len(frame)}) is needed"
            )
        return self

    def transform(self, X: Any) -> NDArray[np.floating[Any]]:
        """Turn rows into an (n, p) matrix; columns are matched by name and extra ones ignored."""
        check_is_fitted(self)
        frame = as_frame(X)
        self._check_columns(frame, named=hasattr(X, "columns"))
        encoded = [(column, column.encode(frame[column.name])) for column in self.columns_]
        self._tell(_unknown_message({column: result.unknown for column, result in encoded if result.unknown}))
        matrix = np.empty((len(frame), sum(result.block.shape[1] for _, result in encoded)), dtype=self.dtype)
        np.concatenate([result.block for _, result in encoded], axis=1, out=matrix, casting="same_kind")
        return matrix

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The names of the output columns, shape (p,)."""
        check_is_fitted(self)
        return np.asarray([name for column in self.columns_ for name in column.names()], dtype=object)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything learnt, as arrays (none here) and JSON-able values for `from_state`."""
        check_is_fitted(self)
        columns = [{"type": type(column).__name__, **asdict(column)} for column in self.columns_]
        names = [str(name) for name in self.feature_names_in_]
        return {}, {
            "parameters": self.get_params(),
            "names": names,
            "columns": columns,
            "dropped": dict(self.dropped_),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], plain: Mapping[str, Any]) -> Self:
        """Rebuild a fitted encoder; raises FileFormatError if the state is damaged."""
        parameters, names, columns, dropped = read_plain(plain, cls._get_param_names())
        encoder = cls(**parameters)
        found: dict[str, Column | LeftOut] = {name: LeftOut(reason) for name, reason in dropped.items()}
        found |= {column.name: column for column in map(column_from_plain, columns)}
        encoder._keep(names, found)
        return encoder

    def _rules(self) -> Rules:
        if self.categories not in CATEGORIES:
            raise SpecificationError(
                f"categories={self.categories!r} is unknown: {nearest_name(self.categories, CATEGORIES)}"
            )
        if self.max_one_hot < 3:
            raise SpecificationError(
                f"max_one_hot={self.max_one_hot}, but at least 3 are needed: one level, the rare, the missing"
            )
        if self.dtype not in ("float32", "float64"):
            raise SpecificationError(f"dtype={self.dtype!r}, but 'float32' or 'float64' is needed")
        return Rules(CATEGORIES[self.categories], self.max_one_hot)

    def _keep(self, names: list[str], found: Mapping[str, Column | LeftOut]) -> None:
        used = [column for name in names if not isinstance(column := found[name], LeftOut)]
        codes = [column for column in used if isinstance(column, CodeColumn)]
        self.columns_ = (*(column for column in used if not isinstance(column, CodeColumn)), *codes)
        self.embedding_levels_ = tuple(len(column.levels) + 1 for column in codes)
        self.dropped_ = {name: item.reason for name, item in found.items() if isinstance(item, LeftOut)}
        self.kinds_ = {
            name: LEFT_OUT if isinstance(item := found[name], LeftOut) else item.kind for name in names
        }
        scaled = [flag for column in self.columns_ for flag in column.standardised()]
        self.numeric_mask_ = np.asarray(scaled, dtype=bool)
        self.feature_names_in_ = np.asarray(names, dtype=object)
        self.n_features_in_ = len(names)

    def _check_columns(self, frame: pd.DataFrame, *, named: bool) -> None:
        if not named and frame.shape[1] != self.n_features_in_:
            raise DataError(
                f"X has {frame.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input: give the columns of the training array, or a "
                "DataFrame, whose columns have names"
            )
        absent = [column.name for column in self.columns_ if column.name not in frame.columns]
        if absent:
            column, them = ("column", "it") if len(absent) == 1 else ("columns", "them")
            raise DataError(
                f"the model was fitted with the {column} {quoted(absent)}, which the new rows lack: add {them} "
                f"(empty where unknown). The table has {quoted(frame.columns, 10)}"
            )

    def _tell(self, message: str) -> None:
        if message and self.warn:
            warnings.warn(message, DataWarning, stacklevel=3)


def _reasons(dropped: Mapping[str, str]) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, reason in dropped.items():
        by_reason.setdefault(reason, []).append(name)
    return "; ".join(f"{quoted(names, 5)} ({reason})" for reason, names in by_reason.items())


def _fitting_message(decisions: Mapping[str, Decision]) -> str:
    dropped = {
        name: item.column.reason for name, item in decisions.items() if isinstance(item.column, LeftOut)
    }
    parts = [f"left out: {_reasons(dropped)}"] if dropped else []
    return "; ".join(parts + [item.note for item in decisions.values() if item.note])


def _unknown_message(unknown: Mapping[Column, tuple[str, ...]]) -> str:
    return "; ".join(
        f"column {column.name!r} has values that are {column.remedy}: {quoted(values)}"
        for column, values in unknown.items()
    )
