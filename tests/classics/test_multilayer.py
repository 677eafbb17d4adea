"""The multi-layer perceptron learns what it is famous for, stops when it should, and says what it cannot use."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

from lamina.classics import MultiLayerPerceptron
from lamina.data.datasets import list_datasets
from lamina.errors import DataError, DivergenceError, SpecificationError

BITS = np.array(list(itertools.product((0, 1), repeat=2)))
LOGIC = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
MNIST = {data.name: data.where for data in list_datasets()}["mnist"]


def iris() -> list[np.ndarray]:
    X, y = load_iris(return_X_y=True)
    return train_test_split((X - X.mean(axis=0)) / X.std(axis=0), y, test_size=0.25, random_state=0)


@pytest.mark.parametrize("updating", ["batch", "sequential"])
@pytest.mark.parametrize("output", ["softmax", "logistic", "logistic_squares"])
@pytest.mark.parametrize("name", LOGIC)
def test_it_learns_the_logic_functions(name: str, output: str, updating: str) -> None:
    model = MultiLayerPerceptron(
        3,
        output,
        updating=updating,
        learning_rate=0.5,
        epochs=3000 if updating == "batch" else 500,
        random_state=1,
    )
    model.fit(BITS, LOGIC[name])
    assert model.predict(BITS).tolist() == LOGIC[name]
    assert model.history_.error[-1] < 0.05


def test_without_a_hidden_layer_it_is_a_line_and_xor_is_beyond_it() -> None:
    for hidden, seed in itertools.product(([], 1), range(5)):
        model = MultiLayerPerceptron(hidden, "logistic", learning_rate=0.5, random_state=seed)
        assert model.fit(BITS, LOGIC["OR"]).score(BITS, LOGIC["OR"]) == 1
        assert model.fit(BITS, LOGIC["XOR"]).score(BITS, LOGIC["XOR"]) < 1


@pytest.mark.parametrize("updating", ["batch", "sequential", 16])
def test_it_learns_iris(updating: str | int) -> None:
    x, x_test, y, y_test = iris()
    rate = 0.3 if updating == "batch" else 0.02
    model = MultiLayerPerceptron(
        5, updating=updating, learning_rate=rate, epochs=500, early_stopping=True, random_state=0
    )
    assert model.fit(x, y).score(x_test, y_test) > 0.9
    np.testing.assert_allclose(model.predict_proba(x_test).sum(axis=1), 1)


def test_it_learns_a_sine_and_several_outcomes_at_once() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    y = np.sin(2 * np.pi * x[:, 0])
    model = MultiLayerPerceptron(5, "linear", updating=8, learning_rate=0.1, epochs=1500, random_state=0)
    assert model.fit(x, y).score(x, y) > 0.98
    both = model.fit(x, np.column_stack([y, x[:, 0]]))
    assert both.predict(x).shape == (40, 2)
    assert both.score(x, np.column_stack([y, x[:, 0]])) > 0.95


@pytest.mark.skipif(
    MNIST.startswith(("to download", "absent")), reason="MNIST is not here: set LAMINA_DATA to its folder"
)
def test_it_learns_handwritten_digits_in_seconds() -> None:
    from lamina.data.datasets import load_mnist

    (x, y), (x_test, y_test) = load_mnist()
    x, x_test = (images.reshape(len(images), -1).astype(np.float32) / 255 for images in (x[:5000], x_test))
    start = time.perf_counter()
    model = MultiLayerPerceptron(50, updating=32, learning_rate=0.1, epochs=5, random_state=0).fit(
        x, y[:5000]
    )
    assert time.perf_counter() - start < 60
    assert model.weights_[0].dtype == np.float32
    assert model.score(x_test, y_test) > 0.9


def test_early_stopping_keeps_the_best_weights() -> None:
    rng = np.random.default_rng(0)
    x, x_val = rng.normal(size=(30, 10)), rng.normal(size=(200, 10))
    y, y_val = (each[:, 0] + rng.normal(size=len(each)) > 0 for each in (x, x_val))
    model = MultiLayerPerceptron(20, "logistic", learning_rate=0.5, epochs=2000, random_state=0)
    history = model.fit(x, y, x_val, y_val).history_
    assert history.stopped == "validation"
    assert len(history) < 2000
    assert history.best_epoch == 10 * (1 + int(np.argmin(history.validation_error)))
    p = model.predict_proba(x_val)[:, 1]
    error = -np.mean(np.where(y_val, np.log(p), np.log(1 - p)))
    assert error == pytest.approx(min(history.validation_error))
    last, before, third = history.validation_error[-1], *history.validation_error[-3:-1][::-1]
    assert last >= before >= third
    assert model.fit(x, y).history_.stopped == "epochs"


def test_activations_are_the_hidden_layers_and_the_output() -> None:
    model = MultiLayerPerceptron([4, 3], "logistic", beta=2.0, epochs=5, random_state=0).fit(
        BITS, LOGIC["XOR"]
    )
    first, second, y = model.activations(BITS)
    assert [a.shape for a in (first, second, y)] == [(4, 4), (4, 3), (4, 1)]
    np.testing.assert_allclose(first, 1 / (1 + np.exp(-2 * (BITS @ model.coefs_[0] + model.intercepts_[0]))))
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-2 * (second @ model.coefs_[2] + model.intercepts_[2]))))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"output": "sofmax"}, "did you mean 'softmax'"),
        ({"hidden": 0}, "at least 1"),
        ({"hidden": [3, 2.5]}, "at least 1"),
        ({"hidden": "many"}, "at least 1"),
        ({"beta": 0}, "above 0"),
        ({"updating": "online"}, "known are"),
        ({"updating": 0}, "at least 1"),
        ({"momentum": 1}, "below 1"),
        ({"learning_rate": -1}, "above 0"),
        ({"epochs": 1.5}, "at least 1"),
        ({"check_every": 0}, "at least 1"),
        ({"tol": -1}, "at least 0"),
        ({"early_stopping": True, "validation_fraction": 1.0}, "below 1"),
        ({"initial_weights": [np.zeros((2, 2))]}, "shapes"),
        ({"initial_weights": ["a"]}, "tables of numbers"),
    ],
)
def test_parameters_that_mean_nothing(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        MultiLayerPerceptron(**parameters).fit(BITS, LOGIC["AND"])


def test_data_that_cannot_be_used() -> None:
    model = MultiLayerPerceptron(2, early_stopping=True)
    with pytest.raises(DataError, match="one class"):
        model.fit(BITS, [1, 1, 1, 1])
    with pytest.raises(DataError, match="n_samples=1"):
        MultiLayerPerceptron(2, "linear", early_stopping=True).fit([[1.0]], [1.0])
    with pytest.raises(DataError, match="class 2"):
        model.fit(BITS, LOGIC["AND"], BITS, [0, 1, 2, 0])
    with pytest.raises(DataError, match="y has the shape"):
        MultiLayerPerceptron(2, "linear").fit(BITS, LOGIC["AND"], BITS, np.zeros((4, 2)))
    with pytest.raises(DataError, match="y_val"):
        model.fit(BITS, LOGIC["AND"], X_val=BITS)
    for x, y in (
        ([[0, np.inf], [1, 1]], [0, 1]),
        (np.empty((0, 2)), []),
        ([["a", "b"], ["c", "d"]], [0, 1]),
        (BITS, [0, 1]),
        (BITS, [0.1, 0.2, 0.3, 0.4]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            model.fit(x, y)


def test_divergence_is_told_with_what_to_do() -> None:
    x = np.linspace(0, 1, 20)[:, None]
    with pytest.raises(DivergenceError, match="Standardise X"):
        MultiLayerPerceptron(50, "linear", learning_rate=5.0, random_state=0).fit(x, 1e6 * x[:, 0])
