"""Wide linear models: small steps from zero reach the minimum-norm solution; SGD's path beside the ridge path."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.equivalence import Rows
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.sgd_minimum_norm_fits import Advance, Array
from lamina.experiments.sgd_minimum_norm_limit import ADAM, Limits, approach, ways
from lamina.experiments.sgd_minimum_norm_path import (
    BATCHES,
    EXACT,
    STEPS,
    Paths,
    hitters_paths,
    simulated_paths,
)
from lamina.experiments.sgd_minimum_norm_theory import worst_ratio

TITLE = "where SGD ends in wide linear models, and the way there beside ridge regression"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.8; Ali, Kolter and "
    "Tibshirani (2019), A continuous-time view of early stopping for least squares."
)
EPOCHS = (1, 10, 100, 1_000, 10_000, 100_000)
TIMES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0)
SHOWN = (0.5, 2.0, 5.0, 20.0, 100.0, 500.0)
DESIGNS = ((100, 50), (50, 100))
PUBLISHED_RATIO, PUBLISHED_BEST = 1.69, 1.22

REMARKS = (
    "The networks are one linear unit without intercept, in double precision, coefficients zero at first but where it is said. "
    "Steps are constant. The simulated predictors are normal with correlation 0.5 to the power of the columns' distance, the "
    "coefficients normal, and the variance of the signal is that of the noise.",
    "What the book says (section 10.8): in wide linear models SGD with a small step leads to the minimum-norm solution with "
    "residuals zero, and the path of SGD is somewhat similar to the ridge path. The first is so to rounding, for full batches "
    "and for batches of eight, as each gradient is a sum of rows: what no row sees is never changed, and stays. "
    "Adam rescales each coefficient's gradient, which leads elsewhere.",
    "Time t is the number of steps times twice the step, as the gradient of the mean squared error is twice that of half of "
    "it; ridge minimises ||y - Xw||² / n + lambda ||w||², and lambda = 1 / t. The theorem: with infinitely small steps the "
    "risk is at most 1.69 times ridge's, at every t, for the prediction risk on average over the coefficients.",
    "Prediction risk is the mean squared distance from the true mean of a new row, noise not included. It is known exactly for "
    "ridge and for gradient flow, given X, on average over coefficients and noise: the ratio in the rows is at its largest over "
    "a fine grid of t. That of SGD is measured. The published 1.22, of the best along each path, is a limit for independent "
    "predictors as n and p grow: ours are correlated and few.",
    "Ten batches an epoch. The gradient of a batch is noisy: the longer the step, the more the coefficients scatter, which the "
    "theorem, on infinitely small steps, says nothing of. Where p > n all batches agree at the end, and the scatter dies out; "
    "where n > p they do not, and SGD goes on wandering about least squares.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Both claims, on simulated rows, and the second on Hitters too."""
    epochs = (1, 100, 1_000) if quick else EPOCHS
    times = (0.5, 5.0, 50.0) if quick else TIMES
    designs = DESIGNS[1:] if quick else DESIGNS
    n_limits, n_draws = (2, 4) if quick else (5, 40)
    steps = STEPS[:1] if quick else STEPS
    clock = time.perf_counter()
    walked = [0]

    def count(advance: Advance, done: int) -> None:
        walked[0] += done
        advance(done)

    total = n_limits * len(epochs) * len(ways(1.0)) + len(times) * (
        len(designs) * n_draws * len(BATCHES) * len(steps) + n_draws * len(steps)
    )
    with counted_up(total, "linear networks", progress) as advance:
        noted = partial(count, advance)
        limits = approach(n_limits, epochs, noted)
        paths = [simulated_paths(n, p, n_draws, times, steps, noted) for n, p in designs]
        hitters = hitters_paths(Rows.hitters(), n_draws, times, steps, noted)
    seconds = time.perf_counter() - clock
    return Findings(
        (*_limit_rows(limits), *_path_rows(paths)),
        (
            *REMARKS,
            f"{counted(walked[0], 'network')} as populations: {seconds:.0f} seconds, compilation included.",
        ),
        tables=(
            _limit_table(limits),
            *(_risk_table(each) for each in paths),
            *(_distance_table(each) for each in (*paths, hitters)),
        ),
        picture=partial(_picture, limits, paths, hitters),
    )


