"""Shapley values: the mean contribution of an input over all orders in which inputs could become known."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.attribution.method import Method, check_whole_number
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.seating import seated
from lamina.explain.attribution.windows import check_window

MOST_EXACT = 10
"""Inputs up to which every subset is asked for: 1,024 of them."""
SAMPLES = 64

Worth = Callable[[np.ndarray], np.ndarray]
"""Values (m,) of coalitions (m, inputs)."""


@dataclass(frozen=True, eq=False, repr=False)
class Shapley(Method):
    r"""The only shares that add up, treat equal inputs equally, give nothing to what does nothing, and are linear in the model.

    .. math:: a_j = \sum_{S \not\ni j} \frac{|S|!\,(k - |S| - 1)!}{k!} \big(v(S \cup j) - v(S)\big),
        \qquad v(S) = \frac1B \sum_b f(x_S, b_{\bar S})

    v is the mean output where the inputs in S are those of the row and the others those of background rows (interventional).
    The base value is v of no inputs. Inputs are columns of a table, windows of an image, words of a document. Any
    estimator will do, for it is only asked for predictions.

    Parameters
    ----------
    samples
        Orders that are drawn, an even number, each with its reverse (antithetic); standard errors say how exact the means are,
        which add up exactly all the same. None asks for every subset of up to 10 inputs, and draws 64 orders of more.
    background
        Rows of a table that stand for what is unknown; None takes those of X, at most 100. Of images an image, several, or a
        number; None is black. Unknown words are left out.
    window
        Height and width of the parts of an image, one number for both; None takes a seventh of the longer side.
    random_state
        Seed of the orders and of the background rows.

    Raises
    ------
    SpecificationError
        For an odd number of samples, or a window that means nothing.

    Source: Shapley, "A value for n-person games", 1953; Lundberg and Lee, "A unified approach to interpreting model predictions",
    2017; Janzing, Minorics and Blöbaum, "Feature relevance quantification in explainable AI", 2020 (interventional); Mitchell et
    al., "Sampling permutations for Shapley value estimation", 2022 (antithetic).

    >>> from sklearn.linear_model import LinearRegression
    >>> from lamina.explain import attribute
    >>> X = np.array([[0.0, 0.0], [2.0, 1.0], [1.0, 5.0]])
    >>> model = LinearRegression().fit(X, X @ [3.0, 1.0])
    >>> (attribute(model, X, "shapley").attributions.round(6) + 0.0).tolist()
    [[-3.0, -2.0], [3.0, -1.0], [0.0, 3.0]]
    """

    name: ClassVar[str] = "shapley"

    samples: int | None = None
    background: Any = None
    window: Any = None
    random_state: int = 0

    def __post_init__(self) -> None:
        if self.samples is not None:
            check_whole_number("Shapley", "samples", self.samples, 2, SAMPLES)
            if self.samples % 2:
                raise SpecificationError(
                    f"Shapley(samples={self.samples}): orders come in pairs, each with its reverse: take {self.samples + 1}."
                )
        check_window("Shapley", "window", self.window)
        check_whole_number("Shapley", "random_state", self.random_state, 0, 0)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        at = seated(
            model,
            X,
            target,
            self.name,
            background=self.background,
            window=self.window,
            seed=self.random_state,
        )
        n = at.players.shape[0]
        values, errors, base = np.zeros(at.players.shape), np.zeros(at.players.shape), np.zeros(n)
        rng = np.random.default_rng(self.random_state)
        sampled = False
        for row in range(n):
            worth = functools.partial(at.worth, row)
            found, spread, base[row] = self._shares(worth, at.players.count(row), rng)
            values[row] = at.players.spread(row, found)
            if spread is not None:
                sampled, errors[row] = True, at.players.spread(row, spread)
        return at.result(self, values, base_value=base, standard_errors=errors if sampled else None)

    def _shares(
        self, worth: Worth, inputs: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray | None, float]:
        """Shares of one row's inputs, their standard errors where they are sampled, and the value of none."""
        if inputs == 0:
            return np.zeros(0), None, float(worth(np.zeros((1, 0), bool))[0])
        if self.samples is None and inputs <= MOST_EXACT:
            found, base = exact_shares(worth, inputs)
            return found, None, base
        return sampled_shares(worth, inputs, self.samples or SAMPLES, rng)


def exact_shares(worth: Worth, inputs: int) -> tuple[np.ndarray, float]:
    """Shapley values from the values of all subsets, and the value of none.

    >>> exact_shares(lambda known: known[:, 0] * 4.0 + known[:, 0] * known[:, 1] * 2.0, 2)
    (array([5., 1.]), 0.0)
    """
    subsets = np.arange(1 << inputs)
    known = (subsets[:, None] >> np.arange(inputs)) & 1 == 1
    value, sizes = worth(known), known.sum(axis=1)
    weights = np.array([1 / (inputs * math.comb(inputs - 1, size)) for size in range(inputs)])
    shares = np.zeros(inputs)
    for j in range(inputs):
        without = subsets[~known[:, j]]
        shares[j] = np.sum(weights[sizes[without]] * (value[without | (1 << j)] - value[without]))
    return shares, float(value[0])


def sampled_shares(
    worth: Worth, inputs: int, samples: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean contributions over random orders and their reverses, standard errors, and the value of none."""
    orders = np.stack([rng.permutation(inputs) for _ in range(samples // 2)])
    orders = np.stack([orders, orders[:, ::-1]], axis=1).reshape(samples, inputs)
    places = np.argsort(orders, axis=1)
    ends = worth(np.stack([np.zeros(inputs, bool), np.ones(inputs, bool)]))
    known = places[:, None, :] < np.arange(1, inputs)[None, :, None]
    between = (
        worth(known.reshape(-1, inputs)).reshape(samples, inputs - 1)
        if inputs > 1
        else np.zeros((samples, 0))
    )
    value = np.column_stack([np.full(samples, ends[0]), between, np.full(samples, ends[1])])
    contributions = np.take_along_axis(np.diff(value, axis=1), places, axis=1)
    pairs = contributions.reshape(samples // 2, 2, inputs).mean(axis=1)
    spread = pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs)) if len(pairs) > 1 else np.full(inputs, np.nan)
    return contributions.mean(axis=0), spread, float(ends[0])
