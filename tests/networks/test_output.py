"""The output layer follows the loss; training sees the network without its output activation."""

import numpy as np
import scipy.special
from small_fits import apply_layer

from lamina.layers import Activation, Dense, Flatten, Sequential
from lamina.networks import linear_predictor, output_activation, with_output


def test_the_linear_predictor_is_the_logit_of_the_output() -> None:
    network = with_output([Dense(4, "relu")], 1, "sigmoid")
    x = np.random.default_rng(0).normal(size=(5, 3))
    parameters = network.init(np.random.default_rng(0), (3,))[0]
    z = apply_layer(linear_predictor(network), x, parameters)
    np.testing.assert_allclose(apply_layer(network, x, parameters), scipy.special.expit(z))


def test_an_activation_at_the_end_is_the_output_activation() -> None:
    network = Sequential([Dense(3), Activation("softmax")])
    assert output_activation(network) == "softmax"
    assert linear_predictor(network) == Sequential([Dense(3), Activation("linear")])


def test_a_network_without_activation_at_the_end_is_left_alone() -> None:
    network = Sequential([Dense(3, "relu"), Flatten()])
    assert output_activation(network) == "linear"
    assert linear_predictor(network) == network
