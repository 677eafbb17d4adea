"""Other processes find what this one would have found, to the bit, and Ctrl-C ends them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina.evaluation import helpers
from lamina.evaluation.comparison import check_problem
from lamina.evaluation.contenders import choose_contenders
from lamina.evaluation.fits import ModelResult
from lamina.evaluation.helpers import Helpers
from lamina.evaluation.nesting import Nest
from lamina.evaluation.running import run
from lamina.evaluation.single_fits import gathered

N = 40
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"x": RNG.normal(size=N), "town": RNG.choice(["Ulm", "Bonn"], size=N)})
TABLE["name"] = [f"flat number {i}" for i in range(N)]  # left out with a warning, in whichever process
PROBLEM = check_problem(TABLE, 2 * TABLE["x"] + RNG.normal(size=N), None, None, 4, None, 0)
NAMES = ["mean", "linear", "ridge"]


def quiet(*_: Any) -> None:
    """Progress that nobody sees."""


def two_processes(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    monkeypatch.setattr(helpers, "_patience", lambda: patience)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)


def same(one: ModelResult, other: ModelResult) -> bool:
    inner = np.array_equal(np.asarray(one.inner), np.asarray(other.inner))
    return inner and np.array_equal(one.errors, other.errors) and one.failure == other.failure


def test_other_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    contenders = choose_contenders("regression", NAMES)
    alone = run(PROBLEM, contenders, quiet)
    two_processes(monkeypatch, patience=-1.0)
    nest = Nest.of(PROBLEM)
    team = Helpers(PROBLEM, contenders, [nest] * 3)
    told: list[int] = []
    try:
        for place in range(3):
            team.run(place, lambda place=place: told.append(place))  # type: ignore[misc]
        assert len(team.given) == 3 * 4 - 1  # this process had begun the first
        team.waiting[team.given[0]].result()  # the other process has begun
        team.gather(told.append)
    finally:
        helpers._end()
    assert sorted(told) == [0] * 4 + [1] * 4 + [2] * 4
    for place, expected in enumerate(alone.models):
        results = team.of(place)
        assert results is not None
        assert same(gathered(PROBLEM, contenders[place], results, True), expected)
        assert all("name" in text for result in results.values() for text in result.warnings)


def test_a_process_that_holds_another_comparison_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that brings a comparison may be lost on its way; those that ask for fits may not."""

    class Forgetful:
        """A process that never hears of a new comparison, and still holds one of the same shape."""

        def submit(self, task: Any, *arguments: Any) -> Any:
            from concurrent.futures import Future

            future: Future[Any] = Future()
            try:
                future.set_result(None if task is helpers._load else task(*arguments))
            except Exception as error:
                future.set_exception(error)
            return future

    others = choose_contenders("regression", ["ridge", "linear", "mean"])
    helpers._load("another", helpers._written((PROBLEM, others, (None,) * 3)))
    contenders = choose_contenders("regression", NAMES)
    alone = run(PROBLEM, contenders, quiet)
    two_processes(monkeypatch, patience=-1.0)
    monkeypatch.setattr(helpers, "_processes", lambda: [Forgetful()])
    found = run(PROBLEM, contenders, quiet)
    assert all(same(*pair) for pair in zip(found.models, alone.models, strict=True))
    assert found.models[1].errors.tolist() != found.models[2].errors.tolist()


def test_what_cannot_be_sent_is_fitted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        """A process that ends as soon as it is asked."""

        def submit(self, task: Any, *arguments: Any) -> Any:
            from concurrent.futures import Future

            future: Future[Any] = Future()
            future.set_running_or_notify_cancel()
            future.set_exception(RuntimeError("killed"))
            return future

    contenders = choose_contenders("regression", NAMES)
    alone = run(PROBLEM, contenders, quiet)
    two_processes(monkeypatch, patience=-1.0)
    monkeypatch.setattr(helpers, "_processes", lambda: [Broken()])
    found = run(PROBLEM, contenders, quiet)
    assert all(same(one, other) for one, other in zip(found.models, alone.models, strict=True))
    assert found.warnings == alone.warnings


def test_ctrl_c_keeps_what_is_finished_and_ends_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        """A process that never comes to an end."""

        ended = 0

        def submit(self, task: Any, *arguments: Any) -> Any:
            from concurrent.futures import Future

            future: Future[Any] = Future()
            future.set_running_or_notify_cancel()
            return future

        def shutdown(self, **_: Any) -> None:
            Slow.ended += 1

    def stop(model: str, fold: int, folds: int) -> None:
        if model == "ridge":
            raise KeyboardInterrupt

    contenders = choose_contenders("regression", NAMES)
    monkeypatch.setattr(helpers, "_started", [Slow()])
    monkeypatch.setattr(helpers, "_processes", lambda: helpers._started)
    patience = iter([9e9] * 6 + [-1.0] * 99)  # the second model is half way when the other process is asked
    monkeypatch.setattr(helpers, "_patience", lambda: next(patience))
    found = run(PROBLEM, contenders, stop)
    assert [model.name for model in found.models] == ["mean"]
    assert found.unfinished == ("linear", "ridge")
    assert Slow.ended == 1


def test_a_short_comparison_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "_processes", lambda: pytest.fail("asked"))
    monkeypatch.setattr(helpers, "_patience", lambda: 1e9)
    assert len(run(PROBLEM, choose_contenders("regression", NAMES), quiet).models) == 3


def test_processes_that_are_there_already_are_asked_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "_started", [])
    before = helpers._patience()
    monkeypatch.setattr(helpers, "_started", [object()])
    assert 0 < helpers._patience() < before
