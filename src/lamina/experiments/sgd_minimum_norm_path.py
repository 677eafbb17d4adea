"""SGD on its way, beside ridge regression with the penalty 1 / t."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lamina.experiments.equivalence import Rows
from lamina.experiments.sgd_minimum_norm_fits import Advance, Array, Problem, Way, walk
from lamina.experiments.sgd_minimum_norm_theory import Design, covariance, flow, minimum_norm, ridge
from lamina.training import SGD

STEPS = (0.005, 0.025)
"""Twice them is the time of one step."""
PER_EPOCH = 10
"""Steps of an epoch of SGD."""
BATCHES: dict[str, int] = {"SGD": PER_EPOCH, "full batches": 1}
"""Steps of an epoch, by way."""
SIGNAL = NOISE = 1.0
FINE = np.geomspace(0.01, 10_000, 400)

Shrink = Callable[[float], Callable[[Array], Array]]
EXACT: dict[str, Shrink] = {"flow": flow, "ridge": lambda t: ridge(1 / t)}


@dataclass(frozen=True, eq=False)
class Paths:
    """Coefficients along the paths.

    Attributes
    ----------
    name
        Of the data.
    problems, truths
        Data sets on one design, and the coefficients that made them, shape (draws, p); None where they are not known.
    walked
        By way, shape (times, draws, p).
    """

    name: str
    design: Design
    problems: Sequence[Problem]
    truths: Array | None
    times: tuple[float, ...]
    walked: dict[Way, Array]

    @property
    def n_draws(self) -> int:
        """Number of paths of each way."""
        return len(self.problems)

    @property
    def ways(self) -> tuple[Way, ...]:
        """In the order of the tables."""
        return tuple(self.walked)

    @cached_property
    def ridge(self) -> Array:
        """Ridge regression with lambda = 1 / t."""
        return self.along(EXACT["ridge"])

    @cached_property
    def flow(self) -> Array:
        """Gradient flow at t, in closed form."""
        return self.along(flow)

    @cached_property
    def ends(self) -> Array:
        """Least squares of minimum norm, at every time."""
        return self.along(lambda t: minimum_norm)

    def along(self, shrink: Shrink) -> Array:
        """A path in closed form at every time, shape (times, draws, p)."""
        return np.array(
            [[self.design.solve(each.y, shrink(t)) for each in self.problems] for t in self.times]
        )

    def distances(self, coefficients: Array) -> Array:
        """From ridge over the length of ridge's, shape (times, draws)."""
        away = np.linalg.norm(coefficients - self.ridge, axis=2)
        return np.asarray(away / np.linalg.norm(self.ridge, axis=2))

    def risks(self, coefficients: Array) -> Array:
        """Squared distance from the true mean of a new row, shape (times, draws)."""
        assert self.truths is not None
        away = coefficients - self.truths
        return np.asarray(np.einsum("tdi,ij,tdj->td", away, covariance(away.shape[2]), away))

    def exact(self, which: str) -> Array:
        """The risk on average over coefficients and noise, at every time."""
        return self.exact_on(which, np.array(self.times))

    def exact_on(self, which: str, times: Array) -> Array:
        """The same at any times."""
        return np.array([self.design.risk(EXACT[which](float(t)), SIGNAL, NOISE) for t in times])

    @property
    def flow_worst(self) -> tuple[float, float]:
        """The largest ratio of the risks of flow and ridge on the whole path, and its time."""
        ratios = self.exact_on("flow", FINE) / self.exact_on("ridge", FINE)
        return float(ratios.max()), float(FINE[int(ratios.argmax())])

    @property
    def flow_best(self) -> float:
        """The smallest risk on the one path over the smallest on the other."""
        return float(self.exact_on("flow", FINE).min() / self.exact_on("ridge", FINE).min())

    def measured_worst(self, way: Way) -> tuple[float, float, float]:
        """The largest ratio of mean risks at the times walked to, its time, and its standard error by the bootstrap."""
        ours, ridges = self.risks(self.walked[way]), self.risks(self.ridge)
        ratios = ours.mean(axis=1) / ridges.mean(axis=1)
        worst = int(ratios.argmax())
        picks = np.random.default_rng(0).integers(self.n_draws, size=(500, self.n_draws))
        again = ours[worst][picks].mean(axis=1) / ridges[worst][picks].mean(axis=1)
        return float(ratios.max()), self.times[worst], float(again.std(ddof=1))

    def nearest(self, coefficients: Array) -> Array:
        """Distance from the nearest point of the ridge path, over the length of ridge at 1 / t; shape (times, draws)."""
        values, vectors = self.design.spectrum
        turned = coefficients @ vectors
        path = np.array([EXACT["ridge"](float(t))(values) for t in FINE])
        found = np.empty(turned.shape[:2])
        for draw, each in enumerate(self.problems):
            on_path = path * (vectors.T @ (each.x.T @ each.y / len(each.y)))
            away = np.linalg.norm(turned[:, draw, None] - on_path, axis=2)
            found[:, draw] = away.min(axis=1)
        return np.asarray(found / np.linalg.norm(self.ridge, axis=2))


def simulated_paths(
    n: int, p: int, draws: int, times: Sequence[float], steps: Sequence[float], advance: Advance
) -> Paths:
    """Draws of coefficients and noise on one design: the signal's variance is that of the noise."""
    design = Design.draw(n, p, 0)
    rng = np.random.default_rng([33, n, p])
    truths = rng.normal(0, np.sqrt(SIGNAL / p), (draws, p))
    outcomes = truths @ design.x.T + rng.normal(0, np.sqrt(NOISE), (draws, n))
    problems = [Problem(design.x, y, number) for number, y in enumerate(outcomes)]
    walked = {
        way: walk(problems, way, _epochs(times, step, per_epoch), advance)
        for step in steps
        for way, per_epoch in _ways(n, step)
    }
    return Paths(f"n = {n}, p = {p}", design, problems, truths, tuple(times), walked)


def hitters_paths(
    rows: Rows, draws: int, times: Sequence[float], steps: Sequence[float], advance: Advance
) -> Paths:
    """The salaries of the Hitters data, standardised: paths differ in the order of the rows alone."""
    design, n = Design(rows.x), len(rows.y)
    problems = [Problem(rows.x, rows.y, number) for number in range(draws)]
    walked = {}
    for step in steps:
        [(sgd, per_epoch), _] = _ways(n, step)
        walked[sgd] = walk(problems, sgd, _epochs(times, step, per_epoch), advance)
    return Paths("Hitters", design, problems, None, tuple(times), walked)


def _ways(n: int, step: float) -> Sequence[tuple[Way, int]]:
    """SGD and full batches, with the steps of an epoch; a last, shorter batch takes a shorter step, which all make up for."""

    def way(name: str, steps: int) -> Way:
        batch = -(-n // steps)
        own = step * steps * batch / n
        return Way(f"{name}, step {own:.2g}", SGD(own), None if steps == 1 else batch)

    return [(way(name, steps), steps) for name, steps in BATCHES.items()]


def _epochs(times: Sequence[float], step: float, per_epoch: int) -> list[int]:
    """Epochs until each time, at 2 step a step.

    >>> _epochs([0.1, 5.0], 0.005, 10)
    [1, 50]
    """
    return [max(1, round(t / (2 * step * per_epoch))) for t in times]
