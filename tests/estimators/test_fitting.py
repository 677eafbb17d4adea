"""Fitting in every way: weights, validation rows, early stopping, going on, interrupting, failing."""

import signal
import threading
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error
from small_fits import assert_same_bits, linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import DivergenceError, DivergenceWarning, SpecificationError
from lamina.estimators import EarlyStopping
from lamina.layers import Dense, Dropout
from lamina.training import SGD, Adam, loop
from lamina.training.losses import Huber
from lamina.training.schedules import Cosine

X, Y = linear_data()
CLASSES = np.where(Y > 0.5, "high", "low")
X_NEW, Y_NEW = linear_data(seed=1)
SHORT: dict[str, Any] = {"layers": [Dense(4, "tanh"), Dropout(0.1)], "epochs": 4, "random_state": 0}
OVERFIT: dict[str, Any] = {
    "layers": [Dense(64, "relu")],
    "optimizer": Adam(0.02),
    "epochs": 60,
    "random_state": 0,
}
NOISE = np.random.default_rng(0).normal(size=60)


@pytest.mark.parametrize(("kind", "y"), [(NeuralRegressor, Y), (NeuralClassifier, CLASSES)])
@pytest.mark.parametrize("more", [3, 40])
@pytest.mark.parametrize("stopping", [None, EarlyStopping(2)])
def test_rows_of_weight_zero_change_no_bit(kind: type, y: np.ndarray, more: int, stopping: Any) -> None:
    """Not even where they would carry the row count over a step of the default batch size."""
    weights = np.r_[np.ones(60), np.zeros(more)]
    far = np.vstack([X, 100 * X[:more]])
    alone = kind(early_stopping=stopping, **SHORT).fit(X, y, sample_weight=np.ones(60))
    others = kind(early_stopping=stopping, **SHORT).fit(far, np.r_[y, y[:more]], sample_weight=weights)
    assert_same_bits(alone.parameters_, others.parameters_)
    np.testing.assert_array_equal(alone.predict(X_NEW), others.predict(X_NEW))


def test_whole_weights_are_repeated_rows() -> None:
    counts = np.random.default_rng(0).integers(0, 4, size=60)
    options: dict[str, Any] = {**SHORT, "layers": [Dense(4, "tanh")], "batch_size": 10_000}
    weighted = NeuralRegressor(**options).fit(X, Y, sample_weight=counts)
    repeated = NeuralRegressor(**options).fit(np.repeat(X, counts, axis=0), np.repeat(Y, counts))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-8)


@pytest.mark.parametrize("validated", ["by rows held back", "by the user's rows"])
@pytest.mark.parametrize("stopping", [None, EarlyStopping(5)])
def test_the_best_epoch_is_kept(stopping: Any, validated: str) -> None:
    own = validated == "by the user's rows"
    if not own and stopping is None:
        pytest.skip("nothing to watch")
    given = {"X_val": X_NEW, "y_val": Y_NEW} if own else {}
    model = NeuralRegressor(early_stopping=stopping, **OVERFIT).fit(X, NOISE, **given)
    losses = model.history_.validation_loss
    assert model.history_.best_epoch == np.argmin(losses) + 1 < len(losses)
    assert len(losses) == (60 if stopping is None else model.history_.best_epoch + 5)
    if own:
        error = mean_squared_error(Y_NEW, model.predict(X_NEW)) / NOISE.var()
        assert error == pytest.approx(min(losses), rel=1e-9)


def test_no_row_is_held_back_unless_asked_for() -> None:
    model = NeuralRegressor([], epochs=1, optimizer=SGD(0.0), random_state=0).fit(X, Y)
    assert model.history_.validation_loss == []
    assert model.history_.best_epoch is None
    predicted = model.predict(X)
    assert model.loss_curve_[0] == pytest.approx(mean_squared_error(Y, predicted) / Y.var(), rel=1e-9)


