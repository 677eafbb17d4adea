"""Gradient descent by the numbers: a lecture's parabola, step sizes, two minima, condition numbers, a real table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.equivalence import Rows
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row
from lamina.explain import PARABOLA, TWO_MINIMA, DescentPath, Newton, bowl, descend
from lamina.explain.descent.surfaces import GLOBAL, HILL
from lamina.training import SGD, GradientDescent

TITLE = "gradient descent: steps, their size, and how fast it converges"
SOURCE = (
    "A lecture's example, theta² - theta + 0.25 with step 0.25; James, Witten, Hastie, Tibshirani and Taylor, An Introduction to "
    "Statistical Learning, section 10.7, Figure 10.17; Polyak 1964; Nocedal and Wright 2006, theorem 3.3."
)
Array = NDArray[np.float64]
STEP, START = 0.25, 2.0
STEPS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.98, 1.0, 1.05)
CONDITIONS = (1, 3, 10, 30, 100, 300, 1000)
NEARER = 1e-6
"""Share of the first distance at which a path has arrived."""
STARTS = 121

REMARKS = (
    "The parabola's gradient is 2 theta - 1, so that a step s multiplies the distance from the minimum, 1/2, by 1 - 2 s: the "
    "published numbers of both first sections are this arithmetic. At s = 1/2 one step arrives, at s = 1 it goes to and fro for "
    "ever, beyond it diverges.",
    "Figure 10.17 has a local minimum at -0.46 and the global one at 1.02, and the book gives no formula: the function is ours, "
    "a quartic whose derivative is zero there and on the hill between, at 0.1. With small steps the start alone decides.",
    "A bowl of condition number kappa: with the best constant step, 2 / (1 + kappa), the distance shrinks by "
    "(kappa - 1) / (kappa + 1) a step. With the best momentum, ((sqrt(kappa) - 1) / (sqrt(kappa) + 1))², it shrinks by the root "
    "of that, but for a factor that grows with the steps: so momentum needs up to half more than theory's leading term. "
    "Newton-Raphson takes one step on any bowl.",
    "Hitters: least squares for the salaries on the 19 standardised columns by gradient descent from zero. Career totals go hand "
    "in hand, so that the Hessian is badly conditioned; the published factor is 1 - smallest / largest eigenvalue for the step "
    "1 / largest.",
)


@dataclass(frozen=True, eq=False)
class Bowls:
    """Steps to arrive, by condition number, of the three methods."""

    descent: tuple[int, ...]
    momentum: tuple[int, ...]
    newton: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """Mean squared error of a linear model, as a function of its coefficients."""

    x: Array
    y: Array

    def __call__(self, theta: object) -> object:
        import jax.numpy as jnp

        return jnp.mean(jnp.square(self.y - self.x @ theta))  # type: ignore[operator]

    @property
    def eigenvalues(self) -> Array:
        """Of the Hessian, 2 X'X / n, in increasing order."""
        return np.asarray(np.linalg.eigvalsh(2 * self.x.T @ self.x / len(self.x)))

    @property
    def solution(self) -> Array:
        """Least squares."""
        return np.asarray(np.linalg.lstsq(self.x, self.y, rcond=None)[0])


def run(quick: bool, progress: bool) -> Findings:
    """All five parts."""
    conditions = CONDITIONS[:3] if quick else CONDITIONS
    lecture = descend(PARABOLA, START, GradientDescent(STEP), 8)
    sizes = {step: descend(PARABOLA, START, GradientDescent(step), 20) for step in STEPS}
    ends = two_minima(21 if quick else STARTS)
    bowls = bowls_of(conditions, progress)
    hitters = LeastSquares(*_hitters())
    slow = descend(
        hitters,
        np.zeros(hitters.x.shape[1]),
        GradientDescent(1 / hitters.eigenvalues[-1]),
        500 if quick else 20_000,
    )
    rows = (
        *_lecture_rows(lecture),
        *_size_rows(sizes),
        *_minima_rows(ends),
        *_bowl_rows(conditions, bowls),
        *_hitters_rows(hitters, slow),
    )
    return Findings(rows, REMARKS, picture=partial(_picture, lecture, sizes, conditions, bowls))


def two_minima(number: int) -> Array:
    """Starts between -1 and 1.4, and where 400 small steps from each end: shape (2, number)."""
    starts = np.linspace(-1, 1.4, number)
    return np.array(
        [starts, [descend(TWO_MINIMA, start, GradientDescent(0.02), 400).theta[-1] for start in starts]]
    )


