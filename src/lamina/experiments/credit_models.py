"""The Default data, and models of default on them: logistic regression, linear discriminant analysis, the default network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets import load_dataset
from lamina.estimators import NeuralClassifier
from lamina.estimators.many import Source, Task, fit_many
from lamina.experiments.splits import Split

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
BALANCE, INCOME, STUDENT = "balance", "income", "student"
COLUMNS = (BALANCE, INCOME, STUDENT)
MAJORITY, LOGISTIC, LDA, NETWORK = "share of defaults", "logistic", "LDA", "network"


@dataclass(frozen=True, eq=False)
class Customers:
    """Rows of the Default data.

    Attributes
    ----------
    frame
        Predictors as they come, for the network.
    x
        Balance, income in thousands and whether a student, shape (n, 3).
    y
        Whether the customer defaulted.
    """

    frame: pd.DataFrame
    x: Array
    y: NDArray[np.bool_]

    @classmethod
    def load(cls) -> Customers:
        """All 10,000."""
        return cls.of(load_dataset("default").frame)

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Customers:
        """From a table with the columns of the Default data."""
        x = [frame[BALANCE], frame[INCOME] / 1000, frame[STUDENT] == "Yes"]
        y = (frame["default"] == "Yes").to_numpy()
        return cls(frame.drop(columns="default"), np.column_stack(x).astype(np.float64), y)

    def every(self, step: int) -> Customers:
        """The first customer and every ``step``-th after."""
        return Customers(self.frame.iloc[::step], self.x[::step], self.y[::step])

    def columns(self, *names: str) -> Array:
        """Some of the predictors, shape (n, names)."""
        return self.x[:, [COLUMNS.index(name) for name in names]]


@dataclass(frozen=True, eq=False)
class Linear:
    """A model whose log odds are linear; ``errors`` are the standard errors of intercept and slopes where it has any."""

    intercept: float
    slopes: Array
    errors: Array | None = None

    def probability(self, x: Array) -> Array:
        """Probability of default.

        >>> Linear(0.0, np.ones(1)).probability(np.zeros((1, 1))).tolist()
        [0.5]
        """
        return np.asarray(1 / (1 + np.exp(-(self.intercept + x @ self.slopes))), np.float64)


def logistic_regression(x: Array, y: NDArray[np.bool_]) -> Linear:
    r"""Maximum likelihood by Newton's method; standard errors from the inverse of :math:`X^T W X` (ISLP, section 4.3.2).

    >>> x = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> logistic_regression(x, np.array([True, False, True, False])).probability(x).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    # Standardised columns keep Newton's equations well conditioned; the estimate is turned back below.
    means, scales = x.mean(axis=0), x.std(axis=0)
    design = np.column_stack([np.ones(len(x)), (x - means) / scales])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (fitted * (1 - fitted))[:, None])
        move = np.linalg.solve(information, design.T @ (y - fitted))
        beta = beta + move
        if np.max(np.abs(move)) < 1e-12:
            break
    back = np.diag(np.concatenate([[1.0], 1 / scales]))
    back[0, 1:] = -means / scales
    covariance = back @ np.linalg.inv(information) @ back.T
    estimate = back @ beta
    return Linear(float(estimate[0]), estimate[1:], np.sqrt(np.diag(covariance)))


def discriminant_analysis(x: Array, y: NDArray[np.bool_], lost: int = 2) -> Linear:
    r"""Linear discriminant analysis (ISLP, section 4.4.2): log odds :math:`x^T\Sigma^{-1}(\mu_1-\mu_0)` + a constant.

    Parameters
    ----------
    lost
        Degrees of freedom that the covariance loses: the number of classes in the book (and in R's MASS), none in scikit-learn.
    """
    means = np.array([x[~y].mean(axis=0), x[y].mean(axis=0)])
    residuals = x - means[y.astype(int)]
    covariance = residuals.T @ residuals / (len(x) - lost)
    slopes = np.linalg.solve(covariance, means[1] - means[0])
    share = float(y.mean())
    return Linear(float(np.log(share / (1 - share)) - means.mean(axis=0) @ slopes), slopes)


Fit = Callable[[Array, NDArray[np.bool_]], Linear]
LINEAR: dict[str, Fit] = {LOGISTIC: logistic_regression, LDA: discriminant_analysis}


def linear_probabilities(rows: Customers, splits: Sequence[Split], fit: Fit) -> list[Array]:
    """Probabilities on the test rows of every split, of the model fitted to its training rows."""
    return [fit(rows.x[split.train], rows.y[split.train]).probability(rows.x[split.test]) for split in splits]


def network_probabilities(
    rows: Customers, splits: Sequence[Split], epochs: int | None, advance: Callable[[int], None]
) -> list[Array]:
    """The same of Lamina's default network: all splits are one population.

    Parameters
    ----------
    epochs
        None takes the default.
    """
    queries = [rows.frame.iloc[split.test] for split in splits]
    tasks = [
        Task(
            NeuralClassifier(epochs=epochs, random_state=0, verbose=False),
            Source(rows.frame.iloc[split.train], rows.y[split.train].astype(int), queries=(query,)),
        )
        for split, query in zip(splits, queries, strict=True)
    ]
    results = fit_many(tasks, keep_parameters=False, on_done=lambda done: advance(len(done)))
    for result in results:
        if result.error is not None:
            raise result.error
        if result.estimator is None:
            raise KeyboardInterrupt
    return [
        np.asarray(task.estimator.predict_proba(query)[:, 1], np.float64)
        for task, query in zip(tasks, queries, strict=True)
    ]


def stratified(y: NDArray[np.bool_], count: int, seed: int) -> list[Split]:
    """Rows in ``count`` folds with about the same share of defaults; each is tested once.

    >>> [len(split.test) for split in stratified(np.arange(10) < 5, 5, 0)]
    [2, 2, 2, 2, 2]
    """
    from sklearn.model_selection import StratifiedKFold

    splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
    return [Split(train, test) for train, test in splitter.split(np.zeros((len(y), 1)), y)]
