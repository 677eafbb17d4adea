"""Laws of populations: a member is its lone fit, whatever its company."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from lamina.errors import DivergenceError, LaminaError, SpecificationError
from lamina.layers import Dense, Dropout, GaussianNoise, LeakyReLU, Residual
from lamina.networks import with_output
from lamina.training import (
    L1,
    L2,
    LBFGS,
    SGD,
    Adam,
    AdamW,
    CategoricalCrossEntropy,
    DataSet,
    Member,
    Penalty,
    RMSProp,
    Settings,
    SquaredError,
    common,
    fit,
    fit_population,
    pad_rows,
    predict,
    sizing,
)
from lamina.training.grouping import own_rows
from lamina.training.members import advance_members, advance_members_hastily


def data(n: int = 50, *, seed: int = 0, dtype: Any = np.float32, validation: bool = False) -> DataSet:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n + 12, 4)).astype(dtype)
    y = (x[:, :1] * x[:, 1:2] + 0.1 * rng.standard_normal((n + 12, 1))).astype(dtype)
    watched = pad_rows(x[n:], y[n:], None) if validation else None
    return DataSet(pad_rows(x[:n], y[:n], None), watched, (x[:7],))


def member(**changes: Any) -> Member:
    layers = changes.pop("layers", (Dense(6, "tanh"), Dropout(0.2)))
    optimizer = changes.pop("optimizer", Adam(0.01))
    settings = Settings(optimizer=optimizer, **{"epochs": 1, "batch_size": 16} | changes.pop("settings", {}))
    return Member(with_output(list(layers), 1, "linear"), SquaredError(), settings, **{"seed": 3} | changes)


def lone(one: Member, sets: list[DataSet]) -> tuple[Any, np.ndarray, Any]:
    chosen = sets[one.data]
    fitted = fit(
        one.network,
        one.loss,
        own_rows(one, chosen.rows),
        one.settings,
        one.seed,
        validation=chosen.validation,
    )
    return fitted, predict(one.network, fitted.parameters, fitted.state, chosen.queries[0]), fitted.history


def assert_each_is_its_lone_fit(members: list[Member], sets: list[DataSet], tolerance: float) -> None:
    for one, outcome in zip(members, fit_population(members, sets), strict=True):
        fitted, answer, history = lone(one, sets)
        assert outcome.fitted is not None
        assert jax.tree.structure(outcome.fitted.parameters) == jax.tree.structure(fitted.parameters)
        for got, wanted in zip(
            jax.tree.leaves(outcome.fitted.parameters), jax.tree.leaves(fitted.parameters), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * np.abs(wanted).max())
        np.testing.assert_allclose(outcome.answers[0], answer, rtol=10 * tolerance, atol=10 * tolerance)
        np.testing.assert_allclose(outcome.fitted.history.loss, history.loss, rtol=10 * tolerance)
        np.testing.assert_allclose(
            outcome.fitted.history.penalty, history.penalty, rtol=10 * tolerance, atol=tolerance
        )
        assert outcome.fitted.history.stopped == history.stopped
        assert outcome.fitted.history.best_epoch == history.best_epoch


rng = np.random.default_rng(5)
POPULATIONS: dict[str, tuple[list[Member], list[DataSet]]] = {
    "numbers": (
        [
            member(
                layers=(Dense(6), LeakyReLU(noise), Dropout(rate), GaussianNoise(noise)),
                optimizer=Adam(rate_of_learning, beta),
                settings={"penalty": Penalty(l1=l1, l2=l2), "clip_norm": clip},
            )
            for rate, noise, rate_of_learning, beta, l1, l2, clip in [
                (0.0, 0.1, 0.01, 0.9, 0.0, 0.0, None),
                (0.3, 0.0, 0.1, 0.5, 0.01, 0.0, 0.5),
                (0.5, 0.2, 0.001, 0.99, 0.0, 0.1, None),
                (0.1, 0.1, 0.03, 0.9, 0.1, 0.1, 2.0),
            ]
        ],
        [data()],
    ),
    "folds of unequal size": (
        [member(data=place, optimizer=Adam(rate)) for rate in (0.01, 0.02, 0.03) for place in (0, 1, 2)],
        [data(50), data(49, seed=1), data(52, seed=2)],
    ),
    "one member a data set": (
        [member(data=place) for place in range(4)],
        [data(50, seed=s) for s in range(4)],
    ),
    "seeds": ([member(seed=seed) for seed in range(4)], [data()]),
    "seeds on several data sets": (
        [member(seed=seed, data=seed % 2) for seed in range(4)],
        [data(), data(49, seed=1)],
    ),
    "bootstrap": (
        [member(seed=seed, picks=rng.integers(0, 50, 50)) for seed in range(4)],
        [data()],
    ),
    "bootstrap, full batches": (
        [member(picks=rng.integers(0, 50, 50), settings={"batch_size": None}) for _ in range(4)],
        [data()],
    ),
    "parts": ([member(picks=rng.permutation(50)[:30]) for _ in range(3)], [data()]),
    "weights": (
        [member(weights=(w / w.mean()).astype(np.float32)) for w in rng.exponential(size=(4, 50))],
        [data()],
    ),
    "structures": (
        [
            member(layers=layers, optimizer=optimizer)
            for layers in [(Dense(3, "relu"),), (Dense(4, "relu"), Residual([Dense(4, "tanh")]))]
            for optimizer in (SGD(0.1, 0.5), AdamW(0.01), RMSProp(0.01))
        ],
        [data()],
    ),
    "not compiled together": (
        [member(layers=(Dense(3, "tanh"),), optimizer=LBFGS()), member(), member(seed=4)],
        [data()],
    ),
    "full batches": (
        [member(settings={"batch_size": None, "epochs": 3}, seed=seed) for seed in range(3)],
        [data()],
    ),
    "unshuffled": ([member(settings={"shuffle": False}, seed=seed) for seed in range(3)], [data()]),
}


@pytest.mark.parametrize("name", list(POPULATIONS))
def test_a_member_is_its_lone_fit(name: str) -> None:
    assert_each_is_its_lone_fit(*POPULATIONS[name], tolerance=1e-5)


@pytest.mark.parametrize("name", ["numbers", "seeds", "bootstrap"])
def test_a_member_is_its_lone_fit_in_double_precision(name: str) -> None:
    members, _ = POPULATIONS[name]
    assert_each_is_its_lone_fit(members, [data(dtype=np.float64)], tolerance=1e-10)


def stopping(patience: int, rate: float, epochs: int = 40) -> Member:
    return member(optimizer=Adam(rate), settings={"patience": patience, "epochs": epochs})


def test_each_member_stops_where_it_would_alone() -> None:
    sets = [data(validation=True)]
    members = [stopping(patience, rate) for patience in (1, 3, 30) for rate in (0.3, 0.03)]
    assert_each_is_its_lone_fit(members, sets, tolerance=1e-4)
    lengths = {len(outcome.fitted.history) for outcome in fit_population(members, sets) if outcome.fitted}
    assert len(lengths) > 2


def test_members_may_have_epochs_of_their_own() -> None:
    members = [stopping(1000, 0.01, epochs) for epochs in (1, 7, 3, 20)]
    assert_each_is_its_lone_fit(members, [data(validation=True)], tolerance=1e-4)
    members = [member(settings={"epochs": epochs}) for epochs in (2, 9, 5)]
    assert_each_is_its_lone_fit(members, [data()], tolerance=1e-4)


def test_compaction_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from lamina.training import pieces

    monkeypatch.setattr(pieces, "WORTH_COMPILING", -1.0)
    monkeypatch.setattr(pieces, "CHUNK_SECONDS", 1e-9)
    monkeypatch.setattr(pieces, "_first_chunk", lambda piece: 2)
    members = [member(seed=seed, settings={"epochs": 2 + 3 * seed}) for seed in range(6)]
    assert_each_is_its_lone_fit(members, [data()], tolerance=1e-4)


def test_neighbours_do_not_matter() -> None:
    """A member's numbers are the same bits in a call of the same size, whoever the others are."""
    sets = [data()]
    one = member(optimizer=Adam(0.01))
    some = fit_population([one, *(member(optimizer=Adam(0.1)) for _ in range(3))], sets)
    wild = fit_population([one, *(member(optimizer=Adam(1e6)) for _ in range(3))], sets)
    for got, wanted in zip(
        jax.tree.leaves(some[0].fitted.parameters), jax.tree.leaves(wild[0].fitted.parameters), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)


