"""How rows enter a network, and how numbers for its inputs go back to what the user gave: columns, pixels or words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.sparse import SparseTable
from lamina.data.text import BagOfWords, WordSequences, as_documents, words_of
from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator, final_step
from lamina.estimators.features import is_frame
from lamina.explain.attribution.path import Path, entered, path_of
from lamina.layers.base import template
from lamina.layers.embedding import CategoryEmbedding, Embedding
from lamina.numerics.pixels import as_numbers
from lamina.training.cache import keep_few_programs
from lamina.training.precision import precision

MOST_NUMBERS = 1 << 28
"""Numbers of attributions that are written out: 1 GiB in single precision."""


@dataclass(frozen=True)
class NetworkInput:
    """Rows as a network differentiates them.

    Attributes
    ----------
    model, path
        The fitted network, and its layers in parts.
    values
        What enters behind the codes, (n, ...): standardised columns, pixels in [0, 1], vectors of words.
    mask
        Which places of a sequence of codes are there, (n, t), or None.
    owners
        The user's column of each number, (p,); None where every number is its own.
    names
        The user's columns, or words of a dictionary; None for images and sequences.
    words
        The words at the places of each document; None where there are none.
    """

    model: NeuralEstimator
    path: Path
    values: np.ndarray
    mask: np.ndarray | None
    owners: np.ndarray | None
    names: tuple[str, ...] | None
    words: tuple[tuple[str, ...], ...] | None

    @property
    def has_vectors(self) -> bool:
        """Whether the numbers are those of words' vectors, one a place."""
        return self.path.front is not None and isinstance(self.path.front[1], Embedding)

    def back(self, found: np.ndarray) -> np.ndarray:
        """Attributions for the user's columns, pixels or places: the sum over what each of them became."""
        if self.has_vectors:
            return np.asarray(found.sum(axis=2))
        if self.owners is None or self.names is None:
            return found
        gathered = np.zeros((len(found), len(self.names)), found.dtype)
        np.add.at(gathered.T, self.owners, found.T)
        return gathered


OTHER_OUTPUTS = {
    "SequenceToSequence": "writes a text, and what is shared out is one number a row",
    "SeriesForecaster": "predicts what follows its series, and has no rows that could be explained: build lag columns "
    "yourself and give a NeuralRegressor on them",
}
"""Estimators of Lamina's whose output is no number of a row."""


def refuse_other_outputs(model: Any) -> None:
    """Raise for an estimator that predicts something else than a number or a class for each row."""
    why = OTHER_OUTPUTS.get(type(model).__name__)
    if why is not None:
        raise ArgumentTypeError(f"attribute cannot explain {type(model).__name__}: it {why}.")


def check_network(model: Any, method: str) -> NeuralEstimator:
    """The model, if it is a fitted network that can be differentiated.

    Raises
    ------
    ArgumentTypeError
        For another estimator: what it is and what to do.
    NotFittedError
    """
    refuse_other_outputs(model)
    others = "method='shapley' or 'occlusion', which ask for predictions alone"
    if isinstance(final_step(model), NeuralEstimator) and final_step(model) is not model:
        raise ArgumentTypeError(
            f"method={method!r} differentiates a network, and the model is a pipeline, whose other steps have no "
            "derivative: give its last step and the rows as it gets them, attribute(pipeline[-1], pipeline[:-1].transform(X)), "
            f"or take {others}."
        )
    if not isinstance(model, NeuralEstimator):
        raise ArgumentTypeError(
            f"method={method!r} looks into a network of Lamina's, and {type(model).__name__} is none: take {others}."
        )
    check_is_fitted(model)
    return model


