"""Both families on the same data sets: natural splines by least squares, networks as one population."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.double_descent_sample import GRID, Curve, Sample, expected_error, training_error
from lamina.experiments.splines import NaturalSplines, smallest_coefficients
from lamina.layers import Dense
from lamina.layers.containers import Sequential
from lamina.layers.initializers import Normal, Uniform
from lamina.networks import with_output
from lamina.training import Adam, DataSet, Member, Outcome, Settings, SquaredError, fit_population, pad_rows
from lamina.training.schedules import Cosine

Array = NDArray[np.float64]
STEEPNESS, SPREAD = 2.0, 4.0
"""Standard deviation of the first weights, bound of the first biases: steps all over the range, and not all in its middle."""
RATE = 0.01


def spline_curve(samples: Sequence[Sample], sizes: Sequence[int], advance: Callable[[int], None]) -> Curve:
    """Natural splines of every number of degrees of freedom, by least squares of minimum norm."""
    fitted = []
    for sample in samples:
        fitted.append([_spline(sample, d) for d in sizes])
        advance(1)
    return _curve(samples, sizes, fitted)


def network_curve(
    samples: Sequence[Sample], widths: Sequence[int], epochs: int, advance: Callable[[int], None]
) -> Curve:
    """One hidden layer of every width on every data set: all fits are one population."""
    settings = Settings(Adam(Cosine(RATE)), epochs=epochs, batch_size=None)
    members = [
        Member(network(width), SquaredError(), settings, seed=number, data=number)
        for width in widths
        for number in range(len(samples))
    ]
    outcomes = fit_population(
        members, [_data(sample) for sample in samples], on_done=lambda done: advance(len(done))
    )
    answers = [
        _answers(outcome, samples[member.data]) for outcome, member in zip(outcomes, members, strict=True)
    ]
    by_width = [answers[start : start + len(samples)] for start in range(0, len(answers), len(samples))]
    return _curve(samples, widths, list(zip(*by_width, strict=True)))


def network(width: int) -> Sequential:
    """x, a hidden layer of hyperbolic tangents, a linear unit."""
    hidden = Dense(width, "tanh", weight_init=Normal(STEEPNESS), bias_init=Uniform(SPREAD))
    return with_output([hidden], 1, "linear")


def _spline(sample: Sample, d: int) -> tuple[Array, Array]:
    """The fitted function at the rows and on the grid."""
    basis = NaturalSplines.on(sample.x, d)
    at_rows = basis(sample.x)
    coefficients = smallest_coefficients(at_rows, sample.y)
    return at_rows @ coefficients, basis(GRID) @ coefficients


def _scaled(sample: Sample, x: Array) -> NDArray[np.float32]:
    scaled = (x - sample.x.mean()) / sample.x.std()
    return np.asarray(scaled[:, None], np.float32)


def _data(sample: Sample) -> DataSet:
    x = _scaled(sample, sample.x)
    y = (sample.y - sample.y.mean()) / sample.y.std()
    return DataSet(pad_rows(x, y[:, None].astype(np.float32), None), None, (x, _scaled(sample, GRID)))


def _answers(outcome: Outcome, sample: Sample) -> tuple[Array, Array]:
    if outcome.error is not None:
        raise outcome.error
    if outcome.fitted is None:
        raise KeyboardInterrupt
    at_rows, on_grid = (
        sample.y.mean() + sample.y.std() * answer[:, 0].astype(np.float64) for answer in outcome.answers
    )
    return at_rows, on_grid


def _curve(
    samples: Sequence[Sample], sizes: Sequence[int], fitted: Sequence[Sequence[tuple[Array, Array]]]
) -> Curve:
    """Errors of functions that stand by data set and size."""
    pairs = list(zip(samples, fitted, strict=True))
    training = [[training_error(sample, at_rows) for at_rows, _ in each] for sample, each in pairs]
    test = [[expected_error(on_grid) for _, on_grid in each] for _, each in pairs]
    within = [
        [expected_error(on_grid, sample.x.min(), sample.x.max()) for _, on_grid in each]
        for sample, each in pairs
    ]
    functions = np.array([on_grid for _, on_grid in fitted[0]])
    return Curve(tuple(sizes), np.array(training).T, np.array(test).T, np.array(within).T, functions)
