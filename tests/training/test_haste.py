"""Work too short to repay a good program gets one that is compiled sooner, and the same numbers to rounding."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from lamina import NeuralRegressor
from lamina.layers import Dense, Dropout
from lamina.model_selection import GridSearchCV
from lamina.training import haste, loop, sizing
from lamina.training.haste import Hastily, hurried, in_haste
from lamina.training.members import advance_members, advance_members_hastily
from lamina.training.program import advance, advance_hastily

rng = np.random.default_rng(0)
X = rng.standard_normal((60, 4)).astype(np.float32)
Y = X[:, 0] - X[:, 1] ** 2


def model(**settings: Any) -> NeuralRegressor:
    return NeuralRegressor(
        **{"layers": [Dense(5, "tanh"), Dropout(0.1)], "epochs": 3, "random_state": 0} | settings
    )


def weights(fitted: NeuralRegressor) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(fitted.parameters_)])


def test_a_hasty_fit_is_the_same_to_rounding() -> None:
    before = advance_hastily._cache_size()
    with in_haste():
        hasty = model().fit(X, Y)
    assert advance_hastily._cache_size() == before + 1
    np.testing.assert_allclose(weights(hasty), weights(model().fit(X, Y)), rtol=1e-4, atol=1e-6)


def test_a_long_fit_is_compiled_with_care(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SHORT", 0.0)
    before = advance_hastily._cache_size()
    with in_haste():
        model(layers=[Dense(6, "tanh")]).fit(X, Y)
    assert advance_hastily._cache_size() == before


def test_a_search_ends_in_haste_and_no_longer() -> None:
    before = advance_hastily._cache_size(), advance._cache_size()  # type: ignore[attr-defined]
    search = GridSearchCV(model(layers=[Dense(7, "tanh")]), {"penalty": [0.0, 0.1]}, cv=3).fit(X, Y)
    assert advance_hastily._cache_size() == before[0] + 1
    assert advance._cache_size() == before[1]  # type: ignore[attr-defined]
    assert not hurried()
    again = model(layers=[Dense(7, "tanh")], **search.best_params_).fit(X, Y)
    np.testing.assert_allclose(weights(search.best_estimator_), weights(again), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("several", "long"), [(False, False), (True, False), (True, True)])
def test_several_programs_for_short_work_are_compiled_in_haste(
    monkeypatch: pytest.MonkeyPatch, several: bool, long: bool
) -> None:
    if long:
        monkeypatch.setattr(sizing, "SHORT", 0.0)
    for function in (advance_members, advance_members_hastily):
        function.clear_cache()
    batches = [10, 15] if several else [10]
    GridSearchCV(model(), {"batch_size": batches, "penalty": [0.0, 0.1]}, cv=3, refit=False).fit(X, Y)
    hasty = several and not long
    assert advance_members_hastily._cache_size() == (2 if hasty else 0)
    assert advance_members._cache_size() == (0 if hasty else len(batches))


def test_an_xla_without_the_former_way_is_done_with_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haste, "HASTE", {"xla_cpu_no_such_option": False})
    double = Hastily(jax.jit(lambda x: 2 * x))
    assert [int(double(4)), int(double(5)), double._cache_size()] == [8, 10, 1]
    double.clear_cache()
    assert double._cache_size() == 0


def test_other_errors_of_a_program_are_heard() -> None:
    def refuse(x: Any) -> Any:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Hastily(jax.jit(refuse))(1.0)
