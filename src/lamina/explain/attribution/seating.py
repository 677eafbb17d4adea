"""Which players a model's rows have: columns, parts of images, words; and what stands for those that are unknown."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from lamina.data.frames import as_frame
from lamina.data.sparse import SparseTable, is_sparse_matrix
from lamina.data.text import BagOfWords, as_documents
from lamina.errors import DataError, SpecificationError
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.features import in_precision, is_frame
from lamina.explain.attribution.estimators import check_estimator, estimator_answers, numbers_of
from lamina.explain.attribution.network_input import as_batch, column_names, encoded_owners, places_of
from lamina.explain.attribution.players import Cells, Codes, Frame, Nonzeros, Numbers, Players, Words
from lamina.explain.attribution.question import Question, network_answers, question_of
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.windows import parts_of
from lamina.networks.output import linear_predictor
from lamina.numerics.pixels import as_numbers
from lamina.training import predict

MOST_BACKGROUND = 100
"""Rows of X that stand for unknown columns where no background is given."""


@dataclass(frozen=True)
class Seated:
    """Players, the question that is asked of each row, and what the result needs to know of the rows.

    Attributes
    ----------
    names, words, images, index, present
        As :class:`~lamina.explain.attribution.result.Attribution` has them.
    """

    players: Players
    question: Question
    names: tuple[str, ...] | None = None
    words: tuple[tuple[str, ...], ...] | None = None
    images: np.ndarray | None = None
    index: Any = None
    present: np.ndarray | None = None

    def worth(self, row: int, known: np.ndarray) -> np.ndarray:
        """The value of coalitions of the row's inputs, (m,) of (m, inputs)."""
        numbers = self.players.ask(row, known)
        value: np.ndarray = numbers @ self.question.seeds[row] + self.question.offset[row]
        return value

    def result(self, method: Any, attributions: np.ndarray, **further: Any) -> Attribution:
        """The attribution of these rows."""
        question = self.question
        return Attribution(
            attributions,
            question.output,
            further.pop("base_value", None),
            question.target,
            question.scale,
            method,
            names=self.names,
            words=self.words,
            images=self.images,
            index=self.index,
            present=self.present,
            **further,
        )


def seated(
    model: Any, X: Any, target: Any, method: str, *, background: Any, window: Any, seed: int
) -> Seated:
    """Check model, rows and target, and find the players.

    Raises
    ------
    DataError
        If a table has a single row and no background is given, or the rows are sparse and of no network.
    SpecificationError
        If a window is given for rows that are no images.
    """
    check_estimator(model, method)
    if isinstance(model, NeuralEstimator):
        return _of_network(model, as_batch(model, X), target, background, window, seed)
    _refuse_window(window)
    if hasattr(X, "__len__") and not hasattr(X, "tocsr") and len(X) == 0:
        raise DataError("X has no rows: give at least one to explain.")
    return _of_estimator(model, X, target, background, seed)


def _of_network(
    model: NeuralEstimator, X: Any, target: Any, background: Any, window: Any, seed: int
) -> Seated:
    question = question_of(network_answers(model, X), target)
    x = _network_rows(model, X)
    numbers = _linear_predictors(model)
    names, index = column_names(model, X), getattr(X, "index", None) if is_frame(X) else None
    if isinstance(x, SparseTable):
        _refuse(background=background, window=window)
        present = (
            np.asarray(x.matrix.toarray() != 0) if isinstance(model.features_.text, BagOfWords) else None
        )
        return Seated(Nonzeros(numbers, x.matrix), question, names, present=present)
    if x.dtype.kind in "iu" and x.ndim == 2:
        _refuse(background=background, window=window)
        return Seated(Codes(numbers, x), question, None, places_of(model, X))
    if x.ndim > 2:
        owners, inputs = parts_of(x.shape[1:], window)
        unknown = _images(model, x, background)
        return Seated(Cells(numbers, x, unknown, owners, inputs, x.shape[1:]), question, images=x)
    _refuse_window(window)
    assert names is not None
    unknown = _network_rows(model, background_rows(X, background, seed))
    found = encoded_owners(model)
    owners = np.arange(x.shape[1]) if found is None else found
    return Seated(Cells(numbers, x, unknown, owners, len(names), (len(names),)), question, names, index=index)


