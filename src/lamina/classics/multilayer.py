"""The multi-layer perceptron, learnt by back-propagation of the error."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags, RegressorTags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.classics.checks import checked_count, checked_number, checked_word
from lamina.classics.fitting import Plan, Table, run
from lamina.classics.learning import History, Learner
from lamina.classics.outputs import OUTPUTS, Output
from lamina.classics.propagation import forward, with_bias
from lamina.classics.starting import drawn_weights, given_weights
from lamina.classics.targets import check_targets, indicators, known_classes
from lamina.errors import DataError

Array = NDArray[Any]
UPDATING = {"batch": None, "sequential": 1}
"""Rows a step by word; None for all."""


def _classifies(model: MultiLayerPerceptron) -> bool:
    return OUTPUTS[model.output].classifies if model.output in OUTPUTS else True


class MultiLayerPerceptron(BaseEstimator):  # type: ignore[misc]
    r"""Layers of sigmoid units and an output layer: a classifier, or with ``output="linear"`` a regressor.

    .. math:: a_k = \frac{1}{1 + \exp(-\beta h_k)}, \qquad h_k = \sum_j w_{jk}\,a_j - \theta_k

    .. math:: \Delta w(t) = \eta\,\frac{\partial \bar E}{\partial w} + m\,\Delta w(t-1), \qquad w \leftarrow w - \Delta w(t)

    Ē is the mean over the rows of a step of E, which belongs to the output. X is best standardised before; nothing here does it.

    Parameters
    ----------
    hidden : int or sequence of int, default 10
        Units of each hidden layer; an empty sequence leaves the output layer alone.
    output : {"softmax", "logistic", "logistic_squares", "linear"}, default "softmax"
        ============================ ================================= ============================ ==================
        output                       y_k                               E of a row                   δ_k = ∂E/∂h_k
        ============================ ================================= ============================ ==================
        softmax                      exp(h_k) / Σ_m exp(h_m)           -Σ t log y                   y - t
        logistic                     1 / (1 + exp(-β h_k))             -Σ t log y + (1-t) log(1-y)  β (y - t)
        logistic_squares (the book)  1 / (1 + exp(-β h_k))             ½ Σ (y - t)²                 β (y - t) y (1 - y)
        linear                       h_k                               ½ Σ (y - t)²                 y - t
        ============================ ================================= ============================ ==================

        Logistic outputs have one unit for two classes, otherwise, like softmax, one for each class.
    beta : float, default 1.0
        Steepness β of the sigmoids.
    updating : {"batch", "sequential"} or int, default "batch"
        A step on all rows, on each row, or on this number of rows.
    learning_rate, momentum : float, default 0.1 and 0.9
        η and m.
    epochs : int, default 1000
    shuffle : bool, default True
        Whether each epoch takes the rows in a new random order; in batch there is none.
    early_stopping : bool, default False
        Hold back a random share of the rows, and end when their error twice has no longer fallen; the best weights are kept.
        Validation rows that are given to ``fit`` have the same effect.
    validation_fraction : float, default 0.25
    check_every : int, default 10
        Epochs between looks at the validation rows.
    tol : float, default 0.0
        A fall of the validation error that does not count.
    initial_weights : list of arrays or None
        A table (inputs + 1, units) for each layer, the last row for the bias input -1. Otherwise uniform in ±1/√inputs.
    random_state : int, RandomState or None

    Attributes
    ----------
    weights_ : list of arrays (inputs + 1, units)
        The last row holds the thresholds θ.
    coefs_, intercepts_ : lists of arrays
        The same as scikit-learn writes them: weights, and biases -θ.
    history_ : History
        ``error``, ``validation_error``, ``best_epoch``, ``stopped``.
    n_iter_ : int
        Epochs.
    classes_ : array of shape (classes,)
        Of a classifier.

    Raises
    ------
    SpecificationError
        A parameter that means nothing.
    DataError
        One class only; validation rows that do not fit; too few rows to hold some back.
    DivergenceError
        The error left the finite numbers.
    ValueError
        As scikit-learn does, for missing or infinite values, no rows, X and y of different lengths, text in X.

    Notes
    -----
    The compiled engine's losses are means over K output units too, and its squared error has no ½. Its updates are these for the
    rate η of ``"softmax"``, ηK of ``"logistic"`` and ηK/2 of ``"linear"``. A steepness β is one of 1 with weights βw, whose
    rate is β²η; momentum is the same.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986; Marsland, *Machine
    Learning: An Algorithmic Perspective*, chapter 4.

    Examples
    --------
    >>> X, XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = MultiLayerPerceptron(2, output="logistic", learning_rate=0.5, random_state=0).fit(X, XOR)
    >>> model.predict(X).tolist()
    [0, 1, 1, 0]
    """

    classes_: Array

    def __init__(
        self,
        hidden: Any = 10,
        output: str = "softmax",
        *,
        beta: float = 1.0,
        updating: str | int = "batch",
        learning_rate: float = 0.1,
        momentum: float = 0.9,
        epochs: int = 1000,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.25,
        check_every: int = 10,
        tol: float = 0.0,
        initial_weights: Any = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.output = output
        self.beta = beta
        self.updating = updating
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.epochs = epochs
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.check_every = check_every
        self.tol = tol
        self.initial_weights = initial_weights
        self.random_state = random_state

    def fit(self, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Self:
        """Learn from rows X, (n, p), and an outcome y, (n,), or (n, outputs) with ``output="linear"``.

        With validation rows ``X_val`` and ``y_val`` these decide when to stop, and none are held back.
        """
        output = OUTPUTS[checked_word("output", self.output, OUTPUTS)]
        rng = check_random_state(self.random_state)
        plan = self._plan(rng)
        rows = self._rows(X, y, reset=True)
        if (X_val is None) != (y_val is None):
            raise DataError("X_val and y_val belong together, and one of them is missing.")
        validation = None if X_val is None else self._rows(X_val, y_val, reset=False)
        units = [rows[0].shape[1] - 1, *self._hidden_units(), rows[1].shape[1]]
        dtype = rows[0].dtype
        weights = (
            drawn_weights(units, dtype, rng)
            if self.initial_weights is None
            else given_weights(self.initial_weights, units, dtype)
        )
        if validation is None and self.early_stopping:
            rows, validation = self._hold_back(rows, rng)
        learner = self._learner(weights, output)
        self.history_: History = run(learner, rows, validation, plan)
        self.weights_, self.n_iter_ = learner.weights, len(self.history_)
        return self

    def _plan(self, rng: np.random.RandomState) -> Plan:
        given = self.updating
        rows_a_step = (
            UPDATING[checked_word("updating", given, UPDATING)]
            if isinstance(given, str)
            else checked_count("updating", given)
        )
        epochs, check_every = (
            checked_count("epochs", self.epochs),
            checked_count("check_every", self.check_every),
        )
        tol = checked_number("tol", self.tol, 0, low_too=True)
        return Plan(epochs, rows_a_step, rng if self.shuffle else None, check_every, tol)

    def _learner(self, weights: list[Array], output: Output) -> Learner:
        beta, rate = (
            checked_number("beta", self.beta, 0),
            checked_number("learning_rate", self.learning_rate, 0),
        )
        return Learner(
            weights, beta, output, rate, checked_number("momentum", self.momentum, 0, 1, low_too=True)
        )

    def _hidden_units(self) -> list[int]:
        given = [self.hidden] if np.ndim(self.hidden) == 0 else list(self.hidden)
        return [checked_count("hidden", units) for units in given]

    def _rows(self, X: Any, y: Any, *, reset: bool) -> Table:
        """Checked rows with their bias input, and targets, (n, outputs)."""
        regression = not _classifies(self)
        kind = {"y_numeric": regression, "multi_output": regression}
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), reset=reset, **kind)
        if reset and not regression:
            self.classes_ = known_classes(y)
        if reset:
            self._columns = y.ndim
        t = check_targets(y, self._columns) if regression else indicators(y, self.classes_, self._one_unit())
        return with_bias(X), t.astype(X.dtype)

    def _one_unit(self) -> bool:
        return len(self.classes_) == 2 and self.output != "softmax"

    def _hold_back(self, rows: Table, rng: np.random.RandomState) -> tuple[Table, Table]:
        share, n = checked_number("validation_fraction", self.validation_fraction, 0, 1), len(rows[0])
        held = max(1, round(share * n))
        if held >= n:
            raise DataError(
                f"early stopping holds back a share {share} of the rows, and n_samples={n} leaves none to train on: give more "
                "rows, or early_stopping=False."
            )
        order = rng.permutation(n)
        validation, training = ((rows[0][part], rows[1][part]) for part in (order[:held], order[held:]))
        return training, validation

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, (inputs, units)."""
        return [w[:-1] for w in self.weights_]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, (units,): the thresholds with the other sign."""
        return [-w[-1] for w in self.weights_]

    def activations(self, X: Any) -> list[Array]:
        """Activations of each hidden layer and, last, of the output layer, (n, units)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        inputs, y = forward(self.weights_, with_bias(X), self.beta, OUTPUTS[self.output])
        return [*(a[:, :-1] for a in inputs[1:]), y]

    def predict(self, X: Any) -> Array:
        """Class of each row, (n,); of a regressor y, of the shape that y had in ``fit``."""
        if _classifies(self):
            check_is_fitted(self)
            predicted: Array = self.classes_[self.predict_proba(X).argmax(axis=1)]
            return predicted
        y = self.activations(X)[-1]
        return y[:, 0] if self._columns == 1 else y

    @available_if(_classifies)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """Probabilities, (n, classes); those of several logistic units are divided by their sum."""
        y = self.activations(X)[-1]
        if self._one_unit():
            return np.hstack([1 - y, y])
        probabilities: Array = y / np.maximum(y.sum(axis=1, keepdims=True), np.finfo(y.dtype).tiny)
        return probabilities

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Share of the rows that are right; of a regressor R²."""
        from sklearn.metrics import accuracy_score, r2_score

        measure = accuracy_score if _classifies(self) else r2_score
        return float(measure(y, self.predict(X), sample_weight=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        if _classifies(self):
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        else:
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
            tags.target_tags.multi_output = True
        return tags
