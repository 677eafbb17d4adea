"""Which network a verdict is about."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.evaluation.choosing import choose_network
from lamina.evaluation.contenders import choose_contenders, own_contender
from lamina.evaluation.fits import FoldResult, ModelResult
from lamina.evaluation.running import competing


def result(name: str, *inner: float) -> ModelResult:
    fold = FoldResult(np.zeros(1), np.zeros(1), 1.0, None, 0.0)
    return ModelResult(name, True, (fold,) * 2, None, np.array(inner) if inner else None)


@pytest.mark.parametrize(
    ("models", "own", "chosen"),
    [
        ([result("mlp"), result("mlp-ensemble")], (), ("mlp-ensemble",) * 2),
        ([result("mlp")], (), ("mlp",) * 2),
        ([result("mlp"), result("mlp-ensemble"), result("mine")], ("mine",), ("mine",) * 2),
        ([result("mlp-ensemble"), result("a", 2, 1), result("b", 1, 2)], ("a", "b"), ("b", "a")),
    ],
)
def test_yours_before_the_ensemble_before_what_inner_errors_choose(models, own, chosen) -> None:
    found = choose_network(models, own)
    assert found is not None
    assert found.chosen == chosen


def test_inner_errors_are_measured_only_where_they_choose() -> None:
    from lamina import NeuralRegressor

    built_in = choose_contenders("regression", ["mean", "linear", "mlp", "mlp-ensemble"])
    mine = [own_contender(name, NeuralRegressor(), "regression") for name in ("a", "b")]
    assert [each.name for each in competing(built_in)] == ["mean", "linear"]
    assert [each.name for each in competing([*built_in, mine[0]])] == ["mean", "linear"]
    assert [each.name for each in competing([*built_in, *mine])] == ["mean", "linear", "a", "b"]
