"""The rule of the verdict as a pure function of errors, so that it can be calibrated by simulation.

On every outer split j = 1..J each simple model s has an *inner error* e_sj, measured inside the training rows, and an
error E_sj on the test rows; the network has E_0j. Then

    r_j = argmin_s e_sj,      d_j = E_0j - E_(r_j)j,

so that d_j compares the network with the procedure *take the simple model that looks best inside*, and the test rows
chose nothing. With an interval of the mean of the d_j and a margin m ≥ 0 in the units of the error, the network is

    worth it       if the interval lies wholly below -m,
    not worth it   if it lies wholly above -m,
    cannot tell    otherwise.

The reference is the simple model with the lowest mean inner error. It is recommended unless the network is worth it. Ties
go to the first model, which is the simplest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError, SpecificationError
from lamina.evaluation.bayes import Probabilities, posterior_probabilities, region_of_equality
from lamina.evaluation.estimate import LEVEL, Estimate, corrected_estimate

Answer = Literal["worth it", "not worth it", "cannot tell"]

TIE = 1e-9
"""Errors that differ by less than this share are equal: rounding is no reason to prefer a model."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What the rule says.

    Attributes
    ----------
    answer
        "worth it", "not worth it" or "cannot tell".
    reference
        The simple model with the lowest mean inner error, as a row of ``simple``.
    chosen
        The simple model with the lowest inner error of each split, shape (J,).
    difference
        The network's error minus that of each split's own choice: mean, standard error, degrees of freedom.
    interval
        The interval of the difference, or None where its spread is not known.
    probabilities
        That the network is better, practically equal, worse; None where the spread is not known.
    recommended
        "network", or the reference.
    """

    answer: Answer
    reference: int
    chosen: NDArray[np.intp]
    difference: Estimate
    interval: tuple[float, float] | None
    probabilities: Probabilities | None
    recommended: int | Literal["network"]


def decide(
    network: NDArray[np.float64],
    simple: NDArray[np.float64],
    inner: NDArray[np.float64],
    test_to_train: float,
    *,
    margin: float = 0.0,
    level: float = LEVEL,
) -> Decision:
    """Is the network worth it, given all errors on J splits?

    Parameters
    ----------
    network
        The network's error on each split, shape (J,).
    simple
        Those of the S simple models, shape (S, J), the simplest first.
    inner
        Their inner errors, shape (S, J). A model without a finite error everywhere takes no part.
    test_to_train
        Test rows to training rows of a split, for the correction of Nadeau and Bengio.
    margin
        By how much the network must be better to be worth it, in the units of the error.
    level
        Of the interval.

    Raises
    ------
    DataError
        If shapes disagree, or no simple model has finite errors.
    SpecificationError
        If the margin is negative or no number.

    >>> network = np.array([1.0, 1.1, 0.9, 1.0])
    >>> simple = np.array([[3.0, 3.1, 3.0, 3.2], [2.0, 2.2, 2.1, 2.0]])
    >>> found = decide(network, simple, inner=simple + 0.1, test_to_train=1 / 3)
    >>> found.answer, found.reference, found.recommended
    ('worth it', 1, 'network')
    >>> decide(network, simple, simple, 1 / 3, margin=1.5).answer
    'not worth it'
    """
    if not margin >= 0:
        raise SpecificationError(f"margin={margin!r}: give 0 or a positive number in the units of the error")
    able = _able(network, simple, inner)
    chosen = able[lowest(inner[able])]
    reference = int(able[lowest(inner[able].mean(axis=1))])
    difference = corrected_estimate(network - simple[chosen, np.arange(len(network))], test_to_train)
    interval = difference.interval(level)
    given = answer(interval, margin)
    rope = region_of_equality(margin, float(simple[reference].mean()))
    return Decision(
        given,
        reference,
        chosen,
        difference,
        interval,
        posterior_probabilities(difference, rope),
        "network" if given == "worth it" else reference,
    )


def answer(interval: tuple[float, float] | None, margin: float = 0.0) -> Answer:
    """On which side of -margin the interval of (network's error - reference's error) lies.

    >>> answer((-3.0, -1.0)), answer((1.0, 3.0)), answer((-1.0, 3.0)), answer(None)
    ('worth it', 'not worth it', 'cannot tell', 'cannot tell')
    >>> answer((-3.0, -1.0), margin=2.0), answer((-3.0, -1.0), margin=4.0)
    ('cannot tell', 'not worth it')
    """
    if interval is None or interval[0] <= -margin <= interval[1]:
        return "cannot tell"
    return "worth it" if interval[1] < -margin else "not worth it"


def lowest(errors: NDArray[np.float64]) -> NDArray[np.intp]:
    """The first of the lowest errors along the first axis, rounding aside: (S,) gives one number, (S, J) gives (J,).

    >>> lowest(np.array([[2.0, 1.0], [1.0, 1.0], [1.0 - 1e-12, 2.0]])).tolist()
    [1, 0]
    """
    least = errors.min(axis=0)
    return np.asarray(np.argmax(errors <= least + TIE * np.abs(least), axis=0))


def within_one_se(errors: NDArray[np.float64], ses: NDArray[np.float64]) -> int:
    """The one-standard-error rule: the first model, the simplest, whose error is within one standard error of the lowest.

    References
    ----------
    Breiman, Friedman, Olshen, Stone (1984), *Classification and Regression Trees*, section 3.4.3.

    >>> within_one_se(np.array([5.0, 3.4, 3.0]), np.array([0.1, 0.1, 0.5]))
    1
    """
    best = int(lowest(errors))
    reach = ses[best] if np.isfinite(ses[best]) else 0.0
    return int(np.argmax(errors <= errors[best] + reach))


def _able(
    network: NDArray[np.float64], simple: NDArray[np.float64], inner: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The simple models that can be the reference."""
    if simple.ndim != 2 or simple.shape != inner.shape or network.shape != simple.shape[1:]:
        raise DataError(
            f"network has shape {network.shape}, simple {simple.shape}, inner {inner.shape}: "
            "give (J,), (S, J) and (S, J)"
        )
    able = np.flatnonzero(np.isfinite(simple).all(axis=1) & np.isfinite(inner).all(axis=1))
    if not len(able):
        raise DataError("no simple model has finite errors on all splits: there is nothing to compare with")
    return able
