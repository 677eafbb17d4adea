"""The drop-in classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from lamina.drop_in.base import MultilayerPerceptron
from lamina.drop_in.losses import ClassLogLoss, LabelLogLoss
from lamina.drop_in.stopping import ClassAccuracy, LabelAccuracy, Score
from lamina.errors import DataError
from lamina.training import Loss

OUTPUTS: dict[str, tuple[Loss, Score]] = {
    "softmax": (ClassLogLoss(), ClassAccuracy()),
    "logistic": (LabelLogLoss(), LabelAccuracy()),
}
"""Loss and score by output activation."""


class MLPClassifier(ClassifierMixin, MultilayerPerceptron):  # type: ignore[misc]
    r"""scikit-learn's ``MLPClassifier``, run by Lamina's compiled fit: change the import line and nothing else.

    .. math:: \frac{1}{\sum_i w_i} \Big( - \sum_i w_i \log \Pr(Y = y_i \mid x_i) + \frac{\alpha}{2} \lVert W \rVert^2 \Big)

    in each mini-batch. In float64 a fit repeats scikit-learn's to rounding, so that ``random_state`` gives the same
    model. What differs: a sparse X is made dense for training; float32 rows give float32 weights from L-BFGS too; Ctrl-C
    takes effect at the end of the steps under way; and a warm start under early stopping that finds no better score leaves
    the weights as they were.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default (100,)
    activation : {"identity", "logistic", "tanh", "relu"}, default "relu"
    solver : {"lbfgs", "sgd", "adam"}, default "adam"
    alpha : float, default 0.0001
        Ridge penalty, divided by twice the number of rows of the mini-batch.
    batch_size : int, default min(200, n)
    learning_rate : {"constant", "invscaling", "adaptive"}, default "constant"
        For "sgd": as it is; divided by the ``power_t``-th power of the number of rows seen; or divided by 5 each time that
        patience ends.
    learning_rate_init, power_t : float, default 0.001 and 0.5
    max_iter : int, default 200
        Epochs, or iterations of L-BFGS.
    shuffle : bool, default True
    random_state : int, RandomState or None
    tol : float, default 1e-4
        Smallest improvement of the training loss (of the validation score) that counts; for "lbfgs" the largest entry of the
        gradient at the end.
    verbose : bool, default False
        Print the losses.
    warm_start : bool, default False
        Go on from the weights of the last fit.
    momentum, nesterovs_momentum : float and bool, default 0.9 and True
    early_stopping : bool, default False
        Hold back a share ``validation_fraction`` (default 0.1) of the rows and watch the accuracy on them; the best weights
        are kept.
    beta_1, beta_2, epsilon : float, default 0.9, 0.999 and 1e-8
        For "adam".
    n_iter_no_change : int, default 10
        Epochs without improvement that are borne.
    max_fun : int, default 15000
        Evaluations of the loss by "lbfgs".

    Attributes
    ----------
    loss, classes_, coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_scores_, best_validation_score_, n_iter_, \
    t_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina.drop_in import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(hidden_layer_sizes=10, solver="lbfgs", max_iter=1000, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    loss = "log_loss"
    classes_: np.ndarray
    _label_binarizer: Any

    def __init__(
        self,
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

    def predict(self, X: Any) -> np.ndarray:
        """Class of each row, shape (n,); for several labels the 0/1 matrix of those above 1/2."""
        output = self._output(X)
        flat = output.ravel() if self.n_outputs_ == 1 else output
        predicted: np.ndarray = self._label_binarizer.inverse_transform(flat)
        return predicted

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities, shape (n, classes) in the order of ``classes_``."""
        output = self._output(X)
        return np.hstack([1 - output, output]) if self.n_outputs_ == 1 else output

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithms of :meth:`predict_proba`."""
        probabilities = self.predict_proba(X)
        logarithms: np.ndarray = np.log(probabilities, out=probabilities)
        return logarithms

    @available_if(MultilayerPerceptron._has_stochastic_solver)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """One epoch on these rows, going on from the last; the first call needs ``classes``, all that will occur."""
        if _check_partial_fit_first_call(self, classes):
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if several else classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def _check_data(self, X: Any, y: Any, incremental: bool, fresh: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=fresh,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._check_classes(unique_labels(y))
        return X, self._label_binarizer.transform(y).astype(bool)

    def _check_classes(self, given: np.ndarray) -> None:
        if self.warm_start and set(given) != set(self.classes_):
            raise DataError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {given}"
            )
        if len(np.setdiff1d(given, self.classes_, assume_unique=True)):
            raise DataError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {given}."
            )

    def _output_name(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _loss(self) -> Loss:
        return OUTPUTS[self.out_activation_][0]

    def _validation_score(self) -> Score:
        return OUTPUTS[self.out_activation_][1]

    def _stratifies(self) -> bool:
        return bool(self.n_outputs_ == 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
