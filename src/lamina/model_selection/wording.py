"""Saying which way fits ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lamina.model_selection.candidates import Candidate
from lamina.training.optimizers import LBFGS, resolve_optimizer


@dataclass
class Ways:
    """How many fits ran in each way.

    >>> str(Ways(together=200) + Ways(others=Counter(Ridge=5)))
    "200 fits as one population; 5 fits by scikit-learn's own code: Ridge joins no population."
    """

    together: int = 0
    alone: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    others: Counter[str] = field(default_factory=Counter)
    batches: int = 1

    @classmethod
    def of(
        cls,
        candidates: Sequence[Candidate],
        n_splits: int,
        *,
        supervised: bool,
        refused: Mapping[int, int] = MappingProxyType({}),
    ) -> Ways:
        """The ways of settings on so many splits; ``refused`` has the fits of each that were refused when they began."""
        ways = cls()
        for candidate in candidates:
            if not (supervised and candidate.joins):
                ways.others[candidate.kind] += n_splits
            elif candidate.error is not None:
                ways.refused += n_splits
            else:
                begun = n_splits - refused.get(candidate.place, 0)
                ways.refused += n_splits - begun
                if reason := _why_alone(candidate):
                    ways.alone[reason] += begun
                else:
                    ways.together += begun
        return ways

    def __add__(self, other: Ways) -> Ways:
        return Ways(
            self.together + other.together,
            self.alone + other.alone,
            self.refused + other.refused,
            self.others + other.others,
            self.batches + other.batches if self.together and other.together else 1,
        )

    def __str__(self) -> str:
        parts = []
        if self.together:
            as_one = "one population" if self.batches == 1 else f"{self.batches} populations"
            parts.append(f"{_fits(self.together)} as {as_one}")
        parts += [f"{_fits(count)} one after the other: {why}" for why, count in self.alone.items() if count]
        if self.refused:
            parts.append(f"{_fits(self.refused)} not at all: their parameters were refused")
        if self.others:
            verb = "joins" if len(self.others) == 1 else "join"
            named = ", ".join(self.others)
            parts.append(
                f"{_fits(self.others.total())} by scikit-learn's own code: {named} {verb} no population"
            )
        return "; ".join(parts) + "."


def _why_alone(candidate: Candidate) -> str | None:
    """Why a population hands the fit to its own loop, if it does; fit_population decides it by the same types."""
    assert candidate.network is not None
    if candidate.convolves:
        return "a network with convolutions fills the machine by itself"
    try:
        by_lbfgs = isinstance(resolve_optimizer(candidate.network.optimizer), LBFGS)
    except (TypeError, ValueError):  # its fit says what is wrong
        return None
    return "L-BFGS is not for populations" if by_lbfgs else None


def _fits(count: int) -> str:
    return f"{count} fit" if count == 1 else f"{count} fits"
