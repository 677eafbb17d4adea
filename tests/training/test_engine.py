"""What every fit obeys: which rows a step uses, what weights mean, which bits come out, when it stops."""

from typing import Any

import numpy as np
import pytest
from small_fits import assert_close, assert_same_bits, fit_rows, linear_data

from lamina.errors import DivergenceError, DivergenceWarning
from lamina.layers import L2, Dense, Dropout, Sequential
from lamina.training import SGD, Adam, Fitted, loop
from lamina.training.losses import FunctionLoss
from lamina.training.program import HISTORY
from lamina.training.schedules import Exponential

X, Y = linear_data()
NETWORK = Sequential([Dense(4, "tanh"), Dropout(0.2), Dense(1)])
PLAIN = Sequential([Dense(4, "tanh"), Dense(1)])
LINEAR = Sequential([Dense(1)])


def slope_one(z: Any, y: Any) -> Any:
    return z


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("n", [8, 10, 11])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_row_counts_once_an_epoch_and_the_last_batch_by_its_share(
    n: int, epochs: int, shuffle: bool
) -> None:
    """With one-hot rows and a loss of slope one, each use of row j moves weight j by rate / batch, wherever it falls."""
    network = Sequential([Dense(1, use_bias=False, weight_init="zeros")])
    options: dict[str, Any] = {"optimizer": SGD(0.5), "epochs": epochs, "batch_size": 4, "shuffle": shuffle}
    fitted = fit_rows(network, np.eye(n, 11), np.zeros(n), loss=FunctionLoss(slope_one), **options)
    expected = np.where(np.arange(11) < n, -epochs * 0.5 / 4, 0)
    np.testing.assert_allclose(fitted.parameters["dense_1"]["weights"][:, 0], expected, rtol=1e-12)


def test_epochs_take_the_rows_in_new_orders() -> None:
    """The loss of an epoch, measured while its steps run, depends on the order; parameters at rate zero do not."""
    same = fit_rows(LINEAR, X, Y, optimizer=SGD(0.05), epochs=3, batch_size=16, shuffle=False)
    again = [fit_rows(LINEAR, X, Y, optimizer=SGD(0.05), epochs=3, batch_size=16, seed=s) for s in (0, 1)]
    assert len({same.history.loss[-1], *(fitted.history.loss[-1] for fitted in again)}) == 3


def test_a_step_is_the_gradient_of_the_batch_by_hand() -> None:
    x, y = X[:8], Y[:8]
    start = LINEAR.init(np.random.default_rng(0), (3,))[0]["dense_1"]
    weights, bias = start["weights"][:, 0], start["bias"][0]
    for first in (0, 3, 6):
        xb, yb = x[first : first + 3], y[first : first + 3]
        residual = yb - xb @ weights - bias
        share = len(yb) / 3
        weights = weights + share * 0.1 * 2 * (residual @ xb) / len(yb)
        bias = bias + share * 0.1 * 2 * residual.mean()
    fitted = fit_rows(LINEAR, x, y, optimizer=SGD(0.1), epochs=1, batch_size=3, shuffle=False).parameters[
        "dense_1"
    ]
    np.testing.assert_allclose(fitted["weights"][:, 0], weights, rtol=1e-12)
    np.testing.assert_allclose(fitted["bias"][0], bias, rtol=1e-12)


def test_the_first_loss_is_that_of_the_initial_network() -> None:
    fitted = fit_rows(PLAIN, X, Y, epochs=2, batch_size=None)
    parameters = PLAIN.init(np.random.default_rng(0), (3,))[0]
    hidden = np.tanh(X @ parameters["dense_1"]["weights"])
    residual = Y - (hidden @ parameters["dense_2"]["weights"])[:, 0]
    assert fitted.history.loss[0] == pytest.approx(np.square(residual).mean(), rel=1e-12)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_rows_of_weight_zero_change_no_bit(batch_size: int | None) -> None:
    options: dict[str, Any] = {"epochs": 3, "batch_size": batch_size}
    alone = fit_rows(NETWORK, X, Y, weights=np.ones(60), **options)
    more = np.vstack([X, 1e3 * X[:20]])
    with_others = fit_rows(
        NETWORK, more, np.r_[Y, Y[:20]], weights=np.repeat([1.0, 0.0], [60, 20]), **options
    )
    assert_same_bits(alone.parameters, with_others.parameters)
    assert alone.history.loss == with_others.history.loss


