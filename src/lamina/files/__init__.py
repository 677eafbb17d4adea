"""Model files: one ``.lamina`` file holds everything that a fitted estimator is, and reading it runs no code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["load", "register", "save"]

Kind = TypeVar("Kind", bound=type[Any])


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to one file: network, parameters, preprocessing, classes, history, versions.

    The round trip is exact: the loaded model predicts the same bits, and training goes on as if it had not been saved.
    A file that is at ``path`` already is replaced whole, or left as it was if anything fails.

    Parameters
    ----------
    estimator
        Fitted :class:`lamina.NeuralRegressor`, :class:`lamina.NeuralClassifier` or :class:`lamina.SeriesForecaster`, an
        ensemble, or a perceptron of :mod:`lamina.drop_in`.
    path
        Where to, by custom with the ending ``.lamina``.

    Raises
    ------
    ArgumentTypeError
        If it is no estimator of Lamina's.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    SpecificationError
        If it holds a function or class of your own that files do not know; the message names it. See :func:`register`.
    FileAccessError
        If the file cannot be written.

    Warns
    -----
    UserWarning
        If ``random_state`` is a generator: None is saved in its place.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from lamina import NeuralRegressor, load, save
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> model = NeuralRegressor(epochs=2, random_state=0).fit(X, X.sum(axis=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/sums.lamina")
    ...     again = load(f"{folder}/sums.lamina")
    >>> np.array_equal(again.predict(X), model.predict(X))
    True
    """
    from lamina.files.container import write
    from lamina.files.models import to_content

    write(_as_path(path), to_content(estimator))


def load(path: str | os.PathLike[str]) -> Any:
    """Read an estimator that :func:`save` wrote. Nothing in a file is executed.

    Raises
    ------
    FileAccessError
        If there is no such file, or it cannot be read.
    FileFormatError
        If it is damaged, foreign, of a newer format, or holds a class of your own that is not registered.

    Examples
    --------
    >>> load("nowhere.lamina")
    Traceback (most recent call last):
    lamina.errors.FileAccessError: there is no file nowhere.lamina: check its name and folder.
    """
    from lamina.files.container import read

    content = read(_as_path(path))
    from lamina.files.models import from_content

    return from_content(content)


def register(kind: Kind) -> Kind:
    """Let models with your own layer be saved and loaded; see :func:`lamina.files.registry.register`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from lamina.layers.base import ParameterFreeLayer
    >>> @register
    ... @dataclass(frozen=True)
    ... class Halving(ParameterFreeLayer):
    ...     def output_shape(self, input_shape):
    ...         return input_shape
    ...     def apply(self, parameters, state, x, context):
    ...         return x / 2, state
    """
    from lamina.files.registry import register as known

    return known(kind)


def _as_path(path: Any) -> Path:
    from lamina.errors import ArgumentTypeError

    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise ArgumentTypeError(f"path={path!r}: give the name of a file, such as 'model.lamina'.")
    return Path(path)
