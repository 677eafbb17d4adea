"""The default network: its rates are those of the neural-tangent parametrisation, and what the user names replaces its part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import lamina
from lamina import NeuralClassifier, NeuralRegressor
from lamina.estimators.recipe import BEST_EPOCH, RATE, recipe_optimizer
from lamina.estimators.standardizer import RobustStandardizer, Standardizer
from lamina.layers import Context, Dense, Layer, Scale, Sequential
from lamina.training import Adam, EarlyStopping

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4)).astype(np.float32)
Y = X[:, 0] + np.abs(X[:, 1])
SHORT: dict[str, Any] = {"epochs": 8, "random_state": 0}


@dataclass(frozen=True, repr=False)
class Tangent(Layer):
    """z = x·W / √inputs + b with W ~ N(0, 1): the parametrisation itself, to compare with."""

    units: int
    seed_of: str

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return (self.units,)

    def init(self, rng: np.random.Generator, input_shape: tuple[int, ...]) -> Any:
        drawn, _ = Dense(self.units, weight_init="lecun").init(rng, input_shape)
        return drawn | {"weights": drawn["weights"] * np.sqrt(input_shape[0])}, {}

    def apply(self, parameters: Any, state: Any, x: Any, context: Context) -> Any:
        p = parameters["weights"].shape[0]
        return x @ parameters["weights"] / np.sqrt(p) + parameters["bias"], state


def test_rates_divided_by_the_root_of_the_inputs_are_the_tangent_parametrisation() -> None:
    """Adam moves a weight by its rate, whatever the gradient's size: the two train alike."""
    from lamina.layers import Activation

    adam = {"beta_2": 0.95, "epsilon": 1e-30}
    plain = [Dense(9, weight_init="lecun"), Activation("mish"), Dense(25, weight_init="lecun")]
    factors = {"dense_1/weights": 1 / 2, "dense_2/weights": 1 / 3, "bias": 1.0, "dense_3": 0.0}
    ours = NeuralRegressor(plain, optimizer=Adam(0.01, factors=factors, **adam), batch_size=90, **SHORT)
    tangent = [Tangent(9, "a"), Activation("mish"), Tangent(25, "b")]
    theirs = NeuralRegressor(
        tangent, optimizer=Adam(0.01, factors={"dense_1": 0.0}, **adam), batch_size=90, **SHORT
    )
    wide = X.astype(np.float64)
    np.testing.assert_allclose(
        ours.fit(wide, Y).predict(wide), theirs.fit(wide, Y).predict(wide), rtol=1e-6, atol=1e-8
    )


def test_each_rate_is_one_over_the_root_of_the_inputs() -> None:
    network = Sequential([Scale(), Dense(16, "mish"), Dense(16, "mish"), Dense(1)])
    optimizer = recipe_optimizer(network, (4,))
    base, factors = optimizer.learning_rate.rate, dict(optimizer.factors)
    assert base * factors["dense_1/weights"] == pytest.approx(RATE / np.sqrt(4))
    assert base == pytest.approx(RATE / np.sqrt(16))


def test_the_best_epoch_of_a_fifth_of_the_rows_is_kept() -> None:
    model = NeuralRegressor(**SHORT).fit(X, Y)
    assert len(model.history_.validation_loss) == 8
    assert model.history_.best_epoch == int(np.argmin(model.history_.validation_loss)) + 1
    assert not NeuralRegressor(early_stopping=False, **SHORT).fit(X, Y).history_.validation_loss
    assert not NeuralRegressor(**SHORT).fit(X[:49], Y[:49]).history_.validation_loss


def test_it_begins_at_the_mean() -> None:
    model = NeuralRegressor(epochs=1, optimizer=None, random_state=0, early_stopping=False).fit(X, Y)
    assert np.std(model.predict(X)) < np.std(Y)
    assert isinstance(model.features_.standardizer, RobustStandardizer)


@pytest.mark.parametrize(
    "named", [{"layers": [Dense(3, "relu")]}, {"optimizer": "adam"}, {"optimizer": Adam(0.01)}], ids=str
)
def test_who_names_layers_or_an_optimizer_gets_no_recipe(named: dict[str, Any]) -> None:
    model = NeuralRegressor(**named, **SHORT).fit(X, Y)
    assert not model.history_.validation_loss
    assert (type(model.features_.standardizer) is Standardizer) == ("layers" in named)


def test_rows_to_watch_of_ones_own_are_watched() -> None:
    model = NeuralRegressor(**SHORT).fit(X[:60], Y[:60], X_val=X[60:], y_val=Y[60:])
    assert len(model.history_.validation_loss) == 8


def test_it_is_saved_with_its_robust_scale(tmp_path: Any) -> None:
    model = NeuralClassifier(**SHORT).fit(X, Y > 1)
    model.save(tmp_path / "model.lamina")
    again = lamina.load(tmp_path / "model.lamina")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert clone(again).get_params() == clone(model).get_params()


def test_learning_rates_are_reached_by_name() -> None:
    model = NeuralRegressor().set_params(optimizer__learning_rate=0.1)
    assert model.optimizer == Adam(0.1)


def test_no_patience_only_finds_the_best_epoch() -> None:
    assert EarlyStopping(None, 0.2) == BEST_EPOCH
    stopped = NeuralRegressor([Dense(3)], early_stopping=EarlyStopping(None), epochs=30, random_state=0)
    assert stopped.fit(X, Y).n_iter_ == 30


def test_robust_scales_are_those_of_repeated_rows() -> None:
    weights = rng.integers(1, 4, size=90)
    repeated = RobustStandardizer.learn(np.repeat(X, weights, axis=0))
    weighted = RobustStandardizer.learn(X, weights)
    np.testing.assert_allclose(weighted.mean, repeated.mean)
    np.testing.assert_allclose(weighted.scale, repeated.scale)


def test_robust_scales_of_columns_that_hardly_vary() -> None:
    x = np.column_stack([np.full(50, 7.0), np.r_[np.zeros(45), np.arange(5.0)], np.arange(50.0)])
    found = RobustStandardizer.learn(x)
    assert found.scale.tolist() == [1.0, 2.0, 25.0]
    z = found.apply(x)
    assert np.abs(z).max() < 3
    np.testing.assert_allclose(found.invert(z), x, atol=1e-9)


def test_scales_are_named() -> None:
    def kind(scale: Any, **given: Any) -> Any:
        return type(NeuralRegressor(scale=scale, **given, **SHORT).fit(X, Y).features_.standardizer)

    own = {"layers": [Dense(2)]}
    assert kind("robust", **own) is RobustStandardizer
    assert kind(True, **own) is kind("standard") is Standardizer
    assert kind(False) is type(None)
    with pytest.raises(lamina.errors.SpecificationError, match="'standard' or 'robust'"):
        NeuralRegressor(scale="minmax").fit(X, Y)
