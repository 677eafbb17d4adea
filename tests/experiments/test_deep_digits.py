"""Parts of the experiments on deep networks of digits, on random rows: variances by hand, choices on other rows than reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments import initialisation, loss_landscape, optimizers, swish
from lamina.experiments.deep_digits import Digits, Trial, best, train
from lamina.experiments.initialisation import SCHEMES, spread, start_of, theory
from lamina.layers import Dense
from lamina.networks import count_parameters, with_output
from lamina.training import SGD, Adam

pytestmark = pytest.mark.long
RNG = np.random.default_rng(0)


def some(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which one column tells the class."""
    y = RNG.integers(0, 10, n)
    x = RNG.normal(size=(n, 784)).astype(np.float32)
    x[:, 0] = 3 * y
    return x, y


DIGITS = Digits(*some(300), *some(80), *some(90))


def test_errors_are_those_of_the_fit_on_both_other_parts() -> None:
    network = with_output([Dense(8, "relu")], 10, "softmax")
    [found] = train(DIGITS, [Trial(network, Adam(0.01))], 2, 50)
    assert found.parameters is not None
    hidden, output = found.parameters["dense_1"], found.parameters["dense_2"]
    for x, y, error in (
        (DIGITS.x_held, DIGITS.y_held, found.held_error),
        (DIGITS.x_test, DIGITS.y_test, found.test_error),
    ):
        z = np.maximum(x @ hidden["weights"] + hidden["bias"], 0) @ output["weights"] + output["bias"]
        assert error == pytest.approx(100 * np.mean(z.argmax(axis=1) != y))


def test_a_fit_that_ceases_to_be_finite_counts_as_a_guess_and_is_not_chosen() -> None:
    network = with_output([Dense(8, "relu")], 10, "softmax")
    found = train(DIGITS, [Trial(network, SGD(1e30)), Trial(network, Adam(0.01))], 5, 50)
    assert found[0].test_error == 90
    assert found[0].parameters is None
    assert best(found) == 1


def test_variances_are_those_of_the_network_at_the_start() -> None:
    parameters, _ = start_of("tanh", 2, "Xavier", 0)
    found = spread(parameters, "tanh", DIGITS)
    z = DIGITS.x @ parameters["dense_1"]["weights"]
    assert found.before[0] == pytest.approx(np.mean(z**2), rel=1e-3)
    assert found.after[0] == pytest.approx(np.tanh(z).var(axis=0).mean(), rel=1e-3)
    assert len(found.gradient) == 2


@pytest.mark.parametrize("scheme", ["He", "Xavier", "normal 1", "orthogonal"])
def test_mean_squares_change_by_theorys_factor(scheme: str) -> None:
    starts = tuple(spread(start_of("relu", 12, scheme, seed)[0], "relu", DIGITS) for seed in range(6))
    assert initialisation.factor(starts) == pytest.approx(theory(scheme), rel=0.1)
    assert theory("zeros") is None


def test_every_scheme_begins_as_its_name_says() -> None:
    for scheme in SCHEMES:
        weights = start_of("relu", 1, scheme, 0)[0]["dense_1"]["weights"]
        expected = {"zeros": 0.0, "normal 0.01": 0.01, "normal 1": 1.0, "He": np.sqrt(2 / 784)}
        if scheme in expected:
            assert weights.std() == pytest.approx(expected[scheme], rel=0.02)


def test_plain_and_residual_networks_have_the_same_parameters() -> None:
    counts = {
        kind: count_parameters(with_output(loss_landscape.layers_of(kind, 10), 10, "softmax"), (784,))
        for kind in loss_landscape.KINDS
    }
    assert counts["plain"] == counts["residual"]


def test_the_valley_is_left_at_a_rate_chosen_elsewhere() -> None:
    rate, path = optimizers.in_valley("momentum", 300)
    assert rate in optimizers.VALLEY_RATES
    assert path.values[-1] < path.values[0]
    assert optimizers.arrival(path) is None or np.linalg.norm(path.theta[-1] - 1) <= optimizers.NEAR


def test_small_runs_on_these_rows_draw_their_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Digits, "load", classmethod(lambda cls, *args, **settings: DIGITS))
    for module in (optimizers, initialisation, swish, loss_landscape):
        findings = module.run(quick=True, progress=False)
        assert findings.rows
        assert findings.picture is not None
        findings.picture(tmp_path / f"{module.__name__}.png")
        assert (tmp_path / f"{module.__name__}.png").stat().st_size > 10_000
