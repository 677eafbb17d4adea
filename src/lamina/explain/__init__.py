"""Stage 9: what a fitted network does, to look at. Functions are imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.explain.activating import most_activating, plot_most_activating
    from lamina.explain.attention import plot_attention
    from lamina.explain.augmentation import plot_augmentation
    from lamina.explain.confusion import confusion_of, plot_confusion
    from lamina.explain.feature_maps import feature_maps, plot_feature_maps
    from lamina.explain.filters import plot_filters
    from lamina.explain.fixed_filters import apply_filter, plot_filters_on, stripe_filter
    from lamina.explain.tape import GradientCheck, Module, Outcome, Tape, backpropagate, check_gradients
    from lamina.explain.tape.drawing import plot_gradient_norms

_HOMES = {
    "GradientCheck": "tape",
    "Module": "tape",
    "Outcome": "tape",
    "Tape": "tape",
    "apply_filter": "fixed_filters",
    "backpropagate": "tape",
    "check_gradients": "tape",
    "confusion_of": "confusion",
    "feature_maps": "feature_maps",
    "most_activating": "activating",
    "plot_attention": "attention",
    "plot_augmentation": "augmentation",
    "plot_confusion": "confusion",
    "plot_feature_maps": "feature_maps",
    "plot_filters": "filters",
    "plot_filters_on": "fixed_filters",
    "plot_gradient_norms": "tape.drawing",
    "plot_most_activating": "activating",
    "stripe_filter": "fixed_filters",
}

__all__ = [
    "GradientCheck",
    "Module",
    "Outcome",
    "Tape",
    "apply_filter",
    "backpropagate",
    "check_gradients",
    "confusion_of",
    "feature_maps",
    "most_activating",
    "plot_attention",
    "plot_augmentation",
    "plot_confusion",
    "plot_feature_maps",
    "plot_filters",
    "plot_filters_on",
    "plot_gradient_norms",
    "plot_most_activating",
    "stripe_filter",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina.explain' has no attribute {name!r}")
    found = getattr(importlib.import_module(f"lamina.explain.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
