"""The drop-in regressor."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from lamina.drop_in.base import MultilayerPerceptron
from lamina.drop_in.constraints import LOSS_CONSTRAINT
from lamina.drop_in.losses import HalfPoissonDeviance, HalfSquaredError
from lamina.drop_in.stopping import RSquared, Score
from lamina.drop_in.weights import ACTIVATION_NAMES
from lamina.training import Loss

OUTPUTS: dict[str, tuple[str, Loss]] = {
    "squared_error": ("identity", HalfSquaredError()),
    "poisson": ("exp", HalfPoissonDeviance()),
}
"""Output activation and loss by the name that a user gives."""


class MLPRegressor(RegressorMixin, MultilayerPerceptron):  # type: ignore[misc]
    r"""scikit-learn's ``MLPRegressor``, run by Lamina's compiled fit.

    .. math:: \frac{1}{2 \sum_i w_i} \Big( \sum_i w_i (y_i - f(x_i))^2 + \alpha \lVert W \rVert^2 \Big)

    in each mini-batch. Parameters, attributes and rules are those of scikit-learn 1.7 and later; see
    :class:`lamina.drop_in.MLPClassifier` for what differs. With several outputs the loss reported is the mean over them and
    the one followed their sum, as there.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}, default "squared_error"
        Half the squared error, or half the Poisson deviance with an exponential output, for y of zero or more.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, learning_rate_init, power_t, max_iter, shuffle, \
    random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2, \
    epsilon, n_iter_no_change, max_fun
        As in :class:`lamina.drop_in.MLPClassifier`; early stopping watches R².

    Attributes
    ----------
    coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_scores_, best_validation_score_, n_iter_, t_, n_layers_, \
    n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> from lamina.drop_in import MLPRegressor
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> model = MLPRegressor(hidden_layer_sizes=20, solver="lbfgs", random_state=0).fit(X, X[:, 0] ** 2)
    >>> model.score(X, X[:, 0] ** 2) > 0.99
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **MultilayerPerceptron._parameter_constraints,
        **LOSS_CONSTRAINT,
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        self._store(locals())

    loss: str

    def predict(self, X: Any) -> np.ndarray:
        """Predicted outcome, shape (n,), or (n, outputs) where there are several."""
        predicted = self._output(X)
        return predicted.ravel() if predicted.shape[1] == 1 else predicted

    @available_if(MultilayerPerceptron._has_stochastic_solver)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch on these rows, going on from the last."""
        return self._fit(X, y, sample_weight, incremental=True)

    def _check_data(self, X: Any, y: Any, incremental: bool, fresh: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=fresh,
        )
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _output_name(self) -> str:
        return OUTPUTS[self.loss][0]

    def _loss(self) -> Loss:
        return OUTPUTS[self.loss][1]

    def _validation_score(self) -> Score:
        return RSquared(ACTIVATION_NAMES[self.out_activation_])
