"""Choosing and combining models: scikit-learn's names, run as populations."""

from lamina.model_selection.curves import learning_curve, validation_curve
from lamina.model_selection.ensemble import EnsembleClassifier, EnsembleRegressor
from lamina.model_selection.halving import HalvingGridSearchCV, HalvingRandomSearchCV
from lamina.model_selection.one_se import OneStandardError
from lamina.model_selection.search import GridSearchCV, RandomizedSearchCV
from lamina.model_selection.validation import cross_val_predict, cross_val_score, cross_validate

__all__ = [
    "EnsembleClassifier",
    "EnsembleRegressor",
    "GridSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "OneStandardError",
    "RandomizedSearchCV",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
    "learning_curve",
    "validation_curve",
]