def as_batch(model: NeuralEstimator, X: Any) -> Any:
    """X, with one image or one sequence as a batch of one.

    Raises
    ------
    DataError
        If the images have another shape than those of the fit, or there are no rows.
    """
    shape = tuple(model.input_shape_)
    if len(shape) > 1 and isinstance(X, np.ndarray):
        if X.shape == shape:
            return X[None]
        if X.shape[1:] != shape:
            raise DataError(
                f"X has shape {X.shape} and the model was fitted on rows of shape {shape}: give one of that shape, or several, "
                f"(n, {', '.join(map(str, shape))})."
            )
    if hasattr(X, "__len__") and not hasattr(X, "tocsr") and len(X) == 0:
        raise DataError("X has no rows: give at least one to explain.")
    return X


def network_input(model: NeuralEstimator, X: Any) -> NetworkInput:
    """Rows as the network's first differentiable layer takes them.

    Raises
    ------
    DataError
        If they are not like those of the fit, or more than can be written out.
    """
    path = path_of(template(model.network_))
    values, mask = entered_rows(model, path, X)
    owners = _owners(model, path)
    return NetworkInput(model, path, values, mask, owners, column_names(model, X), places_of(model, X))


def entered_rows(model: NeuralEstimator, path: Path, X: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Numbers that can be differentiated, in the model's precision, and the mask."""
    x = model.features_.finish(model._features(X, reset=False))
    dtype = model._precision()
    if isinstance(x, SparseTable):
        if x.shape[0] * x.shape[1] > MOST_NUMBERS:
            raise DataError(
                f"attributions of {x.shape[0]:,} sparse rows by {x.shape[1]:,} columns do not fit in memory, since every zero "
                f"would be written out: give at most {MOST_NUMBERS // x.shape[1]:,} rows at a time."
            )
        x = x.matrix.toarray()
    x = np.asarray(x)
    if path.front is None:
        numbers = np.asarray(as_numbers(x, model.parameters_), dtype)
        return numbers, None
    keep_few_programs(entered)
    with precision(dtype):
        plain = x if x.dtype.kind in "iu" else x.astype(dtype)
        values, mask = entered(path, model.parameters_, plain)
    return np.asarray(values), None if mask is None else np.asarray(mask)


def column_names(model: NeuralEstimator, X: Any) -> tuple[str, ...] | None:
    """Names of the columns of a table, or of the words of a bag; None where inputs are places."""
    if isinstance(model.features_.text, BagOfWords):
        return tuple(model.features_.text.words_)
    if model.features_.text is not None or len(model.input_shape_) > 1:
        return None
    if (names := model.features_.names) is not None:
        return tuple(map(str, names))
    if is_frame(X):
        return tuple(map(str, X.columns))
    return tuple(f"x{place}" for place in range(model.n_features_in_))


def places_of(model: NeuralEstimator, X: Any) -> tuple[tuple[str, ...], ...] | None:
    """The words at the places of each document of a sequence, "" where there is padding."""
    text = model.features_.text
    if not isinstance(text, WordSequences):
        return None
    rows = []
    for document in as_documents(X):
        words = text._cut(words_of(document))
        empty = [""] * (text.length_ - len(words))
        rows.append(tuple([*empty, *words] if text.pad == "left" else [*words, *empty]))
    return tuple(rows)


def encoded_owners(model: NeuralEstimator) -> np.ndarray | None:
    """The user's column of each encoded column of a table; None where they are the same."""
    encoder = model.features_.encoder
    if encoder is None:
        return None
    place = {name: position for position, name in enumerate(encoder.feature_names_in_)}
    return np.concatenate([np.full(len(column.names()), place[column.name]) for column in encoder.columns_])


def _owners(model: NeuralEstimator, path: Path) -> np.ndarray | None:
    """The user's column of each number behind the front layer: a code's vector belongs to its column."""
    owners = encoded_owners(model)
    if path.front is None or not isinstance(path.front[1], CategoryEmbedding):
        return owners
    layer: CategoryEmbedding = path.front[1]
    if owners is None:
        owners = np.arange(model.n_features_in_)
    first = len(owners) - len(layer.levels)
    return np.concatenate([owners[:first], np.repeat(owners[first:], layer._dimensions())])
