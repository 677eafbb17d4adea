"""Where gradient steps end in a wide linear model, from zero and from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lamina.experiments.sgd_minimum_norm_fits import Advance, Array, Problem, Way, first_coefficients, walk
from lamina.experiments.sgd_minimum_norm_theory import Design, descent
from lamina.layers.initializers import Normal
from lamina.training import SGD, Adam

N, P = 40, 120
SHARES = (0.25, 0.05)
"""Steps as shares of the longest at which full batches are stable."""
BATCH, START = 8, 0.1
FULL = "full batches"
ELSEWHERE, ADAM = f"{FULL}, another start", f"{FULL}, Adam"


def ways(largest: float) -> tuple[Way, ...]:
    """Full batches, batches of eight, momentum, another start, Adam; ``largest`` eigenvalue of X'X / n."""
    long, short = (share / largest for share in SHARES)
    return (
        Way(f"{FULL}, step {SHARES[0]:g}", SGD(long)),
        Way(f"{FULL}, step {SHARES[1]:g}", SGD(short)),
        Way(f"batches of {BATCH}, step {SHARES[0]:g}", SGD(long), BATCH),
        Way(f"batches of {BATCH}, step {SHARES[1]:g}", SGD(short), BATCH),
        Way(f"momentum 0.9, step {SHARES[1]:g}", SGD(short, momentum=0.9)),
        Way(ELSEWHERE, SGD(long), None, Normal(START)),
        Way(ADAM, Adam(0.003)),
    )


@dataclass(frozen=True)
class Fact:
    """Something measured on every draw, and what it should be; ``tiny`` where that is zero but for rounding."""

    found: Array
    expected: float | None
    tiny: bool = True


@dataclass(frozen=True, eq=False)
class Limits:
    """Coefficients after some numbers of epochs, by way; shape (epochs, draws, p) each.

    Attributes
    ----------
    starts
        Where the way with another start begins, shape (draws, p).
    """

    designs: Sequence[Design]
    problems: Sequence[Problem]
    epochs: tuple[int, ...]
    walked: dict[Way, Array]
    starts: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n, p = self.designs[0].x.shape
        return n, p

    @property
    def n_draws(self) -> int:
        """Number of data sets."""
        return len(self.designs)

    @property
    def ways(self) -> tuple[Way, ...]:
        """In the order of the tables."""
        return tuple(self.walked)

    @property
    def solutions(self) -> Array:
        """Minimum-norm solutions by the pseudo-inverse, shape (draws, p)."""
        return np.array([np.linalg.pinv(each.x) @ each.y for each in self.problems])

    @property
    def kept(self) -> Array:
        """The part of the starts that no row sees."""
        return np.array(
            [design.beside(start) for design, start in zip(self.designs, self.starts, strict=True)]
        )

    def goal(self, way: Way) -> Array:
        """The interpolating solution that is nearest to the start."""
        return self.solutions + self.kept if way.name == ELSEWHERE else self.solutions

    def distances(self, way: Way) -> Array:
        """From the goal, over the length of the minimum-norm solution, shape (epochs, draws)."""
        return _lengths(self.walked[way] - self.goal(way)) / _lengths(self.solutions)

    def facts(self) -> dict[str, Fact]:
        """What theory says exactly, and what is seen of it in the last epoch."""
        by_name = {way.name: way for way in self.ways}
        first, elsewhere, last = self.ways[0], by_name[ELSEWHERE], self.ways[-1]
        moved = np.array(
            [
                design.beside(now - start)
                for design, now, start in zip(
                    self.designs, self.walked[elsewhere][-1], self.starts, strict=True
                )
            ]
        )
        unseen = np.array([d.beside(w) for d, w in zip(self.designs, self.walked[last][-1], strict=True)])
        return {
            "largest distance from the closed form": Fact(self._from_formula(first), 0.0),
            "another start: what no row sees, moved by": Fact(_lengths(moved) / _lengths(self.kept), 0.0),
            "another start: length over the least": Fact(self._length(elsewhere), None, False),
            "Adam: length over the least": Fact(self._length(last), None, False),
            "Adam: share that no row sees": Fact(
                _lengths(unseen) / _lengths(self.walked[last][-1]), None, False
            ),
            "Adam: residuals over outcome": Fact(self._residuals(last), None),
        }

    def _from_formula(self, way: Way) -> Array:
        """Largest distance of any epoch from what gradient descent is in closed form."""
        step = 2 * float(way.optimizer.learning_rate)  # type: ignore[arg-type]
        expected = np.array(
            [
                [
                    design.solve(each.y, descent(step, count))
                    for design, each in zip(self.designs, self.problems, strict=True)
                ]
                for count in self.epochs
            ]
        )
        return np.asarray((_lengths(self.walked[way] - expected) / _lengths(self.solutions)).max(axis=0))

    def _length(self, way: Way) -> Array:
        return np.asarray(_lengths(self.walked[way][-1]) / _lengths(self.solutions))

    def _residuals(self, way: Way) -> Array:
        return np.array(
            [
                np.linalg.norm(each.y - each.x @ w) / np.linalg.norm(each.y)
                for each, w in zip(self.problems, self.walked[way][-1], strict=True)
            ]
        )


def approach(draws: int, epochs: Sequence[int], advance: Advance, n: int = N, p: int = P) -> Limits:
    """Walk every way on several draws of a wide linear model: five columns matter, the noise has variance one."""
    designs = [Design.draw(n, p, number) for number in range(draws)]
    problems = []
    for number, design in enumerate(designs):
        noise = np.random.default_rng([32, number]).normal(size=n)
        problems.append(Problem(design.x, design.x[:, :5].sum(axis=1) + noise, number))
    # One step for all draws: that of the steepest.
    largest = max(design.largest for design in designs)
    walked = {way: walk(problems, way, epochs, advance) for way in ways(largest)}
    starts = np.array([first_coefficients(problem, START) for problem in problems])
    return Limits(designs, problems, tuple(epochs), walked, starts)


def _lengths(vectors: Array) -> Array:
    return np.asarray(np.linalg.norm(vectors, axis=-1))