def test_scales_are_learnt_from_training_rows_alone() -> None:
    model = NeuralRegressor(early_stopping=EarlyStopping(2, 0.25), **SHORT).fit(X, Y)
    kept, held = model._held_back(Y, 0.25, np.random.RandomState(0))
    assert len(held) == 15
    np.testing.assert_allclose(model.features_.standardizer.mean, X[kept].mean(axis=0))
    np.testing.assert_allclose(model.outcome_.mean, Y[kept].mean())
    watched = NeuralRegressor(**SHORT).fit(X, Y, X_val=1000 * X, y_val=Y)
    np.testing.assert_allclose(watched.features_.standardizer.mean, X.mean(axis=0))


def test_warm_start_goes_on() -> None:
    warm = NeuralRegressor(warm_start=True, **SHORT).fit(X, Y)
    first = warm.loss_curve_.copy()
    warm.fit(X, Y)
    whole = NeuralRegressor(**{**SHORT, "epochs": 8}).fit(X, Y)
    assert warm.loss_curve_[:4] == first
    assert warm.n_iter_ == 8
    assert_same_bits(warm.parameters_, whole.parameters_)
    assert NeuralRegressor(**SHORT).fit(X, Y).fit(X, Y).n_iter_ == 4


def test_warm_start_takes_new_numbers_and_refuses_a_new_structure() -> None:
    warm = NeuralRegressor(warm_start=True, loss=Huber(1.0), **SHORT).fit(X, Y)
    warm.set_params(layers__dropout_1__rate=0.5, loss__delta=2.0, optimizer__learning_rate=0.1).fit(X, Y)
    assert warm.network_.layers[1] == Dropout(0.5)
    assert warm.loss_ == Huber(2.0)
    with pytest.raises(
        SpecificationError,
        match=r"but layers, augment or precision changed since: .* Set warm_start=False for a new fit",
    ):
        warm.set_params(layers__dense_1__units=5).fit(X, Y)
    with pytest.raises(SpecificationError, match="but loss changed since"):
        warm.set_params(layers__dense_1__units=4, loss="squared_error").fit(X, Y)


def test_warm_start_with_another_optimizer_begins_its_memory_anew() -> None:
    warm = NeuralRegressor(warm_start=True, **SHORT).fit(X, Y)
    before = warm.parameters_["dense_1"]["weights"]
    warm.set_params(optimizer=SGD(0.0, momentum=0.9)).fit(X, Y)
    np.testing.assert_array_equal(warm.parameters_["dense_1"]["weights"], before)
    with pytest.raises(SpecificationError, match="dropout_1 is random"):
        warm.set_params(optimizer="lbfgs").fit(X, Y)


def test_partial_fit_is_an_epoch_a_call() -> None:
    """With the rows of the first call again and again it is an ordinary fit."""
    model = NeuralRegressor(**SHORT)
    for _ in range(4):
        model.partial_fit(X, Y)
    assert_same_bits(model.parameters_, NeuralRegressor(**SHORT).fit(X, Y).parameters_)
    assert model.n_iter_ == 4


def test_a_schedule_runs_its_course_over_the_epochs_asked_for() -> None:
    """Four calls of ``partial_fit`` follow the cosine that one fit of four epochs follows."""
    settings = {**SHORT, "optimizer": SGD(Cosine(0.1)), "epochs": 4}
    model = NeuralRegressor(**settings)
    for _ in range(4):
        model.partial_fit(X, Y)
    assert_same_bits(model.parameters_, NeuralRegressor(**settings).fit(X, Y).parameters_)


def test_partial_fit_keeps_the_scale_of_the_first_rows() -> None:
    model = NeuralRegressor(**SHORT).partial_fit(X[:30], Y[:30])
    mean = model.features_.standardizer.mean.copy()
    model.partial_fit(100 * X[30:], Y[30:])
    np.testing.assert_array_equal(model.features_.standardizer.mean, mean)
    np.testing.assert_allclose(mean, X[:30].mean(axis=0))
    model.partial_fit(X[:1], Y[:1])


