"""Models that are least squares with one quadratic penalty on every split at once: linear, ridge, and a spline GAM."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from lamina.experiments.calibration_draws import Batch, Design, Predictions
from lamina.experiments.calibration_truths import Array

PENALTIES = np.logspace(-5, 3, 21)
"""λ of the mean squared error + λ Σβ², among which leave-one-out error chooses."""
SPLINE_PENALTIES = np.logspace(-4, 2, 13)
DEGREES = 5
"""Functions a predictor has in the GAM, its line included."""
LINE = 100.0
"""How much larger the lines of the GAM are scaled than its curves, so that the penalty is on the curves."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Coefficients of every split: of all its training rows (T, k), and of each inner fold (T, I, k); means to centre by."""

    weights: Array
    inner: Array
    centre: Array
    level: Array
    inner_centre: Array
    inner_level: Array


def mean(batch: Batch, design: Design) -> Predictions:
    """The mean of the training rows."""
    level = batch.y[:, design.train].mean(axis=2)
    held = batch.y[:, design.held]
    inner = (held.sum(axis=(2, 3))[..., None] - held.sum(axis=3)) / (held[0, 0].size - held.shape[3])
    return Predictions(
        np.repeat(level[..., None], design.test.shape[1], axis=2),
        np.repeat(level[..., None], batch.fresh.shape[1], axis=2),
        np.repeat(inner[..., None], design.held.shape[2], axis=3),
    )


def linear(batch: Batch, design: Design) -> Predictions:
    """Least squares."""
    return _over(batch, design, batch.x, batch.fresh, np.zeros(1))


def ridge(batch: Batch, design: Design) -> Predictions:
    """Ridge regression, λ by the leave-one-out error of the training rows."""
    return _over(batch, design, batch.x, batch.fresh, PENALTIES)


def gam(batch: Batch, design: Design) -> Predictions:
    """A natural cubic spline in each predictor, its roughness penalised, one λ by leave-one-out error."""
    return _over(batch, design, splines(batch.x), splines(batch.fresh), SPLINE_PENALTIES)


def _over(batch: Batch, design: Design, z: Array, fresh: Array, penalties: Array) -> Predictions:
    """One draw after the other."""
    found = []
    for place in range(len(batch)):
        fitted = fit_splits(z[place], batch.y[place], design, penalties)
        found.append(
            (
                _predict(z[place][design.test], fitted.weights, fitted.centre, fitted.level),
                _predict(fresh[place][None], fitted.weights, fitted.centre, fitted.level),
                _predict(z[place][design.held], fitted.inner, fitted.inner_centre, fitted.inner_level),
            )
        )
    return Predictions(*(np.stack(each) for each in zip(*found, strict=True)))


def _predict(z: Array, weights: Array, centre: Array, level: Array) -> Array:
    shift = level - (centre * weights).sum(axis=-1)
    return np.asarray((z @ weights[..., None])[..., 0] + shift[..., None])


def fit_splits(z: Array, y: Array, design: Design, penalties: Array) -> Fitted:
    r"""Minimise :math:`\sum (y_i - \beta_0 - z_i'\beta)^2 / m + \lambda |\beta|^2` on every split, λ by leave-one-out error.

    The inner folds keep the λ that their outer training rows chose, as the library's ``chosen`` does.
    """
    blocks = Moments.of(z[design.held], y[design.held])
    whole = blocks.total()
    centre, level, gram, cross = whole.centred()
    values, vectors = np.linalg.eigh(gram)
    rotated = (np.swapaxes(vectors, 1, 2) @ cross[..., None])[..., 0]
    chosen = np.full(len(gram), penalties[0])
    if len(penalties) > 1:
        rows = (z[design.train] - centre[:, None]) @ vectors
        chosen = _best_penalty(rows, y[design.train] - level[:, None], values, rotated, penalties)
    shrunk = rotated / (np.maximum(values, 0) + chosen[:, None] * whole.count + _tiny(values))
    weights = (vectors @ shrunk[..., None])[..., 0]
    inner = blocks.others(whole)
    inner_centre, inner_level, gram, cross = inner.centred()
    diagonal = chosen[:, None] * inner.count + _tiny(values)
    system = gram + diagonal[..., None, None] * np.eye(gram.shape[-1])
    inner_weights = np.linalg.solve(system, cross[..., None])[..., 0]
    return Fitted(weights, np.asarray(inner_weights, np.float64), centre, level, inner_centre, inner_level)


