"""A class given where an object of it is needed: refused in words, wherever that can happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.estimators.checks import check_early_stopping
from lamina.layers import L2, Dense, Dropout
from lamina.layers.containers import check_layers
from lamina.layers.initializers import Normal, resolve_initializer
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.training import EarlyStopping
from lamina.training.losses import Quantile, SquaredError, resolve_loss
from lamina.training.optimizers import Adam, resolve_optimizer
from lamina.training.schedules import Cosine, resolve_schedule


@pytest.mark.parametrize(
    ("resolve", "given", "said"),
    [
        (resolve_loss, Quantile, r"loss=Quantile is a class.*did you mean Quantile\(0\.5\)\?"),
        (resolve_loss, SquaredError, r"did you mean SquaredError\(\)\?"),
        (resolve_optimizer, Adam, r"did you mean Adam\("),
        (resolve_schedule, Cosine, r"did you mean Cosine\("),
        (resolve_initializer, Normal, r"did you mean Normal\("),
        (resolve_penalty, L2, r"did you mean L2\(0\.01\)\?"),
        (resolve_penalty, Penalty, r"did you mean Penalty\(0\.01\)\?"),
        (check_early_stopping, EarlyStopping, r"did you mean EarlyStopping\("),
        (lambda layer: check_layers(layer, "Sequential"), Dropout, r"did you mean Dropout\(0\.5\)\?"),
        (lambda layer: check_layers([layer], "Sequential"), Dense, r"did you mean Dense\(\.\.\.\)\?"),
    ],
)
def test_a_class_is_refused_with_an_object_of_it(
    resolve: Callable[[Any], Any], given: Any, said: str
) -> None:
    with pytest.raises(ArgumentTypeError, match=said):
        resolve(given)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("mse", "squared_error"),
        ("MAE", "absolute_error"),
        ("l2", "squared_error"),
        ("logloss", "categorical_crossentropy"),
        ("cross_entropy", "categorical_crossentropy"),
    ],
)
def test_a_loss_by_another_librarys_name_is_told_by_ours(name: str, meant: str) -> None:
    with pytest.raises(SpecificationError, match=f"did you mean '{meant}'"):
        resolve_loss(name)
