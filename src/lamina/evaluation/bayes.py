"""How probable it is that the network is better, practically equal, or worse: the Bayesian correlated t-test.

With differences d_j of errors on splits j = 1..J, a normal likelihood in which two splits have correlation
ρ = n_test / (n_train + n_test), and the usual flat prior, the mean difference μ has a Student t as its posterior,

    μ | d ~ t(J - 1) with location d̄ and scale² = (1/J + ρ/(1 - ρ)) · s²,      ρ/(1 - ρ) = n_test/n_train,

which is the corrected resampled t of `lamina.evaluation.intervals` read as a distribution. Between -rope and +rope the
two models are practically equal.

References
----------
Corani, Benavoli (2015), *A Bayesian approach for comparing cross-validated algorithms on multiple data sets*, Machine
Learning 100; Benavoli, Corani, Demšar, Zaffalon (2017), *Time for a change: a tutorial for comparing multiple
classifiers through Bayesian analysis*, JMLR 18, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from lamina.evaluation.estimate import Estimate

ROPE_SHARE = 0.01
"""Without a margin, two models whose errors differ by less than this share of the reference's are practically equal."""


@dataclass(frozen=True)
class Probabilities:
    """That the network is better by more than the rope, practically equal, or worse by more; they add up to 1."""

    better: float
    equal: float
    worse: float
    rope: float


def region_of_equality(margin: float, reference_error: float) -> float:
    """The half-width of practical equality: the margin, or 1 % of the reference's error where there is none.

    >>> region_of_equality(5.0, 250.0), region_of_equality(0.0, 250.0)
    (5.0, 2.5)
    """
    return margin if margin > 0 else ROPE_SHARE * abs(reference_error)


def posterior_probabilities(difference: Estimate, rope: float) -> Probabilities | None:
    """The posterior's mass below -rope, between, and above +rope; None where the spread is not known.

    Parameters
    ----------
    difference
        (Network's error - reference's error), with the corrected standard error.
    rope
        Half the width of the region of practical equality, in the units of the error; not negative.

    >>> found = posterior_probabilities(Estimate(-2.0, 1.0, 9, ""), rope=0.5)
    >>> round(found.better, 3), round(found.equal, 3), round(found.worse, 3)
    (0.916, 0.067, 0.017)
    """
    if difference.freedom < 1 or not np.isfinite(difference.se):
        return None
    mean, se, freedom = difference.mean, difference.se, difference.freedom
    if se == 0:  # without spread the posterior is one point
        better, worse = float(mean < -rope), float(mean > rope)
    else:
        better, worse = float(stdtr(freedom, (-rope - mean) / se)), float(stdtr(freedom, (mean - rope) / se))
    return Probabilities(better, max(0.0, 1.0 - better - worse), worse, rope)
