"""Splits: every row is tested as often as any other, classes are spread, groups stay whole, nonsense is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, LeaveOneOut, ShuffleSplit, TimeSeriesSplit

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.evaluation.splits import Sample, Splits, fold_pairs, make_splits


def numbers(n: int, groups: Any = None) -> Sample:
    return Sample(None, np.arange(float(n)), groups)


def classes(counts: list[int]) -> Sample:
    return Sample(None, np.repeat(np.arange(len(counts)), counts), None, True)


@given(n=st.integers(4, 60), seed=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_by_default_every_row_is_tested_once_and_never_trained_on(n: int, seed: int) -> None:
    splits = make_splits(numbers(n), seed=seed)
    tested = np.bincount(np.concatenate([test for _, test in splits]), minlength=n)
    assert set(tested) == {1}
    for train, test in splits:
        assert sorted([*train, *test]) == list(range(n))


@pytest.mark.parametrize(("n", "count"), [(1999, 10), (2000, 5), (7, 7)])
def test_the_default_follows_the_number_of_rows(n: int, count: int) -> None:
    assert len(make_splits(numbers(n))) == count


def test_the_seed_decides() -> None:
    splits = make_splits(numbers(50), seed=1)
    again = make_splits(numbers(50), seed=1)
    other = make_splits(numbers(50), seed=9)
    tests = [tuple(test) for _, test in splits]
    assert len(set(tests)) == 10
    assert tests == [tuple(test) for _, test in again]
    assert tests != [tuple(test) for _, test in other]


def test_classes_are_spread_evenly() -> None:
    sample = classes([40, 20])
    for _, test in make_splits(sample):
        assert np.bincount(sample.y[test]).tolist() == [4, 2]


def test_a_class_rarer_than_the_folds_is_no_obstacle() -> None:
    assert len(make_splits(classes([30, 3]))) == 10
    assert len(make_splits(classes([3, 3]), cv=6)) == 6  # no class has a row for each fold


@pytest.mark.parametrize("classification", [False, True])
def test_groups_stay_whole(classification: bool) -> None:
    groups = np.arange(60) // 4
    sample = Sample(None, np.arange(60) % 2, groups, classification)
    splits = make_splits(sample)
    assert len(splits) == 10
    assert splits.description.endswith("groups kept whole")
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize("seed", range(5))
def test_few_groups_leave_no_fold_empty(seed: int) -> None:
    groups = np.array([0] * 20 + [1] * 2 + [2] * 2)
    for train, test in fold_pairs(Sample(None, np.arange(24) % 2, groups, True), 10, seed):
        assert len(train)
        assert len(test)


def test_a_number_of_folds() -> None:
    assert len(make_splits(numbers(30), cv=4)) == 4
    assert len(make_splits(numbers(30), cv=np.int64(4))) == 4


@pytest.mark.parametrize(("cv", "size"), [(0.25, 10), ("holdout", 14), ("hold-out", 14)])
def test_a_hold_out(cv: Any, size: int) -> None:
    splits = make_splits(numbers(40), cv=cv)
    assert [len(test) for _, test in splits] == [size]
    assert splits.test_to_train == pytest.approx(size / (40 - size))


def test_a_hold_out_is_stratified_and_keeps_groups_whole() -> None:
    sample = classes([40, 20])
    assert np.bincount(sample.y[make_splits(sample, cv=0.1).pairs[0][1]]).tolist() == [4, 2]
    groups = np.arange(40) // 10
    train, test = make_splits(numbers(40, groups), cv=0.25).pairs[0]
    assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize("cv", [KFold(3), ShuffleSplit(2, random_state=0), LeaveOneOut(), TimeSeriesSplit(3)])
def test_any_splitter_of_scikit_learn(cv: Any) -> None:
    expected = list(cv.split(np.zeros((12, 1))))
    found = make_splits(numbers(12), cv=cv)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert [part.tolist() for part in one] == [part.tolist() for part in other]


def test_a_list_of_pairs_and_masks() -> None:
    mask = np.array([True, True, True, False, False])
    splits = make_splits(numbers(5), cv=[([0, 1, 2], [3, 4]), (mask, ~mask)])
    assert [part.tolist() for part in splits.pairs[0]] == [part.tolist() for part in splits.pairs[1]]
    assert splits.description == "2 given splits"


def test_test_to_train_is_the_share_over_all_splits() -> None:
    pair = (np.arange(6), np.arange(6, 9))
    assert Splits((pair, pair), "").test_to_train == 0.5


@pytest.mark.parametrize(
    ("cv", "error", "message"),
    [
        (1, SpecificationError, "cv=1 folds: at least 2"),
        (11, SpecificationError, "11 folds, but there are 10 rows"),
        (1.5, SpecificationError, "between 0 and 1"),
        ("half", SpecificationError, "no plan for splits: give a number of folds"),
        (True, ArgumentTypeError, "no plan for splits"),
        (object(), ArgumentTypeError, "cv is of type object"),
        (KFold, ArgumentTypeError, r"give an instance, KFold\(\)"),
        (KFold(20), DataError, "cannot split these 10 rows"),
        ([], DataError, "no splits"),
        ([([0], [1], [2])], ArgumentTypeError, r"pair \(train, test\)"),
        ([([0.5], [1])], ArgumentTypeError, "whole numbers"),
        ([([0, 1], [])], DataError, "split 1 has no test rows"),
        ([([0, 1], [2]), ([0, 1], [10])], DataError, "split 2 names test row 10.* 0 to 9"),
        ([([0, 1], [-1])], DataError, "names test row -1"),
        ([([0, 1], [1, 2])], DataError, "row 1 both in training and in test"),
    ],
)
def test_what_means_nothing_is_refused(cv: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make_splits(numbers(10), cv=cv)


def test_a_split_that_tears_a_group_apart_is_refused() -> None:
    with pytest.raises(DataError, match="group 1 both in training and in test"):
        make_splits(numbers(10, np.arange(10) // 2), cv=[([0, 1, 2], [3])])


def test_more_folds_than_groups_are_refused() -> None:
    with pytest.raises(SpecificationError, match="3 folds, but there are 2 groups"):
        make_splits(numbers(10, np.arange(10) // 5), cv=3)
