"""The regressor: least squares without hidden layers, indifferent to units, true to each loss."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from small_fits import linear_data

from lamina import NeuralRegressor
from lamina.errors import DataError, SpecificationError
from lamina.layers import Dense, Dropout
from lamina.training import LBFGS, Adam, Quantile

X, Y = linear_data()
EXACT: dict[str, Any] = {"optimizer": LBFGS(tolerance=1e-10), "epochs": 1000}
SHORT: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 5, "random_state": 0}


@pytest.mark.parametrize("scale", [True, False])
def test_without_hidden_layers_it_is_least_squares(scale: bool) -> None:
    model = NeuralRegressor([], scale=scale, **EXACT).fit(100 * X + 7, 1000 * Y)
    np.testing.assert_allclose(
        model.predict(100 * X + 7), 1000 * LinearRegression().fit(X, Y).predict(X), rtol=1e-3
    )
    assert model.n_parameters_ == 4


def test_a_number_as_penalty_is_ridge_on_standardised_data() -> None:
    model = NeuralRegressor([], penalty=0.2, **EXACT).fit(X, Y)
    x, y = (X - X.mean(0)) / X.std(0), (Y - Y.mean()) / Y.std()
    expected = Ridge(alpha=60 * 0.2).fit(x, y).predict(x) * Y.std() + Y.mean()
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5, atol=1e-6)


def test_the_units_of_x_and_y_do_not_matter() -> None:
    plain = NeuralRegressor(**SHORT).fit(X, Y).predict(X)
    other = (
        NeuralRegressor(**SHORT)
        .fit(X * [8.0, 0.5, 1024.0] + 3, 16 * Y - 5)
        .predict(X * [8.0, 0.5, 1024.0] + 3)
    )
    np.testing.assert_allclose(other, 16 * plain - 5, rtol=1e-8)


def test_hidden_layers_bend() -> None:
    y = X[:, 0] ** 2
    assert NeuralRegressor([], **EXACT).fit(X, y).score(X, y) < 0.3
    assert (
        NeuralRegressor([Dense(16, "tanh")], optimizer="lbfgs", epochs=300, random_state=0)
        .fit(X, y)
        .score(X, y)
        > 0.99
    )


def test_a_partially_connected_network_ignores_what_is_cut() -> None:
    layers = [Dense(3, "tanh", connections=[[1, 1, 1], [0, 0, 0], [1, 0, 1]])]
    model = NeuralRegressor(layers, epochs=20, random_state=0).fit(X, Y)
    moved = X + np.array([0.0, 5.0, 0.0])
    np.testing.assert_array_equal(model.predict(moved), model.predict(X))
    assert model.n_parameters_ == 5 + 3 + 3 + 1


def test_book_network_has_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    model = NeuralRegressor([Dense(64, "relu"), Dropout(0.4)], epochs=1).fit(
        rng.normal(size=(70, 19)), rng.normal(size=70)
    )
    assert model.n_parameters_ == 1345
    model.summary()
    assert "1,345" in capsys.readouterr().out
    assert model.parameters_["dense_1"]["weights"].shape == (19, 64)


def test_several_outcomes_are_predicted_together() -> None:
    both = np.column_stack([Y, 10 * X[:, 0] - 3])
    model = NeuralRegressor([], **EXACT).fit(X, both)
    np.testing.assert_allclose(
        model.predict(X), LinearRegression().fit(X, both).predict(X), rtol=1e-4, atol=1e-5
    )
    assert NeuralRegressor([], **EXACT).fit(X, Y[:, None]).predict(X).shape == (60,)


@pytest.mark.parametrize("q", [0.1, 0.9])
def test_a_quantile_network_covers_its_share(q: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(1000, 1))
    y = np.sin(x[:, 0]) + (0.2 + 0.3 * np.abs(x[:, 0])) * rng.normal(size=1000)
    options: dict[str, Any] = {"optimizer": Adam(0.01), "epochs": 150, "random_state": 0}
    model = NeuralRegressor([Dense(16, "tanh")], loss=Quantile(q), **options).fit(x, y)
    below = y < model.predict(x)
    assert below.mean() == pytest.approx(q, abs=0.03)
    assert below[np.abs(x[:, 0]) > 1].mean() == pytest.approx(q, abs=0.06)


def test_median_regression_shrugs_off_outliers() -> None:
    spoiled = Y.copy()
    spoiled[:5] += 1000
    options: dict[str, Any] = {"optimizer": Adam(0.02), "epochs": 300, "scale": False, "random_state": 0}
    truth = X @ [1 / 3, 2 / 3, 1.0] + 0.5
    errors = {
        loss: np.abs(NeuralRegressor([], loss=loss, **options).fit(X, spoiled).predict(X) - truth).mean()
        for loss in ("absolute_error", "huber", "squared_error")
    }
    assert errors["absolute_error"] < 0.2
    assert errors["huber"] < 0.3
    assert errors["squared_error"] > 1


FRACTIONS = 1 / (1 + np.exp(-3 * Y))


@pytest.mark.parametrize(
    ("loss", "y", "low", "high"),
    [
        ("poisson", np.random.default_rng(0).poisson(np.exp(X[:, 0])), 0.0, np.inf),
        ("gamma", np.random.default_rng(0).gamma(2.0, np.exp(X[:, 0])), 0.0, np.inf),
        ("binary_crossentropy", FRACTIONS, 0.0, 1.0),
    ],
)
def test_predictions_stay_in_the_range_of_the_outcome(
    loss: str, y: np.ndarray, low: float, high: float
) -> None:
    model = NeuralRegressor([], loss=loss, **EXACT).fit(X, y)
    assert (low < model.predict(X)).all()
    assert (model.predict(X) < high).all()
    far = model.predict(20 * X)
    assert (low <= far).all()
    assert (far <= high).all()
    assert model.predict(X).mean() == pytest.approx(y.mean(), rel=1e-3 if loss != "gamma" else 0.2)


@pytest.mark.parametrize(
    ("loss", "y", "words"),
    [
        ("poisson", Y, r"y ranges from -.* loss='poisson' is for counts, zero or more: use 'squared_error'"),
        ("gamma", np.abs(Y).clip(0.5) - 0.5, "is for positive outcomes"),
        ("binary_crossentropy", 2 * FRACTIONS, r"is for outcomes in \[0, 1\]"),
    ],
)
def test_an_outcome_outside_the_range_of_the_loss_is_refused(loss: str, y: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        NeuralRegressor([], loss=loss, epochs=1).fit(X, y)
    valid = np.clip(y, 0.1, 0.9)
    with pytest.raises(DataError, match=words):
        NeuralRegressor([], loss=loss, epochs=1).fit(X, valid, X_val=X, y_val=y)


@pytest.mark.parametrize("loss", ["hinge", "categorical_crossentropy"])
def test_losses_for_classes_are_refused(loss: str) -> None:
    with pytest.raises(SpecificationError, match=f"loss='{loss}' is for classes and this is a regression"):
        NeuralRegressor(loss=loss).fit(X, Y)


def test_a_function_as_loss() -> None:
    named = NeuralRegressor(**SHORT).fit(X, Y)
    scaled = NeuralRegressor(scale=False, **SHORT)
    own = NeuralRegressor(loss=lambda z, y: (z - y) ** 2, scale=False, **SHORT)
    np.testing.assert_allclose(own.fit(X, Y).predict(X), scaled.fit(X, Y).predict(X), rtol=1e-8)
    assert named.loss_curve_ == named.history_.loss
    assert named.n_iter_ == 5


def test_images_are_taken_as_they_are() -> None:
    from lamina.layers import Flatten

    images = np.random.default_rng(0).integers(0, 256, size=(60, 4, 3), dtype=np.uint8)
    layers = [Flatten(), Dense(4, "tanh")]
    model = NeuralRegressor(layers, epochs=3, random_state=0).fit(images, Y)
    by_hand = NeuralRegressor(layers, epochs=3, random_state=0).fit(
        images.astype(np.float32) / np.float32(255), Y
    )
    # A compiled division by 255 may differ from NumPy's in the last digit.
    np.testing.assert_allclose(
        model.predict(images), by_hand.predict(images.astype(np.float32) / np.float32(255)), rtol=1e-5
    )
