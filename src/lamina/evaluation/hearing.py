"""Warnings of many fits, each said once, with who gave it how often."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Heard:
    """A warning, and in how many fits each model gave it."""

    text: str
    times: dict[str, int] = field(default_factory=dict)

    def told(self, models: list[str], fits: int) -> str:
        """The text, and who gave it how often, unless all models did in every fit.

        >>> Heard("slow", {"mean": 4, "mlp": 4}).told(["mean", "mlp"], 4)
        'slow'
        >>> Heard("slow", {"mlp": 3}).told(["mean", "mlp"], 4)
        'slow (mlp, in 3 of 4 fits)'
        """
        if all(self.times.get(name) == fits for name in models) and models:
            return self.text
        names: dict[int, list[str]] = {}
        for name, count in self.times.items():
            names.setdefault(count, []).append(name)
        groups = [", ".join(given) + _share(count, fits) for count, given in names.items()]
        return f"{self.text} ({'; '.join(groups)})"


@dataclass
class Hearing:
    """All that was heard in a comparison; warnings that differ in their numbers only count as one.

    >>> hearing = Hearing()
    >>> for gap in (1, 2):
    ...     with hearing.of("mlp"):
    ...         warnings.warn(f"the gap is {gap}", UserWarning)
    >>> hearing.told(["mean", "mlp"], fits=2)
    ('the gap is 1 (mlp)',)
    """

    heard: dict[str, Heard] = field(default_factory=dict)

    def told(self, models: list[str], fits: int) -> tuple[str, ...]:
        """Each different warning in a line."""
        return tuple(said.told(models, fits) for said in self.heard.values())

    @contextmanager
    def of(self, model: str) -> Iterator[None]:
        """Collect the warnings of one fit."""
        with _caught() as texts:
            yield
        for alike, text in _alike(texts).items():
            self._note(alike, text, model, 1)

    @contextmanager
    def of_all(self, models: Iterable[str], fits: int) -> Iterator[None]:
        """Collect the warnings of a population, in which models prepare the rows of each split together."""
        with _caught() as texts:
            yield
        for alike, text in _alike(texts).items():
            times = sum(_pattern(other) == alike for other in texts)
            for model in models:
                self._note(alike, text, model, min(times, fits))

    def note(self, model: str, texts: Iterable[str]) -> None:
        """Set down the warnings of one fit that were heard elsewhere."""
        for alike, text in _alike(list(texts)).items():
            self._note(alike, text, model, 1)

    def _note(self, alike: str, text: str, model: str, times: int) -> None:
        counts = self.heard.setdefault(alike, Heard(text)).times
        counts[model] = counts.get(model, 0) + times


def _share(count: int, fits: int) -> str:
    return "" if count == fits else f", in {count} of {fits} fits"


def _pattern(text: str) -> str:
    return re.sub(r"[-+.\de]*\d", "#", text)


def _alike(texts: list[str]) -> dict[str, str]:
    return {_pattern(text): text for text in texts}


@contextmanager
def _caught() -> Iterator[list[str]]:
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Indicators of all levels of a category always are; the singular values take care of it.
        warnings.filterwarnings("ignore", message="Variables are collinear")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield texts
    texts += [" ".join(str(warning.message).split()) for warning in caught]
