"""The one-standard-error rule against hand arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import sem

from lamina import NeuralRegressor
from lamina.errors import SpecificationError
from lamina.layers import L1, L2, Dense, Dropout
from lamina.model_selection import OneStandardError
from lamina.model_selection.one_se import network_complexity, simplest_within_error, standard_error


def results(*scores: tuple[float, ...], name: str = "score") -> dict[str, Any]:
    """``cv_results_`` of settings with these scores on the splits."""
    table = np.array(scores, float)
    found: dict[str, Any] = {f"split{k}_test_{name}": table[:, k] for k in range(table.shape[1])}
    found[f"mean_test_{name}"] = table.mean(axis=1)
    found["params"] = [{"size": size} for size in range(len(table))]
    return found


def test_the_standard_error_is_that_of_a_mean() -> None:
    scores = (0.3, 0.9, 0.7, 0.6)
    assert standard_error(results(scores), 0) == pytest.approx(sem(scores))
    assert standard_error(results((0.3,)), 0) == 0.0


def test_the_simplest_within_one_standard_error_is_chosen() -> None:
    # The best, last, has mean 0.8 and standard error 0.1: 0.71 is within, 0.69 is not.
    table = results((0.69, 0.69), (0.71, 0.71), (0.75, 0.75), (0.7, 0.9))
    assert OneStandardError(lambda params: params["size"])(table) == 1
    assert OneStandardError(lambda params: -params["size"])(table) == 3


def test_of_equally_simple_settings_the_best_is_chosen() -> None:
    table = results((0.75, 0.75), (0.76, 0.76), (0.7, 0.9))
    assert simplest_within_error(table, [1, 1, 2]) == 1


def test_settings_without_a_score_or_not_eligible_are_not_chosen() -> None:
    table = results((np.nan, np.nan), (0.5, 0.5), (0.9, 0.9))
    assert simplest_within_error(table, [0, 1, 2], among=np.array([True, True, False])) == 1
    with pytest.raises(SpecificationError, match="no setting has a score"):
        simplest_within_error(results((np.nan, np.nan)), [0])


def test_one_of_several_scores() -> None:
    table = results((0.9, 0.9), (0.1, 0.1), name="r2")
    assert OneStandardError(lambda params: 0, "r2")(table) == 0
    with pytest.raises(SpecificationError, match="no score 'r': did you mean 'r2'"):
        OneStandardError(lambda params: 0, "r")(table)


def test_a_network_is_simpler_with_fewer_parameters_then_larger_penalties_then_more_dropout() -> None:
    in_order = [
        (NeuralRegressor([Dense(2)]), 10),
        (NeuralRegressor([Dense(4), Dropout(0.5)], penalty=0.1), 20),
        (NeuralRegressor([Dense(4, penalty=0.07), Dropout(0.2)], penalty=0.02), 20),
        (NeuralRegressor([Dense(4), Dropout(0.2)], penalty=L1(0.05)), 20),
        (NeuralRegressor([Dense(4, penalty=L2(0.03)), Dropout(0.3)]), 20),
        (NeuralRegressor([Dense(4, penalty=L2(0.03)), Dropout(0.1)]), 20),
        (NeuralRegressor([Dense(4)], optimizer="adam"), 20),
    ]
    keys = [network_complexity(network, count) for network, count in in_order]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