@pytest.mark.parametrize("option", [{"optimizer": "lbfgs"}, {"early_stopping": EarlyStopping()}])
def test_there_is_no_partial_fit_where_one_epoch_means_nothing(option: dict[str, Any]) -> None:
    for model in (NeuralRegressor(**option), NeuralClassifier(**option)):
        assert not hasattr(model, "partial_fit")
        with pytest.raises(AttributeError) as caught:
            model.partial_fit(X, Y)
        assert "one epoch at a time" in str(caught.value.__cause__)


@pytest.mark.parametrize("stream", [0, np.random.RandomState(3)])
def test_random_state(stream: Any) -> None:
    options: dict[str, Any] = {"layers": [Dense(4)], "epochs": 2, "random_state": stream}
    fits = [NeuralRegressor(**options).fit(X, Y).predict(X) for _ in range(2)]
    assert np.array_equal(*fits) == isinstance(stream, int)


def test_no_bit_depends_on_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = NeuralRegressor(**SHORT).fit(X, Y)
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 1e-9)
    monkeypatch.setattr(loop, "_first_chunk", lambda *_: 1)
    cut = NeuralRegressor(verbose=True, **SHORT).fit(X, Y)
    assert_same_bits(whole.parameters_, cut.parameters_)
    assert whole.history_ == cut.history_


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_computes_in_the_precision_of_x(dtype: Any) -> None:
    model = NeuralRegressor(**SHORT).fit(X.astype(dtype), Y)
    assert model.parameters_["dense_1"]["weights"].dtype == dtype
    assert model.predict(X.astype(dtype)).dtype == dtype
    np.testing.assert_allclose(
        model.predict(X), NeuralRegressor(**SHORT).fit(X, Y).predict(X), rtol=1e-3, atol=1e-4
    )


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs to signal the main thread")
def test_ctrl_c_leaves_a_usable_model() -> None:
    model = NeuralRegressor([Dense(4, "tanh")], epochs=100_000_000, random_state=0, warm_start=True)
    NeuralRegressor([Dense(4, "tanh")], epochs=2, random_state=0).fit(X, Y)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.5, signal.pthread_kill, args=(main, signal.SIGINT))
    timer.start()
    with pytest.warns(UserWarning, match=r"interrupted after [1-9]\d* epochs; the model so far is kept"):
        model.fit(X, Y)
    timer.join()
    assert model.interrupted_
    assert model.n_iter_ == len(model.loss_curve_) > 0
    assert model.score(X, Y) > 0.5
    model.set_params(epochs=3).fit(X, Y)
    assert not model.interrupted_


def test_a_fit_that_fails_leaves_no_mixture_of_two_models() -> None:
    model = NeuralRegressor(**SHORT).fit(X, Y)
    with pytest.raises(
        DivergenceError, match=r"epoch 1, .*smaller learning rate \(it was 1e\+300\) or clip_norm"
    ):
        model.set_params(optimizer=SGD(1e300), batch_size=8).fit(100 * X, Y)
    assert not model.__sklearn_is_fitted__()


def test_a_warm_start_that_fails_keeps_the_earlier_model() -> None:
    model = NeuralRegressor(warm_start=True, **SHORT).fit(X, Y)
    before = model.predict(X)
    with pytest.raises(DivergenceError):
        model.set_params(optimizer=SGD(1e300), batch_size=8).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), before)


def test_divergence_after_a_finite_epoch_is_a_warning() -> None:
    model = NeuralRegressor([], optimizer=SGD(3.0), epochs=500, batch_size=60, random_state=0)
    with pytest.warns(DivergenceWarning, match=r"in epoch \d+; the model of epoch 1 is kept"):
        model.fit(X.astype("f4"), Y)
    assert model.history_.stopped == "diverged"
    assert np.isfinite(model.predict(X.astype("f4"))).all()


def test_clipping_saves_a_fit_that_would_diverge() -> None:
    model = NeuralRegressor([], optimizer=SGD(3.0), epochs=20, batch_size=60, clip_norm=0.01, random_state=0)
    assert np.isfinite(model.fit(X.astype("f4"), Y).loss_curve_).all()