def test_whole_weights_are_repeated_rows() -> None:
    counts = np.random.default_rng(0).integers(1, 4, size=60)
    options: dict[str, Any] = {"epochs": 5, "batch_size": None, "penalty": L2(0.1)}
    weighted = fit_rows(PLAIN, X, Y, weights=counts.astype(float), **options)
    repeated = fit_rows(PLAIN, np.repeat(X, counts, axis=0), np.repeat(Y, counts), **options)
    assert_close(weighted.parameters, repeated.parameters, rtol=1e-9)
    np.testing.assert_allclose(weighted.history.loss, repeated.history.loss, rtol=1e-9)


def test_the_scale_of_weights_does_not_matter() -> None:
    weights = np.random.default_rng(0).uniform(0.5, 2, size=60)
    fits = [fit_rows(PLAIN, X, Y, weights=factor * weights, epochs=3, batch_size=16) for factor in (1, 1024)]
    assert_same_bits(fits[0].parameters, fits[1].parameters)


@pytest.mark.parametrize("validates", [False, True])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_no_bit_depends_on_how_a_fit_is_cut(
    batch_size: int | None, validates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"epochs": 9, "batch_size": batch_size}
    if validates:
        options["validation"] = linear_data(seed=1)
    whole = fit_rows(NETWORK, X, Y, **options)
    for steps in (1, 3):
        monkeypatch.setattr(loop, "_first_chunk", lambda *_, steps=steps: steps)
        monkeypatch.setattr(loop, "_next_chunk", lambda *_, steps=steps: steps)
        cut = fit_rows(NETWORK, X, Y, **options)
        assert_same_bits(whole.parameters, cut.parameters)
        assert whole.history == cut.history


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    fits = [fit_rows(NETWORK, X, Y, epochs=2, batch_size=16, seed=seed) for seed in (0, 0, 1)]
    assert_same_bits(fits[0].parameters, fits[1].parameters)
    assert fits[0].history.loss != fits[2].history.loss


def test_going_on_is_as_if_it_had_never_stopped() -> None:
    options: dict[str, Any] = {"optimizer": Adam(Exponential(0.01, 0.9)), "batch_size": 16}
    whole = fit_rows(NETWORK, X, Y, epochs=7, **options)
    first = fit_rows(NETWORK, X, Y, epochs=3, **options)
    second = fit_rows(NETWORK, X, Y, epochs=4, start_from=first, **options)
    assert_same_bits(whole.parameters, second.parameters)
    assert whole.history.loss == first.history.loss + second.history.loss
    assert second.epochs == 7


