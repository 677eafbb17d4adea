"""Networks that run inside a wider and deeper one are, to rounding, what they are alone."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import pytest

from lamina.layers import L1, L2, Activation, Dense, Dropout, GaussianNoise, Residual, Sequential
from lamina.networks import with_output
from lamina.training import (
    SGD,
    Adam,
    AdamW,
    DataSet,
    Member,
    Optax,
    Penalty,
    Settings,
    SquaredError,
    common,
    fit,
    fit_population,
    pad_rows,
)
from lamina.training.common import anatomy
from lamina.training.members import advance_members, advance_members_hastily

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 3)).astype(np.float32)
Y = (X[:, :1] - X[:, 1:2] ** 2).astype(np.float32)
DATA = DataSet(pad_rows(X, Y, None), None, (X[:5],))


def member(layers: list[Any], optimizer: Any = None, **settings: Any) -> Member:
    settings = {"epochs": 2, "batch_size": 16, "optimizer": optimizer or Adam(0.01)} | settings
    return Member(with_output(layers, 1, "linear"), SquaredError(), Settings(**settings), seed=1)


def n_programs(members: list[Member], tolerance: float = 1e-5) -> int:
    """Programs that the population took, once each member is seen to be its lone fit."""
    for function in (advance_members, advance_members_hastily):
        function.clear_cache()
    outcomes = fit_population(members, [DATA])
    used = advance_members._cache_size() + advance_members_hastily._cache_size()
    for one, outcome in zip(members, outcomes, strict=True):
        alone = fit(one.network, one.loss, DATA.rows, one.settings, one.seed)
        assert outcome.fitted is not None
        assert jax.tree.structure(outcome.fitted.parameters) == jax.tree.structure(alone.parameters)
        for got, wanted in zip(
            jax.tree.leaves(outcome.fitted.parameters), jax.tree.leaves(alone.parameters), strict=True
        ):
            assert got.shape == wanted.shape
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * np.abs(wanted).max())
        np.testing.assert_allclose(outcome.fitted.history.loss, alone.history.loss, rtol=1e-4)
        np.testing.assert_allclose(
            outcome.fitted.history.penalty, alone.history.penalty, rtol=1e-4, atol=1e-6
        )
    return int(used)


def test_widths_depths_and_dropout_share_a_program() -> None:
    """With sigmoid units, whose value at zero is not zero: a unit that was not cut would show."""
    members = [
        member([GaussianNoise(0.1), Dense(4, "sigmoid"), Dropout(0.3)], penalty=L2(0.01)),
        member([GaussianNoise(0.2), Dense(6, "sigmoid"), Dropout(0.5), Dense(2, "sigmoid"), Dropout(0.1)]),
        member(
            [GaussianNoise(0.1), *[Dense(3, "sigmoid"), Dropout(0.2)] * 3],
            penalty=Penalty(l1=0.01, output=False),
        ),
        member([GaussianNoise(0.1), Dense(5, "sigmoid"), Dropout(0.0)], clip_norm=0.1),
        member([GaussianNoise(0.1), Dense(5, "sigmoid")]),
    ]
    assert n_programs(members) == 1


@pytest.mark.parametrize("optimizer", [AdamW(0.01), SGD(0.1, 0.9)], ids=["adamw", "momentum"])
def test_layers_keep_their_own_penalties(optimizer: Any) -> None:
    members = [
        member([Dense(4, "relu", penalty=L1(0.1))], optimizer),
        member([Dense(2, "relu"), Dense(5, "relu", penalty=L2(0.1))], optimizer),
        member([Dense(3, "relu")], optimizer, penalty=L2(0.5)),
    ]
    assert n_programs(members) == 1


def test_what_cannot_be_cut_keeps_its_own_program() -> None:
    members = [
        member([Dense(4, "tanh")]),
        member([Dense(5, "relu")]),
        member([Dense(3), Residual([Dense(3, "tanh")])]),
        member([Dense(6, "tanh")], Optax(optax.sgd, learning_rate=0.1)),
    ]
    assert n_programs(members) == 4


def test_a_wide_member_does_not_slow_the_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the common program would add to the work must be less than what it saves in compilation."""
    members = [member([Dense(2, "tanh")]), member([Dense(40, "tanh")])]
    assert n_programs(members) == 1
    monkeypatch.setattr(common, "SPEED", 1e3)
    assert n_programs(members) == 2


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(3, "softmax")],
        [Dense(3, "relu"), Dense(3, "tanh")],
        [Dense(3, "relu"), Dropout(0.1), Dense(3, "relu")],
        [Dense(3, "relu"), Dense(3, "relu"), Dropout(0.1)],
        [Dense(3, "relu"), Dropout(0.1), Dropout(0.1)],
        [Dense(3, "relu"), Activation("tanh")],
        [Dense(2, "relu", connections=[[1, 0], [0, 1], [1, 1]])],
        [],
    ],
    ids=str,
)
def test_networks_that_no_stack_holds(layers: list[Any]) -> None:
    assert anatomy(Sequential([*layers, Dense(1)])) is None
