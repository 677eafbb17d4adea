"""What each place of a sequence looks at, head by head, in any fitted network with attention."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.errors import DataError, SpecificationError
from lamina.explain.learnt.layer_values import network_input
from lamina.explain.outputs import layer_at, network_of, output_blocks, walk
from lamina.explain.panels import panels, small
from lamina.layers.attention import MultiHeadAttention
from lamina.layers.base import Context, Layer, children, join
from lamina.layers.containers import Residual, Sequential
from lamina.layers.transformer import TransformerBlock
from lamina.training.cache import keep_few_programs
from lamina.training.precision import precision

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHAINS = (Sequential, Residual, TransformerBlock)
"""Containers that hand the rows of a batch from layer to layer as they are."""
MOST_TOKENS = 40
PADDING, UNKNOWN = "·", "?"


def attention_maps(model: Any, X: Any, layer: str | None = None) -> np.ndarray:
    """How much each place takes from each other one, by row and head, (n, heads, t, s); each row of it adds up to one.

    Parameters
    ----------
    model
        A fitted estimator of Lamina's whose network has a :class:`~lamina.layers.MultiHeadAttention` or a
        :class:`~lamina.layers.TransformerBlock`.
    X
        Rows, or texts, as in the fit.
    layer
        Path of the attention, such as "transformer_block_1/residual_1/multi_head_attention_1"; None takes the first.

    Raises
    ------
    SpecificationError
        If the network has no attention, none at that path, or one that looks at another sequence.
    ArgumentTypeError, NotFittedError, DataError
        If the model is no network, or not fitted; if the rows are not like those of the fit.

    Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
    """
    network = network_of(model)
    path = _first(network) if layer is None else layer
    attention = layer_at(network, path)
    if not isinstance(attention, MultiHeadAttention):
        raise SpecificationError(
            f"layer {path!r} is {attention!r} and no attention: take {_first(network)!r}."
        )
    if attention.cross:
        raise SpecificationError(
            f"layer {path!r} looks at another sequence, which a row does not have: take one without cross=True."
        )
    check_is_fitted(model)
    x = network_input(model, X)
    record: dict[str, np.ndarray] = {"": x}
    blocks = list(output_blocks(model, x, None))
    record |= {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    parameters = model.parameters_
    for part in path.split("/"):
        parameters = parameters[part]
    keep_few_programs(_weights)
    with precision(model._precision()):
        given, mask = _arriving(network, path.split("/"), x, None, record, "")
        return np.asarray(_weights(attention, parameters, given, mask))


@functools.partial(jax.jit, static_argnums=0)
def _weights(attention: MultiHeadAttention, parameters: Any, x: Any, mask: Any) -> Any:
    return attention.weights(parameters, x, Context(mask=mask))


def _first(network: Layer) -> str:
    found = [
        name for name, layer in walk(network) if isinstance(layer, MultiHeadAttention) and not layer.cross
    ]
    if not found:
        raise SpecificationError(
            "the network has no MultiHeadAttention that looks at its own sequence: its layers are "
            f"{', '.join(name for name, _ in walk(network))}."
        )
    return found[0]


def _arriving(
    container: Layer, parts: list[str], x: Any, mask: Any, record: dict[str, np.ndarray], path: str
) -> tuple[Any, Any]:
    """What the layer at a path is given, and its mask, from the recorded outputs of the layers before it."""
    if not isinstance(container, CHAINS):
        raise SpecificationError(
            f"the attention stands inside {container!r}, which is not seen into: put it into the chain itself, or a Residual."
        )
    name, *inside = parts
    for other, layer in children(container):
        found = layer.mask_of(x)
        if other == name:
            return (x, mask) if not inside else _arriving(layer, inside, x, mask, record, join(path, name))
        x = record[join(path, other)]
        mask = _still(mask if found is None else found, x)
    raise SpecificationError(f"there is no layer {join(path, name)!r}.")


def _still(mask: Any, x: Any) -> Any:
    """The mask, as long as x has a place for each of its own."""
    return mask if mask is not None and x.ndim > 2 and x.shape[1] == mask.shape[1] else None


def plot_attention_maps(
    model: Any,
    x: Any,
    *,
    layer: str | None = None,
    tokens: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw for one text or sequence what each place looks at: a panel a head, a row a place that looks, the darker the more.

    Parameters
    ----------
    model, layer
        As in :func:`attention_maps`.
    x
        One row, as in the fit: a text of a text model, else an array (t,) or (t, p).
    tokens
        What the places are called; None takes the words of a text, else their numbers. Padding is left out.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    One Axes with an inset for each head, ``ax.child_axes``.

    Raises
    ------
    DataError
        If there are other tokens than places, or none is left.

    Errors otherwise as in :func:`attention_maps`.
    """
    network_of(model)
    check_is_fitted(model)
    one = [x] if isinstance(x, str) else np.asarray(x)[None]
    maps = attention_maps(model, one, layer)[0]
    names, there = _tokens(model, one, maps.shape[1], tokens)
    maps = maps[:, there][:, :, there]
    side = max(2.2, 0.16 * len(names) + 0.8)
    whole, insets = panels(ax, len(maps), side=side)
    for head, (axes, table) in enumerate(zip(insets, maps, strict=True), start=1):
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        small(axes, f"head {head}")
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
        axes.set_yticks(range(len(names)), names if head == 1 else [], fontsize=6)
    insets[0].set_ylabel("looks", fontsize=7)
    insets[0].set_xlabel("is looked at", fontsize=7)
    return whole


def _tokens(model: Any, one: Any, places: int, tokens: Sequence[str] | None) -> tuple[list[str], np.ndarray]:
    """Names of the places that are shown, and those places: without padding, the last 40 at most."""
    text = model.features_.text
    names = [str(place + 1) for place in range(places)]
    there = np.arange(places)
    if text is not None:
        codes = network_input(model, one)[0].astype(int)
        words = [PADDING, UNKNOWN, *text.words_]
        names, there = [words[code] for code in codes], np.flatnonzero(codes)
    if tokens is not None:
        if len(tokens) not in (places, len(there)):
            raise DataError(
                f"tokens has {len(tokens)} names and the sequence {len(there)} places: give one a place."
            )
        named = np.asarray(names, dtype=object)
        named[np.arange(places) if len(tokens) == places else there] = list(tokens)
        names = [str(name) for name in named]
    if not len(there):
        raise DataError("the sequence is padding alone: give one with a word that the model knows, or any.")
    there = there[-MOST_TOKENS:]
    return [names[place] for place in there], there
