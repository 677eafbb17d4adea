"""scikit-learn's multi-layer perceptrons under the same names: change one import line.

``from lamina.drop_in import MLPClassifier, MLPRegressor``
"""

from lamina.drop_in.classifier import MLPClassifier
from lamina.drop_in.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
