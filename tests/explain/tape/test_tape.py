"""The tape of fitted models: hand arithmetic, the book's equations, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from lamina import NeuralClassifier, NeuralRegressor, SequenceToSequence, SeriesForecaster, TextClassifier
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import Tape, backpropagate, check_gradients, plot_gradient_norms
from lamina.explain.tape.worked import Worked
from lamina.layers import LSTM, Conv2D, Dense, Dropout, Embedding, Flatten, Sequential, SimpleRNN

RNG = np.random.default_rng(0)
PARAMETERS = {
    "dense_1": {"weights": [[0.5, -1.0], [0.3, 0.2]], "bias": [0.1, 1.0]},
    "dense_2": {"weights": [[2.0], [1.0]], "bias": [0.5]},
}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(z)))


@pytest.fixture(scope="module")
def regressor() -> tuple[NeuralRegressor, pd.DataFrame, np.ndarray]:
    X = pd.DataFrame({"a": RNG.normal(size=40), "b": RNG.normal(2, 5, size=40), "c": list("xyxy") * 10})
    y = 3 * X["a"].to_numpy() - X["b"].to_numpy()
    model = NeuralRegressor([Dense(3, "tanh")], epochs=5, penalty=0.01, random_state=0, optimizer="sgd")
    return model.fit(X, y), X, y


def test_the_books_equations_for_one_hidden_layer() -> None:
    """∂R/∂β_k = -(y - f) g(z_k), ∂R/∂w_kj = -(y - f) β_k g'(z_k) x_j, with R half the squared residual."""
    x, y = np.array([1.0, -2.0]), 1.0
    tape = backpropagate(
        [Dense(2, "sigmoid"), Dense(1)], [x], [y], loss="half_squared_error", parameters=PARAMETERS
    )
    w, b = np.array(PARAMETERS["dense_1"]["weights"]), np.array(PARAMETERS["dense_1"]["bias"])
    beta = np.array([2.0, 1.0])
    z = x @ w + b
    a = sigmoid(z)
    f = 0.5 + beta @ a
    s = a * (1 - a) * beta * -(y - f)
    hidden, output = tape
    np.testing.assert_allclose(hidden.z[0], z)
    np.testing.assert_allclose(hidden.slope[0], a * (1 - a))
    np.testing.assert_allclose(hidden.error[0], beta * -(y - f))
    np.testing.assert_allclose(hidden.errors["z"][0], s)
    np.testing.assert_allclose(output.gradients["weights"][:, 0], -(y - f) * a)
    np.testing.assert_allclose(output.gradients["bias"], [-(y - f)])
    np.testing.assert_allclose(hidden.gradients["weights"], np.outer(x, s))
    np.testing.assert_allclose(hidden.updates["weights"], -0.1 * np.outer(x, s))
    assert tape.risk == pytest.approx(0.5 * (y - f) ** 2)


def test_the_equations_are_printed_with_the_books_letters() -> None:
    tape = backpropagate(
        [Dense(2, "sigmoid"), Dense(1)], [[1.0, 0.0]], [1.0], loss="half_squared_error", parameters=PARAMETERS
    )
    text = str(tape)
    for line in (
        "z_1 = w_10 + w_11·x_1 + w_12·x_2",
        "= 0.1 + 0.5·1 + 0.3·0 = 0.6",
        "a_1 = g(z_1) = sigmoid(0.6) = 0.6457,  g'(z_1) = 0.2288",
        "f = β_0 + β_1·a_1 + β_2·a_2",
        "residual y - f = 1 - 2.291 = -1.291",
        "δ = ∂R/∂f = -(y - f) = -(1 - 2.291) = 1.291",
        "s_1 = g'(z_1)·β_1·δ = 0.2288·2·1.291 = 0.5909",
        "∂R/∂β_1 = δ·a_1 = 1.291·0.6457 = 0.8337   β_1: 2 → 1.917",
        "∂R/∂w_11 = s_1·x_1 = 0.5909·1 = 0.5909   w_11: 0.5 → 0.4409",
    ):
        assert line in text


