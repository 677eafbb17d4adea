"""What a network has to beat: the mean, a polynomial, a radial-basis interpolant."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.genz_sample import Sample

Array = NDArray[np.float64]
PENALTIES = np.logspace(-8, 2, 11)
HIGHEST_DEGREE, MOST_TERMS = 12, 500


def degrees(d: int) -> range:
    """Degrees of polynomials in d variables that have at most 500 terms, at most the twelfth.

    >>> [degrees(d)[-1] for d in (2, 5, 10)]
    [12, 6, 3]
    """
    most = [k for k in range(1, HIGHEST_DEGREE + 1) if math.comb(d + k, k) <= MOST_TERMS]
    return range(1, most[-1] + 1)


def training_mean(sample: Sample, n: int) -> Array:
    """The mean of the n training points everywhere, one column a family."""
    return np.broadcast_to(sample.y[:n].mean(axis=0), sample.y_test.shape)


def polynomial(sample: Sample, n: int) -> Array:
    """Predictions at the test points, one column a family, of a polynomial with a ridge penalty.

    Degree and penalty are those with the smallest leave-one-out error on the n training points, chosen for each family.
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.preprocessing import PolynomialFeatures

    best = np.full(sample.y.shape[1], -np.inf)
    predicted = np.empty_like(sample.y_test)
    for degree in degrees(sample.d):
        terms = PolynomialFeatures(degree, include_bias=False)
        features = terms.fit_transform(2 * sample.x[:n] - 1)
        model = RidgeCV(PENALTIES, alpha_per_target=True).fit(features, sample.y[:n])
        better = model.best_score_ > best
        best[better] = model.best_score_[better]
        predicted[:, better] = model.predict(terms.transform(2 * sample.x_test - 1))[:, better]
    return predicted


def radial_basis(sample: Sample, n: int) -> Array:
    """Predictions of SciPy's RBFInterpolator as it comes: a thin-plate spline with a linear trend.

    The trend needs d + 1 points; where there are fewer, the kernel -r with a constant takes its place.
    """
    from scipy.interpolate import RBFInterpolator

    kernel = "thin_plate_spline" if n > sample.d else "linear"
    return np.asarray(RBFInterpolator(sample.x[:n], sample.y[:n], kernel=kernel)(sample.x_test))