def bowls_of(conditions: tuple[int, ...], progress: bool) -> Bowls:
    """Steps that bring each method to a millionth of the first distance, from (1, 1)."""
    counts = []
    for kappa in tracked(conditions, "condition numbers", progress):
        root = math.sqrt(kappa)
        beta = ((root - 1) / (root + 1)) ** 2
        ways = (GradientDescent(2 / (1 + kappa)), SGD((2 / (root + 1)) ** 2, momentum=beta), Newton())
        most = 40 + 20 * kappa
        counts.append([arrival(descend(bowl(kappa), (1.0, 1.0), way, most)) for way in ways])
    return Bowls(*(tuple(each) for each in zip(*counts, strict=True)))


def arrival(path: DescentPath) -> int:
    """The first step from which on the distance from zero is a millionth of the first."""
    distance = np.linalg.norm(path.theta, axis=1)
    far = np.flatnonzero(distance > NEARER * distance[0])
    return int(far[-1]) + 1


def _hitters() -> tuple[Array, Array]:
    rows = Rows.hitters()
    return rows.x, rows.y


def _lecture_rows(path: DescentPath) -> Iterator[Row]:
    section = f"theta² - theta + 0.25, step {STEP:g}, from {START:g}: theta"
    published = START
    for k, theta in enumerate(path.theta):
        note = "" if k else "the start"
        yield Row(section, f"after {k} steps", (float(theta),), published, ".10g", note)
        published -= STEP * (2 * published - 1)


def _size_rows(sizes: dict[float, DescentPath]) -> Iterator[Row]:
    section = (
        "The same by step size: factor of the distance from the minimum in a step, published: |1 - 2 step|; "
        "left: the distance after 20 steps"
    )
    for step, path in sizes.items():
        distance = np.abs(path.theta - 0.5)
        found = float(distance[1] / distance[0])
        note = "diverges" if distance[-1] > distance[0] else f"{distance[-1]:.1g} left"
        yield Row(section, f"step {step:g}", (found,), round(abs(1 - 2 * step), 10), ".4g", note)


def _minima_rows(ends: Array) -> Iterator[Row]:
    starts, found = ends
    reached = np.abs(found - GLOBAL) < 1e-3
    section = f"Two minima: small steps from {len(starts)} starts between -1 and 1.4"
    yield Row(section, "largest end", (float(found.max()),), 1.02, ".4f")
    yield Row(section, "smallest end", (float(found.min()),), -0.46, ".4f")
    yield Row(section, "starts that end at the global minimum, %", (100 * float(reached.mean()),), form=".1f")
    note = f"the hill is at {HILL:g}"
    yield Row(section, "the least of these starts", (float(starts[reached].min()),), form=".2f", note=note)


def _bowl_rows(conditions: tuple[int, ...], bowls: Bowls) -> Iterator[Row]:
    for name, counts, power in (
        ("gradient descent", bowls.descent, 1.0),
        ("momentum", bowls.momentum, 0.5),
    ):
        section = f"Steps to a millionth of the first distance, {name} at its best numbers; published: theory's leading term"
        for kappa, count in zip(conditions, counts, strict=True):
            rate = (kappa**power - 1) / (kappa**power + 1)
            theory = 1 if rate == 0 else math.ceil(math.log(NEARER) / math.log(rate))
            yield Row(section, f"condition {kappa}", (float(count),), float(theory), ",.0f")
    section = "The same, Newton-Raphson; published: theory"
    yield Row(section, f"every condition up to {conditions[-1]}", tuple(map(float, bowls.newton)), 1.0, ".0f")


def _hitters_rows(problem: LeastSquares, path: DescentPath) -> Iterator[Row]:
    values, section = (
        problem.eigenvalues,
        "Hitters, least squares on 19 standardised columns by gradient descent",
    )
    distance = np.linalg.norm(path.theta - problem.solution, axis=1)
    late = path.steps // 10
    factor = float((distance[-1] / distance[-1 - late]) ** (1 / late))
    rate = 1 - values[0] / values[-1]
    yield Row(section, "condition number", (float(values[-1] / values[0]),), form=",.0f")
    note = f"in the last {late:,} steps"
    yield Row(section, "factor of the distance in a step", (factor,), round(float(rate), 6), ".6f", note)
    yield Row(section, "steps that halve the distance", (math.log(0.5) / math.log(factor),), form=",.0f")
    share = float(distance[-1] / distance[0])
    yield Row(section, f"distance left after {path.steps:,} steps", (share,), form=".2g")


def _picture(
    lecture: DescentPath,
    sizes: dict[float, DescentPath],
    conditions: tuple[int, ...],
    bowls: Bowls,
    path: object,
) -> None:
    from lamina.experiments.gradient_descent_picture import draw

    draw(path, lecture, sizes, conditions, bowls)
