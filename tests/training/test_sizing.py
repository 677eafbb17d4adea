"""How a population is cut into pieces, and in which order they run."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.layers import Dense, Dropout
from lamina.networks import with_output
from lamina.training import DataSet, Member, Settings, SquaredError, pad_rows, sizing
from lamina.training.grouping import Job, Starts, cohorts

X = np.ones((20, 1), np.float32)


def test_pieces_run_in_the_order_of_the_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings on several folds, as a search lines them up: what is stopped half way has whole settings."""
    monkeypatch.setattr(sizing, "SIZES", (1, 2))
    networks = [
        with_output([Dense(2, "relu"), *extra], 1, "linear")
        for extra in ([], [Dropout(0.1)], [Dense(3, "tanh")])
    ]
    data = [DataSet(pad_rows(X + fold, X, None)) for fold in range(3)]
    members = [
        Member(network, SquaredError(), Settings(batch_size=8, epochs=1), seed=0, data=fold)
        for network in networks * 4
        for fold in range(3)
    ]
    starts = Starts()
    jobs = [
        Job(place, member, data[member.data], *starts.of(member, data[member.data]))
        for place, member in enumerate(members)
    ]
    pieces, _ = sizing.cut(cohorts(jobs, 1), None, True)
    firsts = [piece.jobs[0].place for piece in pieces]
    assert len(firsts) > 9
    assert firsts == sorted(firsts)
