"""What a user gives as texts: a list, an array or a column of strings, checked one by one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, DataError

Documents = NDArray[np.object_]


def as_documents(X: Any, name: str = "X") -> Documents:
    """Documents as an array of strings, shape (n,).

    Parameters
    ----------
    X : list, array or column of strings
        A data frame of one column is taken as that column.
    name : str
        What messages call it.

    Raises
    ------
    ArgumentTypeError
        X is one string, a number, a set, a dictionary, or a table.
    DataError
        An entry is no string: the message says which and what it is.

    >>> as_documents(["A fine film.", "Dull."]).shape
    (2,)
    >>> as_documents(["A fine film.", None])
    Traceback (most recent call last):
    lamina.errors.DataError: X[1] is missing (None), and 1 of 2 entries is no string: fill it with "", or leave that row out.
    """
    # A set has no order, and a dictionary's keys are not its texts.
    if isinstance(X, (str, bytes, dict, set, frozenset)) or not hasattr(X, "__len__"):
        raise ArgumentTypeError(f"{name} is one {type(X).__name__}: give a list of strings, one a document.")
    values = _column(X, name)
    if not all(type(item) is str for item in values):
        _refuse(values, name)
    return values


def _column(X: Any, name: str) -> Documents:
    if hasattr(X, "columns"):
        names = list(X.columns)
        if len(names) != 1:
            raise ArgumentTypeError(
                f"{name} is a data frame of {len(names)} columns: give the one that holds the texts, such as "
                f"{name}[{str(names[0]) if names else 'text'!r}]."
            )
        X = X[names[0]]
    if hasattr(X, "to_numpy"):
        X = X.to_numpy()
    if isinstance(X, np.ndarray):
        if X.ndim == 2 and X.shape[1] == 1:
            X = X[:, 0]
        if X.ndim != 1:
            raise ArgumentTypeError(
                f"{name} is an array of shape {X.shape}: give one string a document, shape (n,)."
            )
        return np.array([str(item) for item in X], object) if X.dtype.kind in "UT" else _objects(X)
    return _objects(X)


def _objects(items: Any) -> Documents:
    values = np.empty(len(items), object)
    for place, item in enumerate(items):
        values[place] = str(item) if isinstance(item, np.str_) else item
    return values


def _refuse(values: Documents, name: str) -> None:
    wrong = [place for place, item in enumerate(values) if not isinstance(item, str)]
    if not wrong:
        return
    first, item = wrong[0], values[wrong[0]]
    many = f"{len(wrong)} of {len(values)} entries {'is' if len(wrong) == 1 else 'are'} no string"
    these, rows = ("it", "that row") if len(wrong) == 1 else ("them", "those rows")
    if isinstance(item, bytes):
        raise DataError(
            f"{name}[{first}] is bytes, and {many}: decode {these}, for example by .decode('utf-8', errors='replace')."
        )
    if item is None or (isinstance(item, float) and math.isnan(item)) or type(item).__name__ == "NAType":
        raise DataError(
            f'{name}[{first}] is missing ({item}), and {many}: fill {these} with "", or leave {rows} out.'
        )
    raise DataError(
        f"{name}[{first}] is {item!r:.60}, of type {type(item).__name__}, and {many}: turn {these} into text by str(), or leave "
        f"{rows} out."
    )


def refuse_wordless(words: NDArray[np.int64], name: str = "X") -> None:
    """Raise if no document has a word, and warn of those that have none, given the number of words of each.

    >>> refuse_wordless(np.array([0, 0]))
    Traceback (most recent call last):
    lamina.errors.DataError: none of the 2 documents of X has a word: ...
    """
    import warnings

    from lamina.errors import DataWarning

    empty = np.flatnonzero(words == 0)
    if len(empty) == len(words):
        raise DataError(
            f"none of the {len(words)} documents of {name} has a word: is it the right column, or is all of it punctuation?"
        )
    if len(empty):
        warnings.warn(
            f"{len(empty)} of {len(words)} documents of {name} have no word (the first is {name}[{empty[0]}]); the outcome "
            "of such a document is predicted from the others' average alone.",
            DataWarning,
            stacklevel=4,
        )
