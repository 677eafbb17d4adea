"""Fits stopped after each step or epoch are the fits themselves; pictures show what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError, LaminaError, SpecificationError
from lamina.explain import fit_path, learn_by_epoch, plot_batch_sizes, plot_learning
from lamina.layers import Dense, Dropout
from lamina.training import SGD, Adam, GradientDescent
from lamina.training.history import History

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 1))
Y = 2 * X[:, 0] + RNG.normal(size=40)
FLOWERS, SPECIES = load_iris(return_X_y=True)
LEARN, HELD = np.arange(0, 150, 2), np.arange(1, 150, 2)


def linear(**settings: Any) -> NeuralRegressor:
    return NeuralRegressor(
        [], **{"optimizer": SGD(0.05), "epochs": 5, "random_state": 1, "scale": False} | settings
    )


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("batch", [40, 16, 1])
def test_a_path_ends_where_the_fit_does(batch: int) -> None:
    model = linear(batch_size=batch)
    path = fit_path(model, X, Y)
    assert path.steps == 5 * -(-40 // batch)
    fitted = model.fit(X, Y)
    own = fitted.parameters_["dense_1"]
    assert path.theta[-1].tolist() == [own["bias"].item(), own["weights"].item()]


def test_values_and_gradients_are_those_of_the_objective_over_all_rows() -> None:
    path = fit_path(linear(batch_size=8, penalty=0.1), X, Y)
    residuals = path.theta[:, :1] + path.theta[:, 1:] * X[:, 0] - Y
    assert path.values == pytest.approx(np.mean(residuals**2, axis=1) + 0.1 * path.theta[:, 1] ** 2)
    by_hand = np.column_stack(
        [2 * residuals.mean(axis=1), 2 * (residuals * X[:, 0]).mean(axis=1) + 0.2 * path.theta[:, 1]]
    )
    assert path.gradients == pytest.approx(by_hand)


def test_full_batches_are_gradient_descent_and_reach_least_squares() -> None:
    path = fit_path(linear(optimizer=GradientDescent(0.2), epochs=200), X, Y)
    assert path.theta[1] == pytest.approx(path.theta[0] - 0.2 * path.gradients[0])
    reference = LinearRegression().fit(X, Y)
    assert path.theta[-1] == pytest.approx([reference.intercept_, reference.coef_[0]])


def test_logistic_regression_has_a_path_too() -> None:
    y = Y > 0
    model = NeuralClassifier([], optimizer=Adam(0.3), epochs=300, batch_size=40, scale=False, random_state=0)
    path = fit_path(model, X, y)
    reference = LogisticRegression(C=np.inf).fit(X, y)
    assert path.theta[-1] == pytest.approx([reference.intercept_[0], reference.coef_[0, 0]], rel=0.02)


def test_paths_of_larger_networks_name_every_parameter() -> None:
    path = fit_path(NeuralRegressor([Dense(2)], epochs=2, batch_size=40, random_state=0), X, Y)
    assert path.names[:4] == (
        "dense_1/bias[0]",
        "dense_1/bias[1]",
        "dense_1/weights[0,0]",
        "dense_1/weights[0,1]",
    )
    assert len(path.names) == 7


def test_all_rows_mini_batches_and_single_rows_over_one_objective() -> None:
    ax = plot_batch_sizes(linear(), X, Y, (None, 8, 1))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["all rows, 5 steps", "batches of 8, 25 steps", "one row at a time, 200 steps"]
    drawn = np.column_stack(ax.lines[1].get_data())
    assert drawn == pytest.approx(fit_path(linear(batch_size=8), X, Y).theta)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("dense_1/bias", "dense_1/weights")


def test_losses_and_errors_by_epoch_are_those_of_shorter_fits() -> None:
    model = NeuralClassifier([Dense(6, "relu"), Dropout(0.2)], epochs=4, batch_size=25, random_state=0)
    found = learn_by_epoch(model, FLOWERS[LEARN], SPECIES[LEARN], FLOWERS[HELD], SPECIES[HELD])
    assert not hasattr(model, "fitted_")
    for epoch in (1, 4):
        shorter = NeuralClassifier(model.layers, epochs=epoch, batch_size=25, random_state=0)
        shorter.fit(FLOWERS[LEARN], SPECIES[LEARN])
        for rows, loss, error in (
            (LEARN, found.loss, found.score),
            (HELD, found.validation_loss, found.validation_score),
        ):
            p = shorter.predict_proba(FLOWERS[rows])[np.arange(75), SPECIES[rows]]
            assert loss[epoch - 1] == pytest.approx(-np.log(p).mean(), rel=1e-5)
            assert error[epoch - 1] == pytest.approx(100 * (1 - shorter.score(FLOWERS[rows], SPECIES[rows])))
    assert found.model.predict(FLOWERS[HELD]).shape == (75,)
    assert found.frame().shape == (4, 4)
    assert found.best_epoch == 1 + int(np.argmin(found.validation_loss))


def test_any_scorer_of_scikit_learn_serves() -> None:
    found = learn_by_epoch(linear(), X[:30], Y[:30], X[30:], Y[30:], scoring="r2")
    assert found.measure == "r2"
    assert found.score[-1] == pytest.approx(found.model.score(X[:30], Y[:30]))
    own = learn_by_epoch(linear(), X[:30], Y[:30], X[30:], Y[30:], scoring=lambda model, x, y: len(x))
    assert own.validation_score.tolist() == [10.0] * 5
    plain = learn_by_epoch(linear(), X[:30], Y[:30], X[30:], Y[30:])
    assert plain.measure == "mean absolute error"
    assert plain.score[-1] == pytest.approx(np.abs(plain.model.predict(X[:30]) - Y[:30]).mean())


def test_the_panels_show_both_rows_and_the_best_epoch() -> None:
    found = learn_by_epoch(linear(), X[:30], Y[:30], X[30:], Y[30:])
    own = Figure().subplots()
    assert plot_learning(found, own) is own
    panels = own.child_axes
    assert [ax.get_ylabel() for ax in panels] == ["mean loss", "mean absolute error"]
    training, validation, best = panels[1].lines
    assert np.asarray(training.get_ydata()) == pytest.approx(found.score)
    assert np.asarray(validation.get_ydata()) == pytest.approx(found.validation_score)
    assert best.get_xdata()[0] == found.best_epoch
    assert training.get_linestyle() != validation.get_linestyle()


def test_a_fitted_model_shows_its_losses() -> None:
    model = linear().fit(X, Y, X_val=X, y_val=Y)
    ax = plot_learning(model)
    assert np.asarray(ax.lines[0].get_ydata()) == pytest.approx(model.history_.loss)
    lines = {(line.get_linestyle(), line.get_marker()) for line in ax.lines[:2]}
    assert len(lines) == 2


REFUSED: list[tuple[Callable[[], Any], type[LaminaError], str]] = [
    (lambda: fit_path(LinearRegression(), X, Y), ArgumentTypeError, "NeuralRegressor"),
    (lambda: fit_path(linear(optimizer="lbfgs"), X, Y), SpecificationError, "SciPy"),
    (lambda: fit_path(linear(batch_size=1, epochs=1000), X, Y), SpecificationError, "40,000 steps"),
    (
        lambda: plot_batch_sizes(NeuralRegressor([], epochs=1), np.c_[X, X], Y),
        SpecificationError,
        "3 variables",
    ),
    (lambda: learn_by_epoch(linear(), X, Y, None, None), DataError, "X_val"),
    (lambda: learn_by_epoch(linear(), X, Y, X, Y, scoring="r3"), ArgumentTypeError, "scorer"),
    (lambda: learn_by_epoch(linear(optimizer=SGD(1e200)), X, Y, X, Y), DataError, "smaller learning rate"),
    (lambda: plot_learning(linear()), ArgumentTypeError, "learn_by_epoch"),
    (lambda: plot_learning(History([1.0]), Figure()), ArgumentTypeError, "one matplotlib Axes"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_cannot_be_followed_is_refused_in_words(place: int) -> None:
    call, error, words = REFUSED[place]
    with pytest.raises(error, match=words):
        call()