def _tiny(values: Array) -> Array:
    """A penalty that keeps a system of fewer rows than columns solvable, and changes no other."""
    return np.asarray(1e-10 * values[:, -1:])


def _best_penalty(rows: Array, y: Array, values: Array, rotated: Array, penalties: Array) -> Array:
    """The λ of least leave-one-out error of every split, from rows (T, m, k) in the eigenvectors' directions."""
    m = rows.shape[1]
    inverse = 1 / (np.maximum(values, 0)[..., None] + penalties * m + _tiny(values)[..., None])
    residuals = y[..., None] - rows @ (rotated[..., None] * inverse)
    leverage = 1 / m + np.square(rows) @ inverse
    errors = np.square(residuals / (1 - np.minimum(leverage, 1 - 1e-9))).mean(axis=1)
    return np.asarray(penalties[errors.argmin(axis=1)])


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over blocks of rows: of z (..., k), y (...), zz' (..., k, k) and zy (..., k); ``count`` rows each."""

    count: int
    z: Array
    y: Array
    zz: Array
    zy: Array

    @classmethod
    def of(cls, z: Array, y: Array) -> Moments:
        """Of rows z (..., m, k) and outcomes (..., m)."""
        flipped = np.swapaxes(z, -1, -2)
        return cls(z.shape[-2], z.sum(axis=-2), y.sum(axis=-1), flipped @ z, (flipped @ y[..., None])[..., 0])

    def total(self) -> Moments:
        """Over all blocks of a split; they stand on the last axis but those of the columns."""
        z, y, zz, zy = self.z.sum(axis=-2), self.y.sum(axis=-1), self.zz.sum(axis=-3), self.zy.sum(axis=-2)
        return Moments(self.count * self.y.shape[-1], z, y, zz, zy)

    def others(self, whole: Moments) -> Moments:
        """Of all blocks but one."""
        return Moments(
            whole.count - self.count,
            whole.z[..., None, :] - self.z,
            whole.y[..., None] - self.y,
            whole.zz[..., None, :, :] - self.zz,
            whole.zy[..., None, :] - self.zy,
        )

    def centred(self) -> tuple[Array, Array, Array, Array]:
        """Means of z and y, and the sums of squares and products about them."""
        z, y = self.z / self.count, self.y / self.count
        gram = self.zz - self.count * z[..., :, None] * z[..., None, :]
        return z, y, gram, self.zy - self.count * z * y[..., None]


@cache
def _spline_basis() -> tuple[Array, Array]:
    """Points, and at them a predictor's functions, from its line to its wiggliest, each scaled by its roughness."""
    from scipy.interpolate import CubicSpline
    from scipy.stats import norm

    knots = norm.ppf(np.linspace(0.01, 0.99, DEGREES + 1))
    points = np.linspace(-5, 5, 2001)
    curves = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")
    inside = np.clip(points, knots[0], knots[-1])
    beyond = (points - inside)[:, None]
    values = curves(inside) + beyond * np.where(beyond < 0, curves(knots[0], 1), curves(knots[-1], 1))
    density = norm.pdf(points) / norm.pdf(points).sum()
    values -= density @ values
    gram = (values * density[:, None]).T @ values
    second = curves(inside, 2) * (beyond == 0)
    rough = (second * density[:, None]).T @ second
    scales, directions = np.linalg.eigh(gram)
    kept = directions[:, 1:] / np.sqrt(scales[1:])  # the constant has no variance
    wiggle, turned = np.linalg.eigh(kept.T @ rough @ kept)
    size = np.concatenate([[LINE], np.sqrt(wiggle[1] / wiggle[1:])])
    return points, values @ kept @ turned * size


def splines(x: Array) -> Array:
    """The functions of every predictor, shape (..., 12 times DEGREES)."""
    points, values = _spline_basis()
    columns = [np.interp(x, points, values[:, each]) for each in range(values.shape[1])]
    return np.concatenate(columns, axis=-1)
