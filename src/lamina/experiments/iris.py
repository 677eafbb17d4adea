"""Three species of iris by a multi-layer perceptron with early stopping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets import load_dataset
from lamina.estimators import EarlyStopping, NeuralClassifier
from lamina.experiments.measures import error_percent, interval_text
from lamina.experiments.progress import tracked
from lamina.experiments.report import Confusion, Findings, Row
from lamina.experiments.splits import Rows, Split
from lamina.layers import Dense
from lamina.training import Momentum

TITLE = "three species by a multi-layer perceptron with early stopping"
SOURCE = (
    "A lecture's example after Marsland, Machine Learning: An Algorithmic Perspective, chapter 4: half of the rows to train "
    "on, a quarter to stop by, a quarter to test on."
)

Array = NDArray[np.float64]
Names = NDArray[np.object_]
HIDDEN = (Dense(5, "sigmoid"),)
MOST_EPOCHS, PATIENCE = 2000, 100
LOGISTIC, LDA, NETWORK = "logistic regression", "discriminant analysis", "network"

REMARKS = (
    "No published value is given for this example: ours stand alone, beside two linear classifiers.",
    "The network: 5 sigmoid units and softmax, full batches, momentum 0.9 at the rate 0.1, at most 2,000 epochs, ended when the "
    "loss on the quarter to stop by has not improved for 100; the best weights are kept. Measurements are standardised.",
    "Logistic regression (scikit-learn's, with its default penalty) and discriminant analysis need no rows to stop by, and are "
    "fitted on both the half and the quarter: every model has the same 112 rows to learn from.",
    "One flower of the 38 test rows is 2.6 per cent: on one split the three are not to be told apart.",
)


@dataclass(frozen=True, eq=False)
class ThreeWay:
    """Rows to train on, to stop by, and to test on."""

    train: Rows
    stop: Rows
    test: Rows

    @classmethod
    def at_random(cls, n: int, number: int) -> ThreeWay:
        """A half, a quarter and the rest.

        >>> parts = ThreeWay.at_random(150, 0)
        >>> len(parts.train), len(parts.stop), len(parts.test)
        (75, 37, 38)
        """
        order = np.random.default_rng([2, number]).permutation(n)
        return cls(order[: n // 2], order[n // 2 : n // 2 + n // 4], order[n // 2 + n // 4 :])

    @property
    def learning(self) -> Rows:
        """All rows but the test rows."""
        return np.concatenate([self.train, self.stop])


def fit_logistic(x: Array, y: Names, parts: ThreeWay, _: int) -> Names:
    """Classes that multinomial logistic regression predicts for the test rows."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=5000).fit(x[parts.learning], y[parts.learning])
    return np.asarray(model.predict(x[parts.test]))


def fit_lda(x: Array, y: Names, parts: ThreeWay, _: int) -> Names:
    """Classes that linear discriminant analysis predicts."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    model = LinearDiscriminantAnalysis().fit(x[parts.learning], y[parts.learning])
    return np.asarray(model.predict(x[parts.test]))


def fit_network(x: Array, y: Names, parts: ThreeWay, seed: int) -> Names:
    """Classes that the network predicts."""
    model = NeuralClassifier(
        list(HIDDEN),
        optimizer=Momentum(0.1),
        epochs=MOST_EPOCHS,
        batch_size=len(parts.train),
        early_stopping=EarlyStopping(PATIENCE),
        random_state=seed,
        verbose=False,
    )
    model.fit(x[parts.train], y[parts.train], X_val=x[parts.stop], y_val=y[parts.stop])
    return np.asarray(model.predict(x[parts.test]))


MODELS: dict[str, Callable[[Array, Names, ThreeWay, int], Names]] = {
    LOGISTIC: fit_logistic,
    LDA: fit_lda,
    NETWORK: fit_network,
}


def run(quick: bool, progress: bool) -> Findings:
    """Fit every model on every split."""
    frame = load_dataset("iris").frame
    y = frame.pop("species").to_numpy(object)
    x = frame.to_numpy(np.float64)
    splits = [ThreeWay.at_random(len(y), number) for number in range(3 if quick else 100)]
    predicted: dict[str, list[Names]] = {name: [] for name in MODELS}
    for number, parts in enumerate(tracked(splits, "random splits", progress)):
        for name, fit in MODELS.items():
            predicted[name].append(fit(x, y, parts, number))
    truth = [y[parts.test] for parts in splits]
    errors = {
        name: tuple(error_percent(*pair) for pair in zip(truth, found, strict=True))
        for name, found in predicted.items()
    }
    title = f"The network on the test rows of all {len(splits)} splits"
    confusion = Confusion.of(title, np.concatenate(truth), np.concatenate(predicted[NETWORK]))
    return Findings(tuple(_rows(errors, splits)), REMARKS, (confusion,))


def _rows(errors: dict[str, tuple[float, ...]], splits: Sequence[ThreeWay]) -> Iterator[Row]:
    section = f"{len(splits)} random splits: 75 rows to train on, 37 to stop by, 38 to test on"
    for name, found in errors.items():
        yield Row(section, f"{name}: test error, %", found, form=".2f")
    pairs = [Split(parts.learning, parts.test) for parts in splits]
    for simple in (LOGISTIC, LDA):
        values = tuple(map(float, np.subtract(errors[NETWORK], errors[simple])))
        yield Row(
            section, f"network, minus {simple}", values, form="+.2f", note=interval_text(values, pairs, 2)
        )