def _limit_rows(limits: Limits) -> Iterator[Row]:
    n, p = limits.shape
    last = f"{limits.epochs[-1]:,} epochs"
    section = f"Relative distance from the limit after {last}, {n} rows and {p} columns; published: what theory says"
    for way in limits.ways:
        distance = tuple(map(float, limits.distances(way)[-1]))
        yield Row(section, way.name, distance, None if way.name == ADAM else 0.0, ".1e")
    section = "The same fits"
    for name, values in limits.facts().items():
        yield Row(
            section, name, tuple(map(float, values.found)), values.expected, ".1e" if values.tiny else ".3f"
        )


def _limit_table(limits: Limits) -> CrossTable:
    n, p = limits.shape
    return CrossTable(
        f"Distance from the minimum-norm solution over its length, median of {counted(limits.n_draws, 'draw')} of {n} rows and "
        f"{p} columns, by epochs; with another start: from the solution nearest to it. Steps are shares of the longest at which "
        "full batches are stable",
        tuple(f"{count:,}" for count in limits.epochs),
        tuple(
            (way.name, tuple(Estimate(float(each)) for each in np.median(limits.distances(way), axis=1)))
            for way in limits.ways
        ),
        ".1e",
    )


def _path_rows(paths: Sequence[Paths]) -> Iterator[Row]:
    section = "Prediction risk of gradient flow at t over that of ridge with lambda = 1 / t"
    yield Row(section, "the theorem's constant", (worst_ratio()[0],), PUBLISHED_RATIO, ".4f")
    for each in paths:
        note = f"at t = {each.flow_worst[1]:.3g}"
        yield Row(
            section, f"{each.name}: largest on the path", (each.flow_worst[0],), PUBLISHED_RATIO, ".3f", note
        )
        yield Row(section, f"{each.name}: best over best", (each.flow_best,), PUBLISHED_BEST, ".3f")
    section = "The same measured: SGD's mean risk over ridge's on the same data"
    for each in paths:
        for way in each.ways:
            ratio, t, error = each.measured_worst(way)
            note = f"± {error:.3f} at t = {t:g}"
            yield Row(section, f"{each.name}: {way.name}", (ratio,), PUBLISHED_RATIO, ".3f", note)


def _risk_table(paths: Paths) -> CrossTable:
    exact = {f"{which}, exact": paths.exact(which) for which in EXACT}
    return _along(
        paths,
        f"Prediction risk along the path, {paths.name}, {counted(paths.n_draws, 'draw')} ± standard error, by t = 1 / lambda",
        {
            "ridge": paths.risks(paths.ridge),
            **{way.name: paths.risks(paths.walked[way]) for way in paths.ways},
            **{name: values[:, None] for name, values in exact.items()},
        },
    )


def _distance_table(paths: Paths) -> CrossTable:
    first = paths.ways[0]
    return _along(
        paths,
        f"Distance of the coefficients from ridge over the length of ridge's, {paths.name}, ± standard error, by t = 1 / lambda; "
        "nearest: from the nearest point of the ridge path; the path's end: least squares of minimum norm",
        {
            **{way.name: paths.distances(paths.walked[way]) for way in paths.ways},
            f"{first.name}, nearest": paths.nearest(paths.walked[first]),
            "flow, exact": paths.distances(paths.flow),
            "the path's end": paths.distances(paths.ends),
        },
    )


def _along(paths: Paths, title: str, lines: Mapping[str, Array]) -> CrossTable:
    """Values of shape (times, draws) as means at some of the times."""
    places = [place for place, t in enumerate(paths.times) if t in SHOWN]
    return CrossTable(
        title,
        tuple(f"{paths.times[place]:g}" for place in places),
        tuple(
            (name, tuple(Estimate.of(values[place]) for place in places)) for name, values in lines.items()
        ),
        ".2f",
    )


def _picture(limits: Limits, paths: Sequence[Paths], hitters: Paths, path: object) -> None:
    from lamina.experiments.sgd_minimum_norm_picture import draw

    draw(path, limits, paths, hitters)
