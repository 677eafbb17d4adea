"""Saying which way fits ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lamina.model_selection.candidates import Candidate
from lamina.training.optimizers import LBFGS, resolve_optimizer


def in_words(candidates: Sequence[Candidate], joining: Sequence[Candidate], n_splits: int) -> str:
    """What ran as a population, what did not, and why."""
    parts = []
    alone = [candidate for candidate in joining if _alone(candidate)]
    together = len([c for c in joining if c.error is None]) - len(alone)
    refused = [candidate for candidate in joining if candidate.error is not None]
    if together:
        parts.append(f"{_fits(together, n_splits)} as one population")
    if alone:
        parts.append(
            f"{_fits(len(alone), n_splits)} one after the other: L-BFGS sees all rows in each step and runs outside a population"
        )
    if refused:
        parts.append(f"{_fits(len(refused), n_splits)} not at all: their parameters were refused")
    others = [candidate for candidate in candidates if candidate not in joining]
    if others:
        kinds = Counter(candidate.kind for candidate in others)
        named = ", ".join(kinds)
        verb = "is no network" if len(kinds) == 1 else "are no networks"
        parts.append(f"{_fits(len(others), n_splits)} by scikit-learn's own code: {named} {verb} of Lamina's")
    return "; ".join(parts) + "."


def _alone(candidate: Candidate) -> bool:
    network = candidate.network
    if network is None:
        return False
    try:
        return isinstance(resolve_optimizer(network.optimizer), LBFGS)
    except (TypeError, ValueError):  # its fit says what is wrong
        return False


def _fits(settings: int, n_splits: int) -> str:
    count = settings * n_splits
    return f"{count} fit" if count == 1 else f"{count} fits"