def test_a_member_that_diverges_harms_no_other() -> None:
    sets = [data()]
    rates = (0.01, 1e30, 0.02)
    members = [
        member(optimizer=SGD(rate), settings={"epochs": 3}, layers=(Dense(4, "relu"),)) for rate in rates
    ]
    outcomes = fit_population(members, sets)
    assert isinstance(outcomes[1].error, DivergenceError)
    for place in (0, 2):
        answer = lone(members[place], sets)[1]
        np.testing.assert_allclose(outcomes[place].answers[0], answer, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("in_a_stack", "programs"), [(True, 1), (False, 2)])
def test_programs_are_at_most_structures_times_sizes(
    in_a_stack: bool, programs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_a_stack:
        monkeypatch.setattr(common, "SPEED", 1.0)
    for function in (advance_members, advance_members_hastily):
        function.clear_cache()
    sets = [data(50, seed=seed) for seed in range(3)]
    for strength in (0.1, 0.2):
        members = [
            member(
                layers=(Dense(units, "relu"),),
                optimizer=Adam(rate),
                settings={"penalty": L2(strength) if rate > 0.02 else Penalty()},
                data=place,
            )
            for units in (3, 5)
            for rate in np.geomspace(0.01, 0.1, 5)
            for place in range(3)
        ]
        fit_population(members, sets)
    assert advance_members._cache_size() + advance_members_hastily._cache_size() == programs


def test_memory_bounds_the_members_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from lamina.training import pieces

    sizes = []
    begin = pieces.Piece._begin

    def note(self: Any, once: Any) -> Any:
        sizes.append(self.size)
        return begin(self, once)

    monkeypatch.setattr(pieces.Piece, "_begin", note)
    members = [member(optimizer=Adam(rate)) for rate in np.geomspace(0.01, 0.1, 8)]
    sets = [data()]
    free = fit_population(members, sets)
    most, sizes[:] = max(sizes), []
    each = sizing.member_bytes(*_job_and_cohort(members[0], sets))
    tight = fit_population(members, sets, memory=int(1.5 * each))
    assert max(sizes) == 1 < most
    for got, wanted in zip(tight, free, strict=True):
        np.testing.assert_allclose(got.answers[0], wanted.answers[0], rtol=1e-4, atol=1e-5)
    with pytest.raises(
        SpecificationError, match=r"memory=10 bytes are too few for one member, which needs about"
    ):
        fit_population(members, sets, memory=10)


def _job_and_cohort(one: Member, sets: list[DataSet]) -> tuple[Any, Any]:
    from lamina.training.grouping import Job, Starts, cohorts

    job = Job(0, one, sets[0], *Starts().of(one, sets[0]))
    return job, cohorts([job])[0]


def test_what_is_finished_is_returned_when_stopped() -> None:
    sets = [data(seed=seed) for seed in range(4)]
    members = [
        member(layers=(Dense(units, "tanh"),), data=place, settings={"epochs": 2})
        for units in (2, 3, 4, 5)
        for place in range(4)
    ]
    seen: list[int] = []
    asked = itertools.count()
    outcomes = fit_population(
        members,
        sets,
        on_done=lambda done: seen.extend(place for place, _ in done),
        stop=lambda: next(asked) >= 3,
    )
    finished = [place for place, outcome in enumerate(outcomes) if outcome.fitted is not None]
    assert sorted(seen) == finished
    assert 0 < len(finished) < len(members)


def test_parameters_need_not_be_kept() -> None:
    members, sets = POPULATIONS["seeds"]
    for kept, without in zip(
        fit_population(members, sets), fit_population(members, sets, keep_parameters=False), strict=True
    ):
        assert without.fitted is not None
        assert without.fitted.parameters == {}
        np.testing.assert_array_equal(kept.answers[0], without.answers[0])


def test_classes_and_smoothing() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((40, 3)).astype(np.float32)
    y = generator.integers(0, 3, (40, 1)).astype(np.int32)
    sets = [DataSet(pad_rows(x, y, None), None, (x,))]
    network = with_output([Dense(4, "relu")], 3, "softmax")
    members = [
        Member(network, CategoricalCrossEntropy(smoothing), Settings(epochs=1), 0)
        for smoothing in (0.0, 0.1, 0.3)
    ]
    for one, outcome in zip(members, fit_population(members, sets), strict=True):
        fitted, _, _ = lone(one, sets)
        np.testing.assert_allclose(
            outcome.fitted.parameters["dense_1"]["weights"],
            fitted.parameters["dense_1"]["weights"],
            rtol=1e-5,
            atol=1e-6,
        )
    assert not np.allclose(*(o.answers[0] for o in fit_population(members, sets)[::2]))


def test_settings_are_those_of_the_member() -> None:
    """A guard of the tests above: they would pass if every member were trained alike."""
    members, sets = POPULATIONS["numbers"]
    answers = [outcome.answers[0] for outcome in fit_population(members, sets)]
    for first in range(len(answers)):
        for second in range(first):
            assert not np.allclose(answers[first], answers[second])
    assert dataclasses.replace(members[0], seed=9).seed == 9
    assert L1(0.1).l1 == 0.1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": 1}, "member 0 learns from data set 1, and there are 1"),
        ({"picks": np.array([0, 50])}, "member 0 picks rows 0 to 50, and its data set has rows 0 to 49"),
        ({"picks": np.array([-1, 3])}, "picks rows -1 to 3"),
        ({"picks": np.array([])}, "picks must be a row of whole numbers, one at least"),
        ({"weights": np.ones(49)}, "weights must be 50 finite numbers"),
        ({"weights": np.full(50, np.nan)}, "weights must be 50 finite numbers"),
    ],
)
def test_rows_that_there_are_not(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LaminaError, match=message):
        fit_population([member(**changes)], [data()])


TWO_DEVICES = """
import sys
sys.path[:0] = [{tests!r}]
import jax
jax.config.update("jax_num_cpu_devices", 2)
from training.test_population import POPULATIONS, assert_each_is_its_lone_fit
assert_each_is_its_lone_fit(*POPULATIONS["folds of unequal size"], tolerance=1e-5)
print(len(jax.local_devices()))
"""


def test_pieces_are_spread_over_the_devices() -> None:
    """In another process, for the number of devices is fixed when JAX starts."""
    code = TWO_DEVICES.format(tests=str(Path(__file__).parents[1]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "2\n", done.stderr
