"""The drop-in perceptrons come back as they were, and go on as if they had not been saved."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest

from lamina.drop_in import MLPClassifier, MLPRegressor
from lamina.errors import FileFormatError
from lamina.files.container import Content
from lamina.files.models import from_content, to_content

pytestmark = pytest.mark.filterwarnings("ignore:.*(converge|Maximum iterations)")
SMALL: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}


def assert_same(one: Any, other: Any, X: Any) -> None:
    """Every attribute, to the bit."""
    assert type(one) is type(other)
    assert vars(one).keys() == vars(other).keys()
    for name, value in vars(one).items():
        if name == "_label_binarizer":
            assert repr(sorted(vars(value).items())) == repr(sorted(vars(other._label_binarizer).items()))
        elif isinstance(value, (np.ndarray, list, tuple)):
            assert jax.tree.structure(value) == jax.tree.structure(getattr(other, name))
            jax.tree.map(np.testing.assert_array_equal, value, getattr(other, name))
        else:
            assert value == getattr(other, name)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


@pytest.mark.parametrize(
    "parameters",
    [{}, {"solver": "sgd", "early_stopping": True}, {"solver": "lbfgs"}, {"activation": "logistic"}],
    ids=lambda parameters: ",".join(map(str, parameters.values())) or "default",
)
def test_regressions(parameters: dict[str, Any], x, y, round_trip) -> None:
    model = MLPRegressor(**{**SMALL, **parameters}).fit(pd.DataFrame(x, columns=["a", "b", "c"]), y)
    assert_same(model, round_trip(model), pd.DataFrame(x, columns=["a", "b", "c"]))


@pytest.mark.parametrize("kind", ["two", "three", "several"])
def test_classes_and_further_training(kind: str, x, y, round_trip) -> None:
    outcome = {
        "two": np.where(y > -1, "yes", "no"),
        "three": np.digitize(y, [-2, 0]),
        "several": np.column_stack([y > -1, y < -2]).astype(int),
    }[kind]
    model = MLPClassifier(**SMALL).fit(x.astype(np.float64), outcome)
    again = round_trip(model)
    assert_same(model, again, x)
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    for estimator in (model, again):
        estimator.partial_fit(x.astype(np.float64), outcome)
    assert_same(model, again, x)


def test_a_solver_set_since_the_fit_is_saved_without_the_old_ones_memory(x, y, round_trip) -> None:
    model = MLPRegressor(**SMALL).fit(x, y).set_params(solver="sgd")
    assert not hasattr(round_trip(model), "_optimizer")


@pytest.mark.parametrize(
    "change",
    [
        lambda s, a: s.update(units=[3, 5, 3]),
        lambda s, a: s.update(units=[3]),
        lambda s, a: s["learnt"].pop("n_layers_"),
        lambda s, a: s["learnt"].update(out_activation_="cubic"),
        lambda s, a: s["coding"].update(outcome="binary"),
        lambda s, a: s.pop("classes"),
        lambda s, a: a.pop("dense_2/bias"),
        lambda s, a: a.update({"dense_3/bias": np.zeros(2)}),
        lambda s, a: s["parameters"].update(solver="sgd"),
        lambda s, a: s["parameters"].update(beta_1="x"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change: Callable[..., Any], x, y) -> None:
    content = to_content(MLPClassifier(**SMALL).fit(x, np.digitize(y, [-2, 0])))
    specification, arrays = copy.deepcopy(content.specification), dict(content.arrays)
    change(specification, arrays)
    with pytest.raises(FileFormatError):
        from_content(Content(specification, arrays))
