"""Double descent: ISLP, Figures 10.20 and 10.21, and the same in a network as its width grows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.double_descent_fits import network_curve, spline_curve
from lamina.experiments.double_descent_sample import SIGMA, TRUTH, Curve, N, Sample, median_of
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings, Row

TITLE = "interpolation and beyond, by natural splines and by one hidden layer"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.8, Figures 10.20 and "
    "10.21: Y = sin(X) + N(0, 0.3²), X ~ U[-5, 5], 20 rows."
)

DEGREES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 19, 20, 21, 22, 24, 27, 30, 36, 42, 50, 60, 80)
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256)
EPOCHS = 100_000
SHOWN = (8, 20, 42, 80)
"""Degrees of freedom of the four functions in Figure 10.21."""
ZERO = 1e-12
"""Training errors below are zero but for rounding."""
PUBLISHED_THRESHOLD, PUBLISHED_SIGNAL = 20, 5.9

REMARKS = (
    "The splines are R's ns(x, df = d, intercept = TRUE), knots at quantiles of the training x, least squares by the singular "
    "values, so that beyond d = 20 the coefficients are the smallest that interpolate. The book prints no code: another basis "
    "of the same functions has other smallest coefficients, and another curve beyond 20.",
    "The test error is that of a new row, integrated over X; its floor is 0.09. Means over data sets are ruled by the few whose "
    "spline leaves the picture, between two rows or, straight, beyond the last one: medians, and errors within the range of the "
    "training rows, are the better guides.",
    "What the book says: the training error is zero from d = 20 on; the test error is a U before, extremely large around 20, "
    "comes down, and in the end rises again. So it is here. The heights of its figure can be read off only about, and are not "
    "compared.",
    "The networks: hyperbolic tangents, x and y standardised, full batches, Adam at the rate 0.01 that falls to zero along a "
    f"cosine, {EPOCHS:,} epochs. Weights begin as N(0, 4), biases as U(-4, 4): the units' steps begin all over the range, and "
    "not, as with biases of zero, in the middle of it.",
    "A training error of zero is not quite reached by any width, and the second descent is shallow and depends on the start. We "
    "tried others on a few of the data sets, for their training errors. Rectifiers, from Lamina's own start and with biases "
    "spread, stay far from interpolation, and their median test error has no peak; steeper tangents come nearer, and their test "
    "error stays as high as at its peak; L-BFGS reaches a training error of zero from 64 units on, with test errors in the "
    "thousands at 24 units and of about forty at 256.",
    "The width of the largest error is picked from the same data sets, so that the interval of the last row is too narrow.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit both families to the same data sets."""
    n_splines, n_networks = (10, 3) if quick else (100, 20)
    degrees = (2, 8, 19, 20, 21, 42, 80) if quick else DEGREES
    widths, epochs = ((1, 16), 500) if quick else (WIDTHS, EPOCHS)
    samples = [Sample.draw(number) for number in range(n_splines)]
    with counted_up(n_splines, "natural splines", progress) as advance:
        splines = spline_curve(samples, degrees, advance)
    clock = time.perf_counter()
    with counted_up(n_networks * len(widths), "networks", progress) as advance:
        networks = network_curve(samples[:n_networks], widths, epochs, advance)
    seconds = time.perf_counter() - clock
    return Findings(
        (*_spline_rows(splines), *_network_rows(networks)),
        (*REMARKS, _fits(networks, epochs, seconds)),
        tables=(
            _table(
                f"Natural splines, {n_splines} data sets: mean squared errors ± standard error", "d", splines
            ),
            _table(
                f"Networks, {n_networks} data sets: mean squared errors ± standard error", "units", networks
            ),
        ),
        picture=partial(_picture, samples[0], splines, networks),
    )


def _spline_rows(curve: Curve) -> Iterator[Row]:
    section = f"Natural splines with d degrees of freedom, {N} rows"
    zero = tuple(float(curve.sizes[int(np.argmax(errors < ZERO))]) for errors in curve.training.T)
    yield Row(section, "smallest d with training error zero", zero, PUBLISHED_THRESHOLD, ".0f")
    signal = float(np.var(TRUTH) / SIGMA**2)
    yield Row(section, "variance of sin(X) / that of the noise", (signal,), PUBLISHED_SIGNAL, ".2f")
    before, beyond = curve.best(2, N - 1), curve.best(N + 1, max(curve.sizes))
    about = "median; the figure: about 8"
    yield Row(section, "d of the smallest test error before 20", (float(before),), form=".0f", note=about)
    yield Row(section, "d of the largest test error", (float(curve.worst()),), form=".0f", note="median")
    yield Row(section, "d of the smallest test error beyond 20", (float(beyond),), form=".0f", note="median")


def _network_rows(curve: Curve) -> Iterator[Row]:
    section = "Networks of one hidden layer on the first of the same data sets; medians over them, and pairs"
    largest, widest = curve.worst(), curve.sizes[-1]
    best = curve.best(1, largest)
    yield Row(
        section, "units of the smallest test error", (float(best),), form=".0f", note=f"up to {largest}"
    )
    note = f"{3 * largest + 1} weights for {N} rows"
    yield Row(section, "units of the largest test error", (float(largest),), form=".0f", note=note)
    for size in (best, largest):
        ratios = np.log10(curve.on(widest) / curve.on(size))
        quantity = f"log10 test error, {widest} minus {size} units"
        yield Row(section, quantity, tuple(map(float, ratios)), form="+.2f", note=_interval(ratios))


def _interval(values: Sequence[float] | np.ndarray) -> str:
    """95 % interval of the mean over independent data sets, by Student's t."""
    from scipy.stats import t

    estimate = Estimate.of(values)
    if not estimate.error:
        return ""
    half = t.isf(0.025, len(values) - 1) * estimate.error
    return f"95 % interval {estimate.mean - half:+.2f} to {estimate.mean + half:+.2f}"


def _table(title: str, size: str, curve: Curve) -> CrossTable:
    columns = ("training", "test, median", "test, mean", "the same within rows")
    rows = tuple(
        (
            f"{size} = {number}",
            (Estimate.of(training), median_of(test), Estimate.of(test), Estimate.of(within)),
        )
        for number, training, test, within in zip(
            curve.sizes, curve.training, curve.test, curve.within, strict=True
        )
    )
    return CrossTable(title, columns, rows, ".3f")


def _fits(curve: Curve, epochs: int, seconds: float) -> str:
    count = curve.test.size
    return (
        f"{count} networks, {epochs:,} epochs each, as one population: {seconds:.0f} seconds, compilation included, "
        f"{1000 * seconds / count:.0f} ms a fit."
    )


def _picture(sample: Sample, splines: Curve, networks: Curve, path: object) -> None:
    from lamina.experiments.double_descent_picture import draw

    draw(path, sample, splines, networks, SHOWN)
