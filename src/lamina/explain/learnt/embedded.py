"""Learnt vectors of words and of categories, seen on the two axes along which they differ most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.text import WordSequences
from lamina.errors import DataError, SpecificationError, nearest_name
from lamina.explain.drawing import axes_for
from lamina.explain.outputs import layer_at, network_of, walk
from lamina.layers.base import Layer, check_positive_integer
from lamina.layers.embedding import CategoryEmbedding, Embedding

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def embedding_vectors(
    model: Any, layer: str | None = None, column: str | None = None
) -> dict[str, np.ndarray]:
    """Learnt vectors by word, level or code, in the order of the codes.

    Parameters
    ----------
    model
        A fitted estimator of Lamina's whose network has an :class:`~lamina.layers.Embedding` of words, or one of the categories
        of a table.
    layer
        Its path, such as "embedding_1"; None takes the first.
    column
        Of a table: which column's categories; None takes the first that has vectors.

    Returns
    -------
    Vectors (d,). Padding and unknown words are left out.

    Raises
    ------
    SpecificationError
        If the network has no embedding, or none at that path, or the table no such column.
    ArgumentTypeError, NotFittedError
        If the model is no network, or not fitted.
    """
    network = network_of(model)
    path = _first(network) if layer is None else layer
    found, parameters = layer_at(network, path), model.parameters_
    for part in path.split("/"):
        parameters = parameters.get(part, {})
    if isinstance(found, CategoryEmbedding):
        return _of_categories(model, parameters, column)
    if not isinstance(found, Embedding):
        raise SpecificationError(f"layer {path!r} is {found!r} and no embedding: take {_first(network)!r}.")
    vectors = np.asarray(parameters["weights"], float)
    text = model.features_.text
    if isinstance(text, WordSequences):
        return dict(zip(text.words_, vectors[2:], strict=False))
    return {str(code): vector for code, vector in enumerate(vectors) if code > 0}


def _first(network: Layer) -> str:
    found = [name for name, layer in walk(network) if isinstance(layer, (Embedding, CategoryEmbedding))]
    if not found:
        raise SpecificationError(
            f"the network has no Embedding: its layers are {', '.join(name for name, _ in walk(network))}."
        )
    return found[0]


def _of_categories(model: Any, parameters: Mapping[str, Any], column: str | None) -> dict[str, np.ndarray]:
    """Code 0 is a level not seen in training; the levels follow."""
    tables = [each for each in model.features_.encoder.columns_ if hasattr(each, "levels")]
    names = [each.name for each in tables[-len(parameters) :]]
    chosen = names[0] if column is None else column
    if chosen not in names:
        raise SpecificationError(
            f"the network has no vectors of a column {chosen!r}: {nearest_name(chosen, names)}."
        )
    place = names.index(chosen)
    vectors = np.asarray(parameters[f"column_{place + 1}_weights"], float)
    levels = tables[-len(parameters) :][place].levels
    return {str(level): vector for level, vector in zip(levels, vectors[1:], strict=True)}


def plot_embedding(
    model: Any,
    words: Iterable[str] | None = None,
    *,
    most: int = 40,
    layer: str | None = None,
    column: str | None = None,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw learnt vectors as points with their names, on their first two principal components.

    .. math:: (E - \bar e)\, (v_1, v_2), \qquad E - \bar e = U D V'

    The components are those of the vectors that are drawn, and the axes say what share of their variance each shows. Vectors of
    one number are drawn along a line.

    Parameters
    ----------
    model, layer, column
        As in :func:`embedding_vectors`.
    words
        Which words, levels or codes; None takes the first ``most``, which are the most frequent words.
    most
        How many where ``words`` is None.
    names
        What to write in place of a word, level or code.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    The Axes.

    Raises
    ------
    DataError
        If a word has no vector, or fewer than two are asked for.

    Errors otherwise as in :func:`embedding_vectors`.
    """
    check_positive_integer("plot_embedding", "most", most, 40)
    vectors = embedding_vectors(model, layer, column)
    chosen = list(vectors)[:most] if words is None else _known(list(words), vectors)
    if len(chosen) < 2:
        raise DataError(
            f"{len(chosen)} vector cannot be told from others: name two words, levels or codes at least."
        )
    places, shares = components(np.stack([vectors[word] for word in chosen]))
    axes = axes_for(ax)
    axes.axhline(0, color="#cccccc", linewidth=0.6, zorder=0)
    axes.axvline(0, color="#cccccc", linewidth=0.6, zorder=0)
    axes.scatter(places[:, 0], places[:, 1], s=14, color="black", zorder=2)
    for word, place in zip(chosen, places, strict=True):
        axes.annotate((names or {}).get(word, word), place, (3, 3), textcoords="offset points", fontsize=8)
    axes.set_xlabel(f"first component, {shares[0]:.0%} of the variance")
    axes.set_ylabel(f"second component, {shares[1]:.0%}")
    axes.margins(0.12)
    return axes


def components(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, d) on their first two principal components, (n, 2), and the share of the variance of each, (2,).

    >>> places, shares = components(np.array([[0.0, 0.0], [3.0, 4.0]]))
    >>> np.abs(places[:, 0]).tolist(), shares.tolist()
    ([2.5, 2.5], [1.0, 0.0])
    """
    centred = vectors - vectors.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    squares = np.square(sizes) / (np.square(sizes).sum() or 1.0)
    places, shares = np.zeros((len(vectors), 2)), np.zeros(2)
    count = min(2, len(axes))
    places[:, :count], shares[:count] = centred @ axes[:count].T, squares[:count]
    return places, np.round(shares, 12)


def _known(words: Sequence[str], vectors: Mapping[str, Any]) -> list[str]:
    missing = [word for word in words if word not in vectors]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(words)} words have no vector, the first {missing[0]!r}: the model's dictionary is "
            f"{', '.join(map(repr, list(vectors)[:5]))} and {max(0, len(vectors) - 5):,} more."
        )
    return list(words)
