"""Parameters learn at the rate that their factors say, alone and in a population."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import optax
import pytest
from sklearn.exceptions import FitFailedWarning

from lamina import NeuralRegressor, load
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import Dense, Residual
from lamina.model_selection import GridSearchCV
from lamina.training import SGD, Adam, Momentum, Optax, Optimizer
from lamina.training.optimizers import OPTIMIZERS

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3))
Y = X[:, 0] - X[:, 1] ** 2


def fitted(optimizer: Any, epochs: int = 3, **settings: Any) -> NeuralRegressor:
    layers = [Dense(4, "tanh"), Dense(4, "tanh")]
    given = {"layers": layers, "epochs": epochs, "batch_size": 10, "random_state": 0} | settings
    return NeuralRegressor(**given, optimizer=optimizer).fit(X, Y)


def start(model: NeuralRegressor) -> Any:
    return model.network_.init(np.random.default_rng(0), model.input_shape_)[0]


def test_the_first_step_is_the_factor_times_as_long() -> None:
    factors = {"dense_1": 0.5, "bias": 3, "dense_2/bias": 0.1, "dense_3": 2}
    model = fitted(SGD(0.1, factors=factors), epochs=1, batch_size=40)
    plain = fitted(SGD(0.1), epochs=1, batch_size=40)
    expected = {
        ("dense_1", "weights"): 0.5,
        ("dense_1", "bias"): 1.5,
        ("dense_2", "weights"): 1,
        ("dense_2", "bias"): 3 * 0.1,
        ("dense_3", "weights"): 2,
        ("dense_3", "bias"): 6,
    }
    before = start(model)
    for (layer, name), factor in expected.items():
        moved = model.parameters_[layer][name] - before[layer][name]
        np.testing.assert_allclose(
            moved, factor * (plain.parameters_[layer][name] - before[layer][name]), rtol=1e-10, atol=1e-14
        )


@pytest.mark.parametrize(
    "optimizer",
    [kind for kind in OPTIMIZERS.values() if isinstance(kind, Optimizer)]
    + [Optax(optax.lion, learning_rate=0.01)],
    ids=lambda optimizer: repr(optimizer),
)
def test_a_factor_of_zero_freezes(optimizer: Any) -> None:
    factors = {"dense_1": 0, "dense_3/bias": 0}
    frozen = (
        Optax(optax.lion, learning_rate=0.01, factors=factors)
        if isinstance(optimizer, Optax)
        else dataclasses.replace(optimizer, factors=factors)
    )
    model = fitted(frozen)
    before = start(model)
    for name in ("weights", "bias"):
        np.testing.assert_array_equal(model.parameters_["dense_1"][name], before["dense_1"][name])
        assert (model.parameters_["dense_2"][name] != before["dense_2"][name]).all()
    np.testing.assert_array_equal(model.parameters_["dense_3"]["bias"], before["dense_3"]["bias"])


def test_a_name_covers_what_is_inside_a_layer() -> None:
    model = fitted(
        Adam(0.01, factors={"residual_1": 0}), layers=[Dense(4), Residual([Dense(4, "tanh"), Dense(4)])]
    )
    before = start(model)["residual_1"]
    for layer, values in model.parameters_["residual_1"].items():
        np.testing.assert_array_equal(values["weights"], before[layer]["weights"])


def test_members_of_a_population_have_their_own_factors() -> None:
    grid = {
        "optimizer__factors": [{}, {"dense_1": 0.1}, {"dense_1": 0}],
        "layers": [[Dense(3, "relu")], [Dense(5, "relu")]],
    }
    model = NeuralRegressor(optimizer=Adam(0.05), epochs=4, batch_size=10, random_state=0)
    search = GridSearchCV(model, grid, cv=3).fit(X, Y)
    assert "one population" in search.how_
    for setting, score in zip(
        search.cv_results_["params"], search.cv_results_["split0_test_score"], strict=True
    ):
        alone = NeuralRegressor(
            setting["layers"],
            optimizer=Adam(0.05, factors=setting["optimizer__factors"]),
            epochs=4,
            batch_size=10,
            random_state=0,
        ).fit(X[14:], Y[14:])
        assert alone.score(X[:14], Y[:14]) == pytest.approx(score, rel=1e-6)


def test_a_saved_model_keeps_them(tmp_path: Any) -> None:
    model = fitted(Adam(0.01, factors={"bias": 0.1}))
    model.save(tmp_path / "m.lamina")
    assert load(tmp_path / "m.lamina").optimizer == Adam(0.01, factors=(("bias", 0.1),))


def test_they_print_as_they_are_given() -> None:
    assert repr(Momentum(0.1, factors={"bias": 0})) == "Momentum(0.1, factors=(('bias', 0.0),))"
    assert eval(repr(Adam(factors={"b": 2, "a": 1}))) == Adam(factors={"a": 1, "b": 2})
    assert "factors" not in repr(Adam(0.1))
    assert repr(Optax(optax.lion, learning_rate=1.0, factors={"bias": 0})) == (
        "Optax(lion, learning_rate=1.0, factors=(('bias', 0.0),))"
    )


def test_a_name_that_stands_for_nothing_is_told_the_nearest() -> None:
    with pytest.raises(
        SpecificationError, match=r"factors has 'dense_9', and no parameter .*did you mean 'dense_"
    ):
        fitted(Adam(0.01, factors={"dense_9": 0.1}))


def test_a_bad_name_in_a_grid_ends_its_own_member_alone() -> None:
    grid = {"optimizer__factors": [{}, {"no": 1}]}
    with (
        pytest.warns(FitFailedWarning, match="factors has 'no'"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = GridSearchCV(NeuralRegressor(optimizer=Adam(), epochs=2, random_state=0), grid, cv=3).fit(
            X, Y
        )
    assert np.isfinite(search.cv_results_["mean_test_score"]).tolist() == [True, False]


@pytest.mark.parametrize("given", [3, ["bias"], {1: 0.1}, "bias"])
def test_something_else_than_names_and_numbers_is_refused(given: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"give a dict from names to factors"):
        Adam(factors=given)


@pytest.mark.parametrize("factor", [-1, float("nan"), float("inf")])
def test_a_factor_is_a_finite_number_from_zero(factor: float) -> None:
    with pytest.raises(SpecificationError, match=r"factors\['bias'\]"):
        Adam(factors={"bias": factor})
