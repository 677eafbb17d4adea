"""Choosing and combining models: scikit-learn's names, run as populations."""

from lamina.model_selection.ensemble import EnsembleClassifier, EnsembleRegressor

__all__ = ["EnsembleClassifier", "EnsembleRegressor"]
