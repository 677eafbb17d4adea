"""The classical machines by hand, in NumPy alone: each line of an algorithm stands beside its equation.

From McCulloch and Pitts (1943) over Hebb (1949) and Rosenblatt (1958) to back-propagation (1986). Made to be read: the compiled
networks of :mod:`lamina.estimators` do the same much faster, and the tests hold the two together.
"""

from lamina.classics.convergence import mistake_bound
from lamina.classics.hebbian import Hebbian, associate
from lamina.classics.multilayer import MultiLayerPerceptron
from lamina.classics.neuron import McCullochPitts, truth_table
from lamina.classics.neuron_network import NeuronNetwork
from lamina.classics.perceptron import Perceptron

__all__ = [
    "Hebbian",
    "McCullochPitts",
    "MultiLayerPerceptron",
    "NeuronNetwork",
    "Perceptron",
    "associate",
    "mistake_bound",
    "truth_table",
]