def test_history_keeps_every_epoch_beyond_the_ring() -> None:
    epochs = 2 * HISTORY + 88
    options: dict[str, Any] = {"optimizer": SGD(0.01), "batch_size": None, "validation": linear_data(seed=1)}
    long = fit_rows(PLAIN, X, Y, epochs=epochs, **options).history
    short = fit_rows(PLAIN, X, Y, epochs=100, **options).history
    assert len(long.loss) == len(long.penalty) == len(long.validation_loss) == epochs
    assert long.loss[:100] == short.loss
    assert np.isfinite(long.loss + long.validation_loss).all()
    assert (np.diff(long.loss) < 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_computes_in_the_precision_of_the_data(dtype: Any) -> None:
    fitted = fit_rows(PLAIN, X.astype(dtype), Y.astype(dtype), epochs=2)
    leaves = [leaf for layer in fitted.parameters.values() for leaf in layer.values()]
    assert {leaf.dtype for leaf in leaves} == {np.dtype(dtype)}
    exact = fit_rows(PLAIN, X, Y, epochs=2).history.loss[0]
    error = abs(fit_rows(PLAIN, X.astype(dtype), Y.astype(dtype), epochs=2).history.loss[0] / exact - 1)
    assert error == 0 if dtype == np.float64 else 1e-12 < error < 1e-6


def test_a_clipped_gradient_has_the_given_norm() -> None:
    start = LINEAR.init(np.random.default_rng(0), (3,))[0]["dense_1"]
    for clip, shrinks in ((0.01, True), (1e6, False)):
        options: dict[str, Any] = {"optimizer": SGD(1.0), "epochs": 1, "batch_size": None}
        clipped = fit_rows(LINEAR, X, Y, clip_norm=clip, **options).parameters["dense_1"]
        free = fit_rows(LINEAR, X, Y, **options).parameters["dense_1"]
        step = np.append(clipped["weights"] - start["weights"], clipped["bias"] - start["bias"])
        whole = np.append(free["weights"] - start["weights"], free["bias"] - start["bias"])
        expected = whole * clip / np.linalg.norm(whole) if shrinks else whole
        np.testing.assert_allclose(step, expected, rtol=1e-9)


def noisy_fit(**settings: Any) -> Fitted:
    """A large network on few rows of noise, which overfits soon."""
    rng = np.random.default_rng(0)
    network = Sequential([Dense(64, "relu"), Dense(1)])
    options: dict[str, Any] = {"optimizer": Adam(0.02), "epochs": 60, "batch_size": 16, **settings}
    return fit_rows(
        network, rng.normal(size=(60, 3)), rng.normal(size=60), validation=linear_data(seed=1), **options
    )


def test_patience_ends_a_fit_and_the_best_epoch_is_returned() -> None:
    fitted = noisy_fit(patience=7)
    losses = fitted.history.validation_loss
    assert fitted.history.stopped == "patience"
    assert fitted.history.best_epoch == int(np.argmin(losses)) + 1
    assert len(fitted.history) == fitted.history.best_epoch + 7 < 60
    assert validation_loss(fitted) == pytest.approx(min(losses), rel=1e-12)


def test_without_patience_all_epochs_run_and_the_best_is_returned() -> None:
    fitted = noisy_fit()
    assert len(fitted.history) == 60
    assert fitted.history.stopped == "epochs"
    assert validation_loss(fitted) == pytest.approx(min(fitted.history.validation_loss), rel=1e-12)
    assert (
        fitted.history.validation_loss[: len(noisy_fit(patience=7).history)]
        == noisy_fit(patience=7).history.validation_loss
    )


def test_an_improvement_must_be_large_enough_to_count() -> None:
    assert len(noisy_fit(patience=3, min_improvement=1e9).history) == 1 + 3


def validation_loss(fitted: Fitted) -> float:
    x, y = linear_data(seed=1)
    first, last = fitted.parameters["dense_1"], fitted.parameters["dense_2"]
    predicted = np.maximum(x @ first["weights"] + first["bias"], 0) @ last["weights"] + last["bias"]
    return float(np.square(predicted[:, 0] - y).mean())


def test_divergence_from_the_start_is_an_error_with_epoch_and_remedy() -> None:
    with pytest.raises(
        DivergenceError, match=r"epoch 1, before any usable.*smaller learning rate \(it was 1e\+30\)"
    ):
        fit_rows(PLAIN, X.astype("f4"), Y.astype("f4"), optimizer=SGD(1e30), epochs=50, batch_size=8)


def test_later_divergence_keeps_the_best_finite_model() -> None:
    options: dict[str, Any] = {"optimizer": SGD(3.0), "batch_size": None}
    with pytest.warns(
        DivergenceWarning, match=r"in epoch \d+; the model of epoch 1 is kept: give a smaller.*was 3.0"
    ):
        fitted = fit_rows(LINEAR, X.astype("f4"), Y.astype("f4"), epochs=200, **options)
    assert fitted.history.stopped == "diverged"
    assert 2 < len(fitted.history) < 200
    first = fit_rows(LINEAR, X.astype("f4"), Y.astype("f4"), epochs=1, **options)
    assert_same_bits(fitted.parameters, first.parameters)


def test_divergence_after_going_on_counts_epochs_from_the_beginning() -> None:
    first = fit_rows(LINEAR, X.astype("f4"), Y.astype("f4"), optimizer=SGD(0.1), epochs=10, batch_size=None)
    with pytest.warns(DivergenceWarning, match=r"in epoch \d+; the model of epoch 11 is kept"):
        fit_rows(
            LINEAR,
            X.astype("f4"),
            Y.astype("f4"),
            optimizer=SGD(3.0),
            epochs=200,
            batch_size=None,
            start_from=first,
        )