def _of_estimator(model: Any, X: Any, target: Any, background: Any, seed: int) -> Seated:
    if is_sparse_matrix(X):
        raise DataError(
            f"X is a sparse matrix of {X.shape[1]:,} columns, each of which would be an input: give X.toarray(), or the texts "
            "themselves and a pipeline that reads them."
        )

    numbers = functools.partial(numbers_of, model)
    if is_frame(X):
        return _of_frame(model, numbers, X, target, background, seed)
    if _is_text(X):
        _refuse(background=background)
        documents = as_documents(X)
        question = question_of(estimator_answers(model, list(documents)), target)
        players = Words(numbers, documents)
        return Seated(players, question, words=players.words)
    x = _as_table(X, "X")
    unknown = _as_table(background_rows(x, background, seed), "background")
    if unknown.shape[1] != x.shape[1]:
        raise DataError(f"background has {unknown.shape[1]} columns and X {x.shape[1]}: give the same.")
    question = question_of(estimator_answers(model, x), target)
    names = tuple(f"x{place}" for place in range(x.shape[1]))
    cells = Cells(numbers, x, unknown, np.arange(x.shape[1]), x.shape[1], x.shape[1:])
    return Seated(cells, question, names)


def _of_frame(model: Any, numbers: Numbers, X: Any, target: Any, background: Any, seed: int) -> Seated:
    frame, unknown = as_frame(X), as_frame(background_rows(X, background, seed))
    if list(unknown.columns) != list(frame.columns):
        raise DataError(
            f"background has the columns {list(unknown.columns)[:5]} and X {list(frame.columns)[:5]}: give the same."
        )
    question = question_of(estimator_answers(model, frame), target)
    names = tuple(map(str, frame.columns))
    return Seated(Frame(numbers, frame, unknown), question, names, index=frame.index)


def background_rows(X: Any, background: Any, seed: int) -> Any:
    """The rows given, or rows of X: all of them, at most 100, drawn at random.

    Raises
    ------
    DataError
        If X has a single row and no background is given, or the background has none.
    """
    if background is not None:
        rows = background if is_frame(background) else np.asarray(background)
        if not is_frame(rows):
            if rows.ndim == 0:
                raise DataError(
                    f"background={background!r} is no row: give rows like those of X, such as 100 of the training rows."
                )
            rows = rows[None] if rows.ndim == 1 else rows
        if len(rows) == 0:
            raise DataError("background has no rows: give at least one, such as some of the training rows.")
        return rows
    if len(X) < 2:
        raise DataError(
            "X has a single row, and other rows must stand for what is unknown of it: give background=, such as 100 of the "
            "training rows."
        )
    if len(X) <= MOST_BACKGROUND:
        return X
    chosen = np.sort(check_random_state(seed).choice(len(X), MOST_BACKGROUND, replace=False))
    if hasattr(X, "iloc"):
        return X.iloc[chosen]
    return X[chosen.tolist()] if is_frame(X) else np.asarray(X)[chosen]


def _network_rows(model: NeuralEstimator, X: Any) -> Any:
    """Rows as the network takes them, pixels in [0, 1]."""
    x = in_precision(model.features_.finish(model._features(X, reset=False)), model._precision())
    if isinstance(x, SparseTable):
        return x
    if model.features_.text is not None or (
        x.ndim == 2 and np.asarray(x).dtype == np.float32 and _takes_codes(model)
    ):
        return np.asarray(x).astype(np.int32)
    return np.asarray(as_numbers(np.asarray(x), model.parameters_), model._precision())


def _takes_codes(model: NeuralEstimator) -> bool:
    from lamina.estimators.codes import embedding_in_front

    return embedding_in_front(model.layers) is not None


def _linear_predictors(model: NeuralEstimator) -> Numbers:
    network, dtype = linear_predictor(model.network_), model._precision()

    def numbers(rows: Any) -> np.ndarray:
        rows = rows if isinstance(rows, SparseTable) else rows.astype(dtype)
        return predict(network, model.parameters_, model.fitted_.state, rows).astype(float)

    return numbers


def _images(model: NeuralEstimator, x: np.ndarray, background: Any) -> np.ndarray:
    """Images that stand for unknown parts: black where none is given."""
    if background is None:
        return np.zeros((1, *x.shape[1:]), x.dtype)
    given = np.asarray(background)
    if given.ndim == 0 and given.dtype.kind in "iuf":
        return np.full((1, *x.shape[1:]), given, x.dtype)
    found: np.ndarray = _network_rows(model, as_batch(model, given))
    return found


def _is_text(X: Any) -> bool:
    items = X.tolist() if hasattr(X, "tolist") else X
    return (
        isinstance(items, (list, tuple)) and len(items) > 0 and all(isinstance(item, str) for item in items)
    )


def _as_table(X: Any, name: str) -> np.ndarray:
    x = np.asarray(X)
    if x.ndim != 2 or x.dtype.kind not in "uifb":
        raise DataError(
            f"{name} has shape {x.shape} of {x.dtype}: give a table of numbers (n, columns), a data frame, or a list of texts."
        )
    return x


def _refuse(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise SpecificationError(
                f"{name}= is for tables and images, and an unknown word is left out: leave it out."
            )


def _refuse_window(window: Any) -> None:
    if window is not None:
        raise SpecificationError(
            f"window={window!r} is for images, and the inputs of a table are its columns: leave it out."
        )
