"""scikit-learn's own tests of its perceptrons pass once their import line is changed, and so do its checks of estimators."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from lamina.drop_in import MLPClassifier, MLPRegressor

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.long]

THEIRS = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from lamina.drop_in import MLPClassifier, MLPRegressor"
# It differentiates a private method; the gradients are tested in test_losses.py.
PRIVATE = "test_gradient"


def with_one_line_changed() -> dict[str, Any]:
    """The tests of scikit-learn's module, and what they need, by name."""
    specification = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    if specification is None or specification.origin is None:
        return {}
    text = Path(specification.origin).read_text(encoding="utf-8")
    assert text.count(THEIRS) == 1
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(text.replace(THEIRS, OURS), specification.origin, "exec"), names)
    return {name: value for name, value in names.items() if name.startswith("test_") and name != PRIVATE}


globals().update(with_one_line_changed())


@pytest.fixture
def global_random_seed() -> int:
    """scikit-learn's fixture of this name."""
    return 42


CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{getattr(check, 'func', check).__name__}")
    for given in (MLPClassifier(max_iter=100), MLPRegressor(max_iter=100))
    for estimator, check in estimator_checks_generator(given)
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_estimator_check(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
