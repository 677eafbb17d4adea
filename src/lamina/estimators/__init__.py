"""The scikit-learn face of the networks."""

from lamina.estimators.base import NeuralEstimator, is_network
from lamina.estimators.classifier import NeuralClassifier
from lamina.estimators.pretrained import Pretrained
from lamina.estimators.regressor import NeuralRegressor
from lamina.estimators.sequence_to_sequence import SequenceToSequence
from lamina.estimators.text import TextClassifier, TextRegressor
from lamina.training import EarlyStopping

__all__ = [
    "EarlyStopping",
    "NeuralClassifier",
    "NeuralEstimator",
    "NeuralRegressor",
    "Pretrained",
    "SequenceToSequence",
    "TextClassifier",
    "TextRegressor",
    "is_network",
]
