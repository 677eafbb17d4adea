"""Six families of functions in 2, 5 and 10 dimensions, learnt by networks from 10 to 5,000 points without noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.genz_baselines import polynomial, radial_basis, training_mean
from lamina.experiments.genz_functions import FAMILIES
from lamina.experiments.genz_networks import (
    ACTIVATIONS,
    BASE,
    DEPTHS,
    OPTIMIZERS,
    QUASI_NEWTON,
    Design,
    Trial,
    choose_rates,
    fit_trials,
)
from lamina.experiments.genz_picture import save_picture
from lamina.experiments.genz_sample import Sample, draw_sample
from lamina.experiments.genz_tables import Study, tables
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted

TITLE = "functions of six families learnt from points without noise"
SOURCE = (
    "Genz, Testing multidimensional integration routines (1984) and A package for testing multiple integration "
    "subroutines (1987), the functions; a lecture leaves their approximation by networks as an exercise."
)

Array = NDArray[np.float64]
BASELINES: dict[str, Callable[[Sample, int], Array]] = {
    "polynomial": polynomial,
    "radial basis": radial_basis,
    "training mean": training_mean,
}
PILOT_POINTS, FIRST_PILOT = 100, 1000
"""Points at which rates are chosen, and the number of the first draw that serves for nothing else."""


@dataclass(frozen=True)
class Plan:
    """What is run.

    Attributes
    ----------
    dimensions, sizes
        Dimensions, and points to learn from.
    more
        Further sizes, for the base design and the baselines alone.
    most_quasi_newton
        Points up to which L-BFGS is run.
    draws, pilots
        Draws of points and functions to compare on, and others to choose rates on.
    designs
        The base first.
    """

    dimensions: tuple[int, ...]
    sizes: tuple[int, ...]
    more: tuple[int, ...]
    most_quasi_newton: int
    draws: int
    pilots: int
    steps: int
    designs: tuple[Design, ...]


FULL = Plan(
    dimensions=(2, 5, 10),
    sizes=(10, 50, 100, 500),
    more=(5000,),
    most_quasi_newton=100,
    draws=20,
    pilots=4,
    steps=1000,
    designs=(BASE, *DEPTHS, *ACTIVATIONS, *OPTIMIZERS, QUASI_NEWTON),
)
QUICK = Plan(
    dimensions=(2,),
    sizes=(100,),
    more=(),
    most_quasi_newton=100,
    draws=5,
    pilots=1,
    steps=200,
    designs=(BASE, DEPTHS[0], QUASI_NEWTON),
)

REMARKS = (
    "Errors are absolute, at 1,000 uniform test points, divided by the function's standard deviation on the cube, which is "
    "known in closed form. ± is a standard error over the draws of c, w and points, drawn anew in each dimension.",
    "c and w are uniform, then c is scaled to add up to 1.5 (oscillatory), d (product peak), 1.85 (corner peak), 7.03 "
    "(Gaussian), 20.4 (continuous) and 4.3 (discontinuous), and w to 1.",
    "The base network has two hidden layers of 32 relu units, fitted by Adam in batches of 32 (all 10 points at once). Every "
    "design differs from it in one factor, fixed beforehand: depth, activation or optimizer. All have the same points, seeds "
    "and number of steps, so that few and many points are trained alike; the rate falls to zero along a cosine. There is no "
    "penalty and no early stopping: the outcomes have no noise. L-BFGS takes at most 500 iterations over all points.",
    "Ratios are geometric means over families and dimensions, differences arithmetic ones: a ratio counts easy functions like "
    "hard ones, in a difference the hard ones weigh most. A star marks what differs from the base at 5 per cent, Bonferroni "
    "over its table.",
    "The polynomial has the degree (at most 12, and at most 500 terms) and the ridge penalty with the smallest leave-one-out "
    "error on the training points. The radial basis is SciPy's RBFInterpolator as it comes, a thin-plate spline with a linear "
    "trend; 10 points in 10 dimensions are too few for it and get the kernel -r with a constant.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every design and baseline on every draw."""
    return run_plan(QUICK if quick else FULL, progress)


