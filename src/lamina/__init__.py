"""Lamina: deep learning as a branch of statistical learning.

The public names, in the order of the flow from data to verdict. They are imported when first used, so that
``lamina --help`` need not wait for JAX.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.estimators import (
        EarlyStopping,
        NeuralClassifier,
        NeuralRegressor,
        Pretrained,
        SequenceToSequence,
        TextClassifier,
        TextRegressor,
    )
    from lamina.estimators.forecasting import SeriesForecaster
    from lamina.evaluation import Comparison, compare, effects
    from lamina.files import load, save

# Before JAX is first imported: its compiler advises users to file a bug where it takes longer than it thinks it should.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"

_HOMES = {
    "EarlyStopping": "lamina.estimators",
    "NeuralRegressor": "lamina.estimators",
    "NeuralClassifier": "lamina.estimators",
    "Pretrained": "lamina.estimators",
    "TextClassifier": "lamina.estimators",
    "TextRegressor": "lamina.estimators",
    "SeriesForecaster": "lamina.estimators.forecasting",
    "SequenceToSequence": "lamina.estimators",
    "compare": "lamina.evaluation",
    "Comparison": "lamina.evaluation",
    "effects": "lamina.evaluation",
    "save": "lamina.files",
    "load": "lamina.files",
}

__all__ = [
    "Comparison",
    "EarlyStopping",
    "NeuralClassifier",
    "NeuralRegressor",
    "Pretrained",
    "SequenceToSequence",
    "SeriesForecaster",
    "TextClassifier",
    "TextRegressor",
    "compare",
    "effects",
    "load",
    "save",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
