"""What is loaded is what was saved: the same bits, now and in all further training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from lamina import EarlyStopping, NeuralClassifier, NeuralRegressor, load, save
from lamina.estimators.remembered import NOT_SAVED
from lamina.layers import L1, L2, Activation, Dense, Dropout, Flatten, GaussianNoise, Normal, Residual
from lamina.training import LBFGS, OPTIMIZERS, SGD, Adam, Huber, Optax, Quantile
from lamina.training.schedules import Cosine, WarmUp

HIDDEN = [Dense(4, "tanh")]


def assert_same(one: Any, other: Any, X: Any) -> None:
    """Every attribute and parameter, to the bit."""
    assert type(one) is type(other)
    assert vars(one).keys() - set(NOT_SAVED) == vars(other).keys() - set(NOT_SAVED)
    assert repr(one.get_params()) == repr(other.get_params())
    assert one.network_ == other.network_
    assert one.loss_ == other.loss_
    assert one.history_ == other.history_
    assert one.fitted_.history == other.fitted_.history
    assert (one.fitted_.epochs, one.fitted_.interrupted) == (other.fitted_.epochs, other.fitted_.interrupted)
    for name in ("parameters", "state", "optimizer_state"):
        first, second = getattr(one.fitted_, name), getattr(other.fitted_, name)
        assert jax.tree.structure(first) == jax.tree.structure(second)
        jax.tree.map(np.testing.assert_array_equal, first, second)
        assert [a.dtype for a in jax.tree.leaves(first)] == [b.dtype for b in jax.tree.leaves(second)]
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    assert one.predict(X).dtype == other.predict(X).dtype


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"layers": HIDDEN, "scale": False},
        {"layers": [Dense(6, "relu", connections=np.eye(3, 6), penalty=L1(0.1)), Dropout(0.2)]},
        {"layers": [Residual([Dense(3, jax.nn.relu)]), GaussianNoise(0.1), Activation("swish")]},
        {"layers": (Dense(4, weight_init=Normal(0.2), use_bias=False),), "penalty": L1(0.1) + L2(0.2)},
        {"layers": HIDDEN, "loss": Huber(0.5), "optimizer": SGD(WarmUp(Cosine(0.1)), momentum=0.5)},
        {"layers": HIDDEN, "loss": Quantile((0.1, 0.9)), "shuffle": False, "batch_size": 7},
        {"layers": HIDDEN, "optimizer": "lbfgs"},
        {"layers": HIDDEN, "early_stopping": EarlyStopping(1, 0.3), "epochs": 20},
        {"layers": HIDDEN, "optimizer": Optax(optax.lion, learning_rate=1e-3)},
    ],
    ids=lambda parameters: ",".join(parameters) or "default",
)
def test_regressions(parameters: dict[str, Any], x, y, round_trip) -> None:
    model = NeuralRegressor(**{"epochs": 3, "random_state": 0, **parameters}).fit(x, y)
    assert_same(model, round_trip(model), x)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_double_precision(optimizer: str, x, y, round_trip) -> None:
    x = x.astype(np.float64)
    model = NeuralRegressor(HIDDEN, optimizer=optimizer, epochs=3, random_state=0).fit(x, y)
    again = round_trip(model)
    assert again.parameters_["dense_1"]["weights"].dtype == np.float64
    assert_same(model, again, x)


def test_several_outcomes(x, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, epochs=2).fit(x, np.column_stack([y, 100 + x[:, 0]]))
    again = round_trip(model)
    assert_same(model, again, x)
    assert again.predict(x).shape == (len(x), 2)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        np.array(["Köln", "Łódź", "東京 "]),
        np.array([3, -1, 2**40]),
        np.array([2, 7], dtype=np.int8),
        np.array([0.0, 1.0, 5.0]),
        np.array([False, True]),
    ],
    ids=lambda labels: labels.dtype.str,
)
def test_classes_keep_their_type(labels: np.ndarray, x, round_trip) -> None:
    model = NeuralClassifier(HIDDEN, epochs=2, random_state=0).fit(x, labels[np.arange(len(x)) % len(labels)])
    again = round_trip(model)
    assert_same(model, again, x)
    assert again.classes_.dtype == model.classes_.dtype
    assert [type(label) for label in again.classes_] == [type(label) for label in model.classes_]
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))


def test_class_weights_and_several_labels(x, y, round_trip) -> None:
    model = NeuralClassifier(HIDDEN, epochs=2, class_weight={False: 1, True: 2.5}).fit(x, y > -1)
    again = round_trip(model)
    assert_same(model, again, x)
    assert again.class_weight == {False: 1, True: 2.5}
    model = NeuralClassifier(HIDDEN, epochs=2).fit(x, np.column_stack([y > -1, y < -2]).astype(int))
    assert_same(model, round_trip(model), x)


def test_tables_are_encoded_as_before(table: pd.DataFrame, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, epochs=2, random_state=0).fit(table, y)
    again = round_trip(model)
    assert_same(model, again, table)
    assert again.feature_names_in_.tolist() == list(table)
    shuffled = table[list(table)[::-1]].iloc[::-1]
    np.testing.assert_array_equal(again.predict(shuffled), model.predict(table)[::-1])
    np.testing.assert_array_equal(again.predict(pl.from_pandas(table)), model.predict(pl.from_pandas(table)))
    assert again.features_.encoder.kinds_ == model.features_.encoder.kinds_


def test_plain_frames_are_matched_by_name(x, y, round_trip) -> None:
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    model = NeuralRegressor(HIDDEN, epochs=2, random_state=0).fit(frame, y)
    again = round_trip(model)
    assert_same(model, again, frame)
    np.testing.assert_array_equal(again.predict(frame[["c", "a", "b"]]), model.predict(frame))


def test_images(round_trip) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(40, 4, 5), dtype=np.uint8)
    model = NeuralClassifier([Flatten(), Dense(4, "relu")], epochs=2, random_state=0)
    model.fit(images, rng.integers(0, 3, 40))
    assert_same(model, round_trip(model), images)


OWN_RATE = [Optax(optax.adamw, learning_rate=1e-2), Adam(Cosine(0.05))]


@pytest.mark.parametrize("optimizer", [*sorted(set(OPTIMIZERS) - {"lbfgs"}), *OWN_RATE], ids=str)
def test_partial_fit_goes_on_as_if_it_had_not_been_saved(optimizer: Any, x, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, optimizer=optimizer, epochs=2, batch_size=16, random_state=0).fit(x, y)
    again = round_trip(model)
    for estimator in (model, again):
        estimator.partial_fit(x, y)
    assert_same(model, again, x)
    assert_same(again, round_trip(again), x)


@pytest.mark.parametrize(
    "parameters",
    [{"early_stopping": EarlyStopping(2, 0.2)}, {"optimizer": LBFGS()}, {"layers": [Dense(4), Dropout(0.5)]}],
    ids=lambda parameters: ",".join(parameters),
)
def test_warm_start_goes_on_as_if_it_had_not_been_saved(parameters: Any, x, y, round_trip) -> None:
    given = {"layers": HIDDEN, "epochs": 4, "random_state": 1, "warm_start": True, **parameters}
    model = NeuralRegressor(**given).fit(x, y)
    again = round_trip(model)
    for estimator in (model, again):
        estimator.fit(x, y)
    assert_same(model, again, x)
    assert len(again.history_) > 4


def test_a_fresh_fit_after_loading_is_the_same(regressor, x, y, round_trip) -> None:
    again = clone(round_trip(regressor)).fit(x, y)
    np.testing.assert_array_equal(again.predict(x), regressor.predict(x))


def test_an_optimizer_set_since_the_fit_is_saved_without_the_old_ones_memory(x, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, epochs=2, random_state=0).fit(x, y).set_params(optimizer="sgd")
    again = round_trip(model)
    assert again.optimizer == "sgd"
    assert again.fitted_.optimizer_state is None
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_weights_that_are_not_finite_stay_so(x, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, epochs=1, random_state=0).fit(x, y)
    model.fitted_.parameters["dense_1"]["bias"][:] = [np.nan, np.inf, -np.inf, -0.0]
    bias = round_trip(model).fitted_.parameters["dense_1"]["bias"]
    assert bias.tobytes() == model.fitted_.parameters["dense_1"]["bias"].tobytes()


def test_a_random_generator_is_not_kept_and_that_is_said(x, y, round_trip) -> None:
    model = NeuralRegressor(HIDDEN, epochs=1, random_state=np.random.RandomState(0)).fit(x, y)
    with pytest.warns(UserWarning, match="random_state is a generator, .*: None is saved"):
        again = round_trip(model)
    assert again.random_state is None
    assert isinstance(model.random_state, np.random.RandomState)


def test_the_method_and_the_function_write_the_same_model(regressor, x, tmp_path: Path) -> None:
    regressor.save(str(tmp_path / "a.lamina"))
    save(regressor, tmp_path / "b.lamina")
    np.testing.assert_array_equal(
        load(str(tmp_path / "a.lamina")).predict(x), load(tmp_path / "b.lamina").predict(x)
    )