def test_several_rows_layers_and_outputs_have_their_places() -> None:
    tape = backpropagate(
        [Dense(2, "relu"), Dense(2, "tanh"), Dense(3, "softmax")], [[1.0, 0.0], [0.0, 1.0]], [0, 2]
    )
    text = tape.equations()
    for part in (
        "Forward, row 2",
        "w¹_10",
        "z²_1",
        "a¹_2",
        "δ³_3",
        "s²_1 = g'(z²_1)",
        "Σ",
        "f_3 = softmax",
        "1/2 (f_1 - t)",
    ):
        assert part in text
    # The numbers of a printed gradient are those of the tape.
    printed = next(line for line in text.splitlines() if "∂R/∂w³_11 =" in line)
    value = float(printed.split("   ")[0].rsplit("= ", 1)[1])
    assert value == pytest.approx(tape.gradients["dense_3/weights"][0, 0], rel=1e-3)


def test_cross_entropy_begins_at_prediction_minus_outcome() -> None:
    X, y = RNG.normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])
    tape = backpropagate([Dense(4, "tanh"), Dense(1, "sigmoid")], X, y)
    np.testing.assert_allclose(tape.outcome.prediction, sigmoid(tape.outcome.z), rtol=1e-6)
    np.testing.assert_allclose(tape.outcome.error, (tape.outcome.prediction - y[:, None]) / 6, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_squared_error_goes_through_the_output_activation(steps: int) -> None:
    """Half the squared residual of a sigmoid: ∂R/∂z = -(y - f) f (1 - f), as Rumelhart, Hinton and Williams have it."""
    parameters = {"dense_1": {"weights": [[-0.5]], "bias": [0.25]}}
    tape = backpropagate(
        [Dense(1, "sigmoid")], [[2.0]], [1.0], loss="half_squared_error", parameters=parameters
    )
    f = sigmoid(-0.75)
    assert tape.risk == pytest.approx(0.5 * (1 - f) ** 2)
    np.testing.assert_allclose(tape.outcome.prediction, [[f]])
    np.testing.assert_allclose(tape["dense_1"].errors["z"], [[-(1 - f) * f * (1 - f)]])
    text = tape.equations()
    assert "f = g(Z) = sigmoid(-0.75) = 0.3208,  g'(Z) = 0.2179" in text
    assert "ε = ∂R/∂f = -(y - f) = -(1 - 0.3208) = -0.6792" in text
    assert "δ = ∂R/∂Z = g'(Z)·ε = 0.2179·(-0.6792) = -0.148" in text
    worked = Worked.of([1, 1], output="sigmoid", loss="half_squared_error", numbers=[0.25, -0.5])
    tapes = worked.steps([[2.0]], [1.0], steps)
    assert tapes[-1].risk <= tapes[0].risk == pytest.approx(tape.risk)


def test_equations_are_of_activations_of_each_number() -> None:
    hidden = backpropagate([Dense(2, "softmax"), Dense(1)], [[1.0, 2.0]], [1.0])
    with pytest.raises(SpecificationError, match="softmax has no derivative"):
        hidden.equations()
    assert "dense_1 (2, softmax)" in str(hidden)


def test_a_connection_that_is_cut_has_no_equation() -> None:
    layers = [Dense(2, "tanh", connections=[[1, 0], [0, 1]]), Dense(1)]
    text = backpropagate(layers, [[1.0, 2.0]], [1.0], parameters=PARAMETERS).equations()
    assert "= 0.1 + 0.5·1 + 0·2 = 0.6" in text
    assert "  w_12: no connection" in text
    assert text.count("∂R/∂w_") == 4


def test_a_frozen_layer_has_no_penalty_and_says_that_it_stays() -> None:
    layers = [Dense(2, "tanh", trainable=False), Dense(1)]
    text = backpropagate(layers, [[1.0, 0.0]], [1.0], parameters=PARAMETERS).equations()
    assert "  w_11: 0.5, frozen" in text
    assert "penalty" not in text
    assert "∂R/∂β_1 = δ·a_1" in text


def test_rows_count_by_weight() -> None:
    X, y = RNG.normal(size=(4, 2)), RNG.normal(size=4)
    layers = [Dense(3, "tanh"), Dense(1)]
    weighted = backpropagate(layers, X, y, sample_weight=[2.0, 1.0, 0.0, 1.0])
    twice = backpropagate(layers, X[[0, 0, 1, 3]], y[[0, 0, 1, 3]])
    assert weighted.n_rows == 3
    for path, value in twice.gradients.items():
        np.testing.assert_allclose(weighted.gradients[path], value, atol=1e-12)


def test_a_fitted_model_is_seen_as_in_its_fit(regressor: Any) -> None:
    model, X, y = regressor
    tape = backpropagate(model, X, y)
    assert [module.path for module in tape] == ["dense_1", "dense_2"]
    assert tape.inputs == ("a", "b", "c=y") or len(tape.inputs or ()) == tape["dense_1"].x.shape[1]
    assert tape.standardised
    assert tape.penalty > 0
    assert tape.rate == 0.01
    # In units of the outcome the prediction is the model's own.
    scale = np.std(y)
    np.testing.assert_allclose(
        tape.outcome.prediction[:, 0] * scale + y.mean(), model.predict(X), rtol=1e-4, atol=1e-4
    )
    # The penalty's part of the gradient is twice lambda times the weights.
    own = tape.penalty_gradients["dense_1"]["weights"]
    np.testing.assert_allclose(own, 0.02 * tape["dense_1"].parameters["weights"], rtol=1e-6)
    np.testing.assert_allclose(
        tape.updates["dense_1/bias"], -0.01 * tape.gradients["dense_1/bias"], rtol=1e-6
    )


def test_an_update_is_the_step_of_the_fit() -> None:
    """One full-batch epoch of the compiled fit from the same start moves the parameters by the tape's updates."""
    X, y = RNG.normal(size=(16, 3)), RNG.normal(size=16)
    given: dict[str, Any] = {
        "layers": [Dense(4, "tanh")],
        "batch_size": 16,
        "scale": False,
        "random_state": 3,
    }
    for optimizer in ("adam", "momentum", "rmsprop"):
        one = NeuralRegressor(optimizer=optimizer, epochs=1, **given).fit(X, y)
        network = one.network_
        tape = backpropagate(network, X, y, optimizer=one._chosen_optimizer(), seed=3)
        for module in tape:
            for name, value in module.parameters.items():
                np.testing.assert_allclose(
                    value + module.updates[name], one.parameters_[module.path][name], atol=1e-9
                )


def test_images_text_and_classes() -> None:
    images = RNG.integers(0, 256, (12, 6, 6, 1), dtype=np.uint8)
    model = NeuralClassifier([Conv2D(2, 3, "relu"), Flatten(), Dropout(0.3)], epochs=1, random_state=0)
    model.fit(images, list("abc") * 4)
    tape = backpropagate(model, images[:3], list("abc"))
    assert tape["conv2d_1"].z.shape == (3, 4, 4, 2)
    assert tape.outputs == ("a", "b", "c")
    texts = ["good film", "bad film", "good good", "bad"] * 3
    reader = TextClassifier([Embedding(4), LSTM(3)], length=4, epochs=1, random_state=0).fit(
        texts, [1, 0, 1, 0] * 3
    )
    steps = backpropagate(reader, texts[:2], [1, 0])["lstm_1"]
    assert steps.values["gates"].shape == (2, 4, 12)
    assert steps.errors["memory"].shape == (2, 4, 3)
    # What is padding is skipped: nothing arrives there.
    assert np.all(steps.errors["z"][:, :2] == 0)


def test_a_bag_of_words_is_seen_with_its_zeros(tmp_path: Path) -> None:
    texts, labels = ["good film", "bad film", "good good", "bad"] * 3, [1, 0, 1, 0] * 3
    model = TextClassifier([Dense(2, "tanh")], epochs=1, random_state=0).fit(texts, labels)
    tape = backpropagate(model, texts[:5], labels[:5])
    first = tape["dense_1"]
    np.testing.assert_allclose(
        first.z, first.x @ first.parameters["weights"] + first.parameters["bias"], atol=1e-6
    )
    assert "dense_1 (2, tanh)" in str(tape)
    assert "dense_1" in tape.to_html(tmp_path / "tape.html")
    assert "x_3" in backpropagate(model, texts[:1], labels[:1]).equations()


def test_large_networks_show_norms_and_say_why_no_equations(regressor: Any) -> None:
    model, X, y = regressor
    tape = backpropagate(model, X, y)
    assert "error at a" in str(tape)
    assert "dense_1 (3, tanh)" in str(tape)
    with pytest.raises(SpecificationError, match="at most 4 rows"):
        tape.equations()
    convolution = backpropagate([Conv2D(1, 2), Flatten(), Dense(1)], RNG.normal(size=(1, 3, 3, 1)), [1.0])
    with pytest.raises(SpecificationError, match="chains of dense layers"):
        convolution.equations()
    frame = tape.norms()
    error = tape["dense_1"].error
    assert frame.loc["dense_1", "error"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-5)


def test_the_page_has_every_module_and_nothing_from_elsewhere(tmp_path: Path, regressor: Any) -> None:
    model, X, y = regressor
    page = backpropagate(model, X, y).to_html(tmp_path / "tape.html")
    assert (tmp_path / "tape.html").read_text(encoding="utf-8") == page
    assert page.count("<details>") == 2
    assert "http" not in page
    assert "dense_2" in page
    with pytest.raises(DataError, match="cannot be written"):
        backpropagate(model, X, y).to_html(tmp_path / "nowhere" / "tape.html")


def test_finite_differences_agree_and_find_a_wrong_derivative() -> None:
    import jax

    X, y = RNG.normal(size=(5, 3)), RNG.normal(size=5)
    found = check_gradients([Dense(4, "swish"), Dense(1)], X, y, most=5)
    assert found.passed
    assert len(found.frame()) == 5 + 4 + 4 + 1
    assert "agree within" in str(found)

    @jax.custom_vjp
    def wrong(z: Any) -> Any:
        return z * z

    wrong.defvjp(lambda z: (z * z, z), lambda z, error: (error * z,))
    assert not check_gradients([Dense(4, wrong), Dense(1)], X, y).passed


def test_the_picture_shows_the_errors_by_depth() -> None:
    from matplotlib.figure import Figure

    layers = [Dense(4, "sigmoid") for _ in range(5)]
    tape = backpropagate([*layers, Dense(1)], RNG.normal(size=(8, 4)), RNG.normal(size=8))
    axes = plot_gradient_norms({"sigmoid": tape}, ax=Figure().subplots())
    drawn = np.asarray(axes.lines[0].get_ydata())
    np.testing.assert_allclose(drawn, [np.sqrt(np.mean(m.error**2)) for m in tape])
    assert axes.get_yscale() == "log"
    assert drawn[0] < drawn[-1]
    with pytest.raises(ArgumentTypeError, match="takes a tape"):
        plot_gradient_norms(tape.gradients)  # type: ignore[arg-type]


BAD: list[tuple[str, Any, type[Exception], str]] = [
    ("no layers", lambda X, y: backpropagate([], X, y), SpecificationError, "no layers"),
    (
        "no probability",
        lambda X, y: backpropagate([Dense(1, "sigmoid")], X, [0, 1, 0, 3]),
        DataError,
        "from 0 to 3, and BinaryCrossEntropy takes 0, 1 or a fraction",
    ),
    (
        "no count",
        lambda X, y: backpropagate([Dense(1)], X, -np.ones(4), loss="poisson"),
        DataError,
        "zero or more",
    ),
    (
        "two activations",
        lambda X, y: backpropagate([Dense(1, "tanh")], X, [0, 1, 0, 1], loss="binary_crossentropy"),
        SpecificationError,
        "makes the prediction by 'sigmoid', and the output layer has 'tanh'",
    ),
    (
        "no code",
        lambda X, y: backpropagate([Embedding(2, 5), Flatten(), Dense(1)], [[1, 5]], [1.0]),
        DataError,
        "whole numbers from 0 to 4",
    ),
    (
        "parameters that are not finite",
        lambda X, y: backpropagate(
            [Dense(1)], X, y, parameters={"dense_1": {"weights": [[1], [np.nan], [1]], "bias": [0]}}
        ),
        SpecificationError,
        "NaN or infinite",
    ),
    ("unfitted", lambda X, y: backpropagate(NeuralRegressor(), X, y), NotFittedError, "not fitted"),
    ("no network", lambda X, y: backpropagate(object(), X, y), ArgumentTypeError, "fitted Neural"),
    ("empty", lambda X, y: backpropagate([Dense(1)], X[:0], y[:0]), DataError, "empty"),
    (
        "one row as a vector",
        lambda X, y: backpropagate([Dense(1)], X[0], y[:1]),
        DataError,
        "write \\[\\[...\\]\\]",
    ),
    ("NaN", lambda X, y: backpropagate([Dense(1)], X * np.nan, y), DataError, "NaN"),
    ("text", lambda X, y: backpropagate([Dense(1)], [["a"]], [1]), DataError, "numbers"),
    ("lengths", lambda X, y: backpropagate([Dense(1)], X, y[:2]), DataError, "must agree"),
    ("outputs", lambda X, y: backpropagate([Dense(2)], X, y), DataError, "output layer"),
    (
        "class",
        lambda X, y: backpropagate([Dense(3, "softmax")], X, y),
        DataError,
        "number of each row's class",
    ),
    (
        "loss",
        lambda X, y: backpropagate([Dense(1)], X, y, loss="sqared_error"),
        SpecificationError,
        "did you mean",
    ),
    (
        "optimizer",
        lambda X, y: backpropagate([Dense(1)], X, y, optimizer="lbfgs"),
        SpecificationError,
        "SGD or Adam",
    ),
    (
        "parameters",
        lambda X, y: backpropagate(
            [Dense(1)], X, y, parameters={"dense_1": {"weights": [1.0], "bias": [0.0]}}
        ),
        SpecificationError,
        "dense_1/weights \\(3, 1\\)",
    ),
    (
        "names",
        lambda X, y: backpropagate([Dense(1)], X, y, parameters={"dense": {}}),
        SpecificationError,
        "do not fit",
    ),
    ("step", lambda X, y: check_gradients([Dense(1)], X, y, step=0), SpecificationError, "above zero"),
    (
        "no parameters",
        lambda X, y: check_gradients([Flatten()], X[:, :1], y),
        SpecificationError,
        "no parameters",
    ),
    (
        "weights",
        lambda X, y: backpropagate([Dense(1)], X, y, sample_weight=[0.0] * 4),
        ValueError,
        "non-zero",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_what_cannot_be_differentiated_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(RNG.normal(size=(4, 3)), RNG.normal(size=4) + 0.5)


def test_a_module_that_is_not_there(regressor: Any) -> None:
    model, X, y = regressor
    tape = backpropagate(model, X, y)
    with pytest.raises(SpecificationError, match="did you mean 'dense_1'"):
        tape["dens_1"]
    flat = backpropagate(Sequential([Flatten(), Dense(1)]), RNG.normal(size=(2, 2, 2)), [1.0, 2.0])
    with pytest.raises(SpecificationError, match="has no 'z'"):
        _ = flat["flatten_1"].z
    assert isinstance(tape, Tape)
    assert len(tape) == 2


@pytest.mark.parametrize("kind", ["gru", "transformer"])
def test_sequences_to_sequences_are_on_the_tape(kind: str) -> None:
    sources, targets = ["ab", "ba", "aab", "b"] * 3, ["12", "21", "112", "2"] * 3
    model = SequenceToSequence(model=kind, units=8, epochs=1, random_state=0, heads=2, depth=1).fit(
        sources, targets
    )
    tape = backpropagate(model, sources[:2], targets[:2])
    leaves = sum(value.size for value in tape.gradients.values())
    assert leaves == model.n_parameters_
    if kind == "gru":
        decoder = tape["recurrent_encoder_decoder_1/decoder"]
        assert decoder.values["steps"].shape[0] == 2
        np.testing.assert_allclose(
            tape["recurrent_encoder_decoder_1"].values["weights"].sum(axis=-1), 1.0, rtol=1e-5
        )
    with pytest.raises(DataError, match="give shorter ones"):
        backpropagate(model, ["a" * 9], ["1"])


def test_a_forecaster_is_seen_by_its_windows() -> None:
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=60), "sales": np.sin(np.arange(60.0))})
    model = SeriesForecaster([SimpleRNN(3)], lags=4, epochs=2, random_state=0).fit(frame, target="sales")
    tape = backpropagate(model, frame)
    assert tape.n_rows == 56
    assert check_gradients(model, frame, most=3).passed
    assert tape["simplernn_1"].z.shape == (56, 4, 3)
    # The same weights at every step: their gradient is the sum over steps and rows.
    layer = tape["simplernn_1"]
    np.testing.assert_allclose(
        layer.gradients["bias"], layer.errors["z"].sum(axis=(0, 1)), rtol=1e-4, atol=1e-7
    )
