"""From a pass by points to modules: each layer's own values, errors and parameters together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lamina.explain.tape.program import Pass, cut
from lamina.explain.tape.question import Question
from lamina.explain.tape.tape import Module, Numbers
from lamina.explain.tape.updates import updates_of
from lamina.layers.base import Layer, children, join
from lamina.networks.output import linear_predictor
from lamina.numerics.sparse import is_sparse, with_zeros
from lamina.numerics.watching import point_path

BEFORE = ("x", "mean", "variance", "standard", "queries", "keys", "values", "scores", "weights", "heads")
GATES = ("gates", "memory", "candidate_z", "candidate_slope", "candidate", "steps", "hidden")
ORDER = (*BEFORE, "z", "slope", *GATES, "a")
"""Points in the order in which they are computed."""
NOT_ROWS = ("mean", "variance")


def modules_of(question: Question, found: Pass) -> tuple[Module, ...]:
    """The layers of the network with what the pass found at their points."""
    n, padded = int(question.rows.n), len(question.rows.weights)
    total = found.total_gradients
    updates = updates_of(question, total)
    points = {**found.values, **found.kept}
    layers = dict(layers_of(linear_predictor(question.network)))
    modules = []
    for path, layer in layers.items():
        values, errors = (_at(each, path, n, padded) for each in (points, found.errors))
        if values:
            for each in (values, errors):
                if "steps" in each:  # the output of a recurrent layer that is run inside another
                    each.setdefault("a", each["steps"])
            own = (_own(tree, path, layers) for tree in (question.parameters, total, updates))
            modules.append(Module(path, layer, values, errors, *own))
    return tuple(modules)


def layers_of(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """Every layer below a network by its path, each before what is inside it.

    >>> from lamina.layers import LSTM, Bidirectional, Dense, Sequential
    >>> [path for path, _ in layers_of(Sequential([Bidirectional(LSTM(2)), Dense(1)]))]
    ['bidirectional_1', 'bidirectional_1/forward', 'bidirectional_1/backward', 'dense_1']
    """
    parts = {name: getattr(layer, field) for name, field in layer.parts.items()}
    for name, inner in (*children(layer), *parts.items()):
        yield join(path, name), inner
        yield from layers_of(inner, join(path, name))


def _at(points: dict[str, Any], path: str, n: int, padded: int) -> Numbers:
    """What stands at the points of a layer, without the rows that fill up."""
    found: Numbers = {}
    for name in ORDER:
        value = points.get(point_path(path, name))
        if value is not None:
            value = with_zeros(value) if is_sparse(value) else value
            found[name] = np.asarray(value) if name in NOT_ROWS else cut(value, n, padded)
    return found


def _own(tree: Any, path: str, layers: Mapping[str, Layer]) -> Numbers:
    """Parameters of the layer at a path, groups of them too, without those of layers inside it."""
    for name in path.split("/"):
        tree = tree.get(name, {}) if tree else {}
    found: Numbers = {}
    for name, value in tree.items():
        if not isinstance(value, dict):
            found[name] = np.asarray(value)
        elif join(path, name) not in layers:
            found |= {join(name, inner): np.asarray(leaf) for inner, leaf in value.items()}
    return found