def run_plan(plan: Plan, progress: bool) -> Findings:
    """Choose rates on the pilot draws, fit all networks as one population, then those by L-BFGS, then the baselines."""
    numbers = range(plan.draws)
    samples = [
        draw_sample(d, number, max(plan.sizes + plan.more)) for d in plan.dimensions for number in numbers
    ]
    study, stages = Study(plan.dimensions, plan.sizes, plan.more, plan.draws), Stages()
    compiled = [design for design in plan.designs if design.optimizer is not None]
    by_iterations = [design for design in plan.designs if design.optimizer is None]

    rates, fits = choose_rates(compiled, _pilots(plan), PILOT_POINTS, plan.steps, progress)
    stages.note("choosing rates, networks", fits)
    trials = _trials(plan, compiled, samples, rates)
    tried = fit_trials(trials, plan.steps, "fitting networks", progress)
    study.take(trials, tried.errors)
    stages.note("comparing, networks", len(trials) - tried.constant)
    slow = _trials(plan, by_iterations, samples, rates)
    searched = fit_trials(slow, plan.steps, "fitting by L-BFGS", progress)
    study.take(slow, searched.errors)
    stages.note("comparing, networks by L-BFGS", len(slow) - searched.constant)
    for name, predict in BASELINES.items():
        stages.note(f"comparing, {name}", _run_baseline(study, name, predict, samples, progress))

    counts = (
        f"In {tried.constant:,} of {len(trials):,} cases there was nothing to learn, the discontinuous function being zero at "
        f"all training points: every model predicts zero there. {counted(tried.diverged, 'network')} diverged."
        + _run_away_remark(study.run_away)
    )
    remarks = (*REMARKS, _rates_remark(plan, rates), counts)
    return Findings(tuple(stages.rows), remarks, tables=tables(study), picture=partial(save_picture, study))


@dataclass
class Stages:
    """How long each part of the experiment took."""

    def __post_init__(self) -> None:
        self.rows: list[Row] = []
        self.clock = time.perf_counter()

    def note(self, what: str, fits: int) -> None:
        """End a part that fitted so many models."""
        now = time.perf_counter()
        seconds, self.clock = now - self.clock, now
        section = "Time, compilation included"
        self.rows.append(Row(section, f"{what}: fits", (float(fits),), form=",.0f"))
        self.rows.append(
            Row(
                section,
                f"{what}: fits a second",
                (fits / seconds,),
                form=",.1f",
                note=f"{seconds:.0f} seconds",
            )
        )


def _pilots(plan: Plan) -> list[Sample]:
    numbers = range(FIRST_PILOT, FIRST_PILOT + plan.pilots)
    return [draw_sample(d, number, PILOT_POINTS) for d in plan.dimensions for number in numbers]


def _trials(
    plan: Plan, designs: Sequence[Design], samples: Sequence[Sample], rates: dict[str, float]
) -> list[Trial]:
    return [
        Trial(design, sample, family, n, rates.get(design.name, 0.0))
        for design in designs
        for n in _sizes(plan, design)
        for sample in samples
        for family in range(len(FAMILIES))
    ]


def _sizes(plan: Plan, design: Design) -> tuple[int, ...]:
    if design == BASE:
        return (*plan.sizes, *plan.more)
    return tuple(n for n in plan.sizes if design.optimizer is not None or n <= plan.most_quasi_newton)


def _run_baseline(
    study: Study,
    name: str,
    predict: Callable[[Sample, int], Array],
    samples: Sequence[Sample],
    progress: bool,
) -> int:
    """Fit a baseline to every sample and size; the number of functions fitted."""
    errors = study.of(name)
    for sample in tracked(samples, name, progress):
        for n in study.all_sizes:
            predicted = predict(sample, n)
            for family in range(len(FAMILIES)):
                place = (family, *study.place(sample.d, n), sample.draw)
                errors[place] = sample.errors(predicted[:, family], family)
    return len(samples) * len(study.all_sizes) * len(FAMILIES)


def _run_away_remark(fits: int) -> str:
    if not fits:
        return ""
    return f" {counted(fits, 'fit')} ran away to huge but finite numbers, and into the means they enter as they are."


def _rates_remark(plan: Plan, rates: dict[str, float]) -> str:
    chosen = ", ".join(f"{name.replace(':', '')} {rate:g}" for name, rate in rates.items())
    return (
        f"{plan.steps:,} steps each. The rate of each design is the best of five by the error on {counted(plan.pilots, 'draw')} "
        f"of functions and {PILOT_POINTS} points in each dimension that serve for nothing else: {chosen}."
    )
