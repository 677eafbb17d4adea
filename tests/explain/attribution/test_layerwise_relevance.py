"""Relevance is conserved from layer to layer, equals hand arithmetic, and gradient times input on a network of ReLUs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.explain.attribution.conftest import Known

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.explain import AlphaBeta, Epsilon, IntegratedGradients, LayerwiseRelevance, ZPlus, attribute
from lamina.explain.attribution.relevance_known import KNOWN, REASONS, refuse_layers
from lamina.explain.attribution.relevance_layers import Surroundings, chain
from lamina.layers import (
    LSTM,
    Activation,
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Context,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    GlobalAveragePool,
    GlobalMaxPool,
    LayerNorm,
    LeakyReLU,
    MaxPool1D,
    MaxPool2D,
    ParametricActivation,
    Residual,
    Scale,
    Sequential,
    Shortcut,
    Standardize,
    TimeDistributed,
    TransformerBlock,
    UpSample,
)
from lamina.layers.base import Layer, children
from lamina.training.precision import precision

EXACT = [Epsilon(0.0), AlphaBeta(2, 1), AlphaBeta(1, 0), AlphaBeta(3, 2), ZPlus()]


def of_network(
    network: Sequential, shape: tuple[int, ...], rule: object, seed: int = 0
) -> tuple[np.ndarray, ...]:
    """Inputs, outputs, the relevance of the inputs where that of an output is itself, what biases took."""
    rng = np.random.default_rng(seed)
    parameters, state = network.init(rng, shape)
    parameters = jax.tree.map(lambda value: value + 0.1 * rng.normal(size=value.shape), parameters)
    state = jax.tree.map(lambda value: value + rng.uniform(0, 1, size=value.shape), state)
    x = rng.normal(size=(6, *shape))
    with precision(np.float64):
        y, back = chain(children(network), parameters, state, jnp.asarray(x), Surroundings(rule, Context()))  # type: ignore[arg-type]
        expected = network.apply(parameters, state, jnp.asarray(x), Context())[0]
        np.testing.assert_allclose(y, expected, atol=1e-10)
        relevance, taken = back(y)
    return x, np.asarray(y), np.asarray(relevance), np.asarray(taken)


LAYERS: list[tuple[Layer, tuple[int, ...]]] = [
    (Dense(5, "relu"), (4,)),
    (Dense(2, connections=[[1, 0], [1, 1], [0, 1]]), (3,)),
    (Conv1D(3, 3, "relu"), (7, 2)),
    (Conv2D(3, 3, "relu", padding="same"), (6, 6, 2)),
    (Conv2D(4, 3, padding="edge", groups=2, stride=2), (6, 6, 2)),
    (Conv2DTranspose(3, 3, "tanh", stride=2), (3, 3, 2)),
    (MaxPool1D(2), (6, 2)),
    (MaxPool2D(2), (6, 6, 2)),
    (MaxPool2D(3, stride=2, padding="same"), (6, 6, 2)),
    (AveragePool1D(2), (6, 2)),
    (AveragePool2D(2), (6, 6, 2)),
    (GlobalAveragePool(), (4, 4, 3)),
    (GlobalMaxPool(), (4, 4, 3)),
    (UpSample(2), (3, 3, 2)),
    (Shortcut(4), (4, 4, 4)),
    (Flatten(), (3, 2)),
    (Activation("sigmoid"), (4,)),
    (LeakyReLU(0.2), (4,)),
    (ParametricActivation("mish"), (4,)),
    (Dropout(0.5), (4,)),
    (GaussianNoise(0.5), (4,)),
    (Scale(), (4,)),
    (Standardize(0.3, 2.0), (4,)),
    (BatchNorm(), (4,)),
    (Residual([Dense(4, "relu"), Dense(5)], projection=Dense(5), activation="relu"), (4,)),
    (Residual([Conv2D(2, 3, padding="same"), BatchNorm()]), (4, 4, 2)),
    (Sequential([Dense(4), BatchNorm(), Activation("relu"), Dense(3)]), (4,)),
    (TimeDistributed([Dense(3, "relu"), Dense(2)]), (5, 4)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("rule", EXACT, ids=repr)
def test_every_layer_conserves_relevance(layer: Layer, shape: tuple[int, ...], rule: object) -> None:
    x, y, relevance, taken = of_network(Sequential([layer]), shape, rule)
    assert relevance.shape == x.shape
    # Means and windows of images leave out what no output sees; of nothing nothing is handed on.
    np.testing.assert_allclose(
        relevance.reshape(6, -1).sum(axis=1) + taken, y.reshape(6, -1).sum(axis=1), atol=1e-8
    )


def test_every_layer_has_a_rule_or_a_reason() -> None:
    tested = {type(inner) for layer, _ in LAYERS for inner in (layer, *dict(children(layer)).values())}
    untested = {
        kind.__name__ for kind in KNOWN if kind not in tested and not any(issubclass(t, kind) for t in tested)
    }
    assert untested <= {"Augmentation", "MeanOfPlaces"}
    assert all(len(reason) > 20 for reason in REASONS.values())


@pytest.mark.parametrize("rule", EXACT, ids=repr)
def test_a_fitted_network_of_images_conserves_its_output(pictures: Known, rule: object) -> None:
    found = attribute(pictures.model, pictures.X, "layerwise_relevance", rule=rule)
    np.testing.assert_allclose(found.residual, 0, atol=1e-10)
    z = pictures.model.decision_function(pictures.X)
    np.testing.assert_allclose(found.output, z.max(axis=1))


def test_epsilon_takes_little_and_less_the_smaller_it_is(classes: Known) -> None:
    lost = [
        np.abs(attribute(classes.model, classes.X, LayerwiseRelevance(Epsilon(epsilon))).residual).max()  # type: ignore[arg-type]
        for epsilon in (1e-1, 1e-3, 1e-9)
    ]
    assert lost[0] > lost[1] > lost[2]
    assert lost[2] < 1e-6


def test_with_epsilon_zero_it_is_gradient_times_input_on_relus(pictures: Known) -> None:
    ours = attribute(pictures.model, pictures.X, LayerwiseRelevance(Epsilon(0.0)))
    gradient = attribute(pictures.model, pictures.X, "gradient_x_input")
    np.testing.assert_allclose(ours.attributions, gradient.attributions, atol=1e-9)


def test_hand_arithmetic_of_the_rules() -> None:
    # z = 2·3 + 1·(-2) = 4 with x = (2, 1): the first pushed 6, the second pulled 2.
    network = Sequential([Dense(1, use_bias=False)])
    parameters = {"dense_1": {"weights": jnp.array([[3.0], [-2.0]])}}
    shares = {
        Epsilon(0.0): [6, -2],
        Epsilon(4.0): [3, -1],
        AlphaBeta(2, 1): [8, -4],
        AlphaBeta(1, 0): [4, 0],
        ZPlus(): [4, 0],
    }
    for rule, expected in shares.items():
        _, back = chain(
            children(network), parameters, {}, jnp.array([[2.0, 1.0]]), Surroundings(rule, Context())
        )
        np.testing.assert_allclose(back(jnp.array([[4.0]]))[0], [expected], rtol=1e-6, err_msg=repr(rule))


def test_a_bias_takes_its_share() -> None:
    network = Sequential([Dense(1)])
    parameters = {"dense_1": {"weights": jnp.array([[3.0], [-2.0]]), "bias": jnp.array([4.0])}}
    for rule, expected, bias in [
        (Epsilon(0.0), [6, -2], 4),
        (AlphaBeta(2, 1), [9.6, -8], 6.4),
        (ZPlus(), [8, 0], 0),
    ]:
        _, back = chain(
            children(network), parameters, {}, jnp.array([[2.0, 1.0]]), Surroundings(rule, Context())
        )
        relevance, taken = back(jnp.array([[8.0]]))
        np.testing.assert_allclose(relevance, [expected], rtol=1e-6)
        np.testing.assert_allclose(taken, [bias], rtol=1e-6)


def test_a_batchnorm_is_folded_into_the_weights_before_it() -> None:
    rng = np.random.default_rng(0)
    apart = Sequential([Dense(3), BatchNorm(), Activation("relu")])
    parameters, state = apart.init(rng, (4,))
    state["batch_norm_1"] = {"mean": rng.normal(size=3), "variance": rng.uniform(1, 2, 3)}
    norm = state["batch_norm_1"]
    factor = parameters["batch_norm_1"]["factors"] / np.sqrt(norm["variance"] + 1e-5)
    folded = {
        "dense_1": {
            "weights": parameters["dense_1"]["weights"] * factor,
            "bias": (parameters["dense_1"]["bias"] - norm["mean"]) * factor
            + parameters["batch_norm_1"]["bias"],
        }
    }
    x = jnp.asarray(rng.normal(size=(5, 4)))
    around = Surroundings(AlphaBeta(2, 1), Context())
    with precision(np.float64):
        y, back = chain(children(apart), parameters, state, x, around)
        z, other = chain(children(Sequential([Dense(3, "relu")])), folded, {}, x, around)
        np.testing.assert_allclose(y, z, atol=1e-6)
        np.testing.assert_allclose(back(y)[0], other(z)[0], atol=1e-6)


def test_z_plus_is_never_negative_behind_relus() -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(60, 4))
    model = NeuralRegressor([Dense(8, "relu"), Dense(8, "relu")], epochs=20, scale=False, random_state=0)
    model.fit(X, 5 + X[:, 0])
    found = attribute(model, X[:10], "layerwise_relevance", rule="z_plus")
    assert (found.output > 0).all()
    assert (found.attributions > -1e-6).all()


def test_tables_and_texts_get_their_sums(table: Known, bag: Known) -> None:
    found = attribute(table.model, table.X, LayerwiseRelevance(Epsilon(1e-7)))
    assert found.attributions.shape == table.X.shape
    np.testing.assert_allclose(found.residual, 0, atol=1e-2)
    found = attribute(bag.model, bag.X, "layerwise_relevance")
    np.testing.assert_allclose(found.residual, 0, atol=1e-2)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([LSTM(3)], r"lstm_1 \(LSTM\): its output is a product"),
        ([TransformerBlock(1, 1), Flatten()], r"transformer_block_1 \(TransformerBlock\)"),
        ([Residual([LayerNorm()]), Flatten()], r"residual_1/layer_norm_1 \(LayerNorm\): it divides"),
        ([Flatten(), Dense(3, "softmax")], r"dense_1 \(Dense\): its softmax mixes all units"),
    ],
)
def test_what_has_no_rule_is_refused_by_name(layers: list[Layer], words: str) -> None:
    X = np.random.default_rng(0).normal(size=(20, 4, 1))
    model = NeuralClassifier(layers, epochs=1, random_state=0).fit(X, [0, 1] * 10)
    with pytest.raises(SpecificationError, match=words):
        attribute(model, X, "layerwise_relevance")
    assert attribute(model, X, IntegratedGradients(4)).attributions.shape == X.shape


def test_a_users_own_layer_is_refused() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True, repr=False)
    class Mine(Flatten):
        pass

    @dataclass(frozen=True, repr=False)
    class Own(Dense):
        pass

    class Strange(Layer):
        def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
            return input_shape

        def init(self, rng: object, input_shape: object) -> tuple[dict[str, object], dict[str, object]]:
            return {}, {}

        def apply(
            self, parameters: object, state: object, x: object, context: object
        ) -> tuple[object, object]:
            return x, state

    with pytest.raises(SpecificationError, match=r"strange_1 \(Strange\): how it makes outputs"):
        refuse_layers([("strange_1", Strange())])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: LayerwiseRelevance("eps"), SpecificationError, "did you mean 'epsilon'"),
        (lambda: LayerwiseRelevance(3), ArgumentTypeError, r"rule=3 \(int\)"),
        (lambda: LayerwiseRelevance(Epsilon), ArgumentTypeError, "is a class"),
        (lambda: Epsilon(-1.0), SpecificationError, "finite number zero or more"),
        (lambda: Epsilon(float("nan")), SpecificationError, "finite number"),
        (lambda: AlphaBeta(2, 2), SpecificationError, "alpha - beta must be 1"),
        (lambda: AlphaBeta("2", 1), SpecificationError, "finite number"),
    ],
)
def test_rules_that_mean_nothing(make: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()  # type: ignore[operator]
