"""What inner errors choose: the simple model, and the network, that stand for their kind in each split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from lamina.evaluation.contenders import NAMED_BEFOREHAND
from lamina.evaluation.fits import ModelResult
from lamina.evaluation.rule import lowest


@dataclass(frozen=True)
class Choice:
    """One kind of model in the verdict.

    Attributes
    ----------
    name
        The model with the lowest mean inner error.
    procedure
        *Take the model that looks best inside*: each split's fit is that of the model chosen there.
    chosen
        That model's name, for each split.
    """

    name: str
    procedure: ModelResult
    chosen: tuple[str, ...]


def choose(models: Sequence[ModelResult]) -> Choice | None:
    """The choice among models that finished all splits, from the simplest on; None if there are none.

    A model whose inner error is not known in some split is not chosen. Where that leaves none, it is the first: without
    knowledge the simplest.

    >>> from lamina.evaluation.fits import FoldResult
    >>> fold = FoldResult(np.zeros(1), np.zeros(1), 1.0, None, 0.0)
    >>> models = [ModelResult(name, False, (fold, fold), None, np.array(inner))
    ...           for name, inner in (("mean", [3.0, 3.0]), ("linear", [2.0, 4.0]), ("lasso", [2.5, 2.0]))]
    >>> found = choose(models)
    >>> found.name, found.chosen
    ('lasso', ('linear', 'lasso'))
    """
    if not models:
        return None
    able = [model for model in models if model.inner is not None and np.isfinite(model.inner).all()]
    if len(models) == 1 or not able:
        return _always(models[0])
    inner = np.asarray([model.inner for model in able])
    best = able[int(lowest(inner.mean(axis=1)))]
    chosen = [able[each] for each in lowest(inner)]
    folds = tuple(model.folds[split] for split, model in enumerate(chosen))
    procedure = ModelResult(best.name, best.network, folds)
    return Choice(best.name, procedure, tuple(model.name for model in chosen))


def choose_network(models: Sequence[ModelResult], own: Collection[str] = ()) -> Choice | None:
    """The network that the verdict is about: the user's own, or the one named beforehand, or what inner errors choose.

    ``own`` are the names of the user's own; of several the inner errors choose.
    """
    ours = [model for model in models if model.name in own]
    named = [model for model in models if model.name in NAMED_BEFOREHAND]
    return choose(ours or named or models)


def _always(model: ModelResult) -> Choice:
    return Choice(model.name, model, (model.name,) * len(model.folds))
