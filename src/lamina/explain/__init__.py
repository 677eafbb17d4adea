"""Stage 9: what a fitted network does, to look at. Functions are imported when first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.explain.activating import most_activating, plot_most_activating
    from lamina.explain.attention import plot_attention
    from lamina.explain.attribution.attributing import attribute
    from lamina.explain.attribution.drawing import plot_attribution
    from lamina.explain.attribution.gradient import Gradient
    from lamina.explain.attribution.gradient_x_input import GradientXInput
    from lamina.explain.attribution.integrated_gradients import IntegratedGradients
    from lamina.explain.attribution.layerwise_relevance import LayerwiseRelevance
    from lamina.explain.attribution.occlusion import Occlusion
    from lamina.explain.attribution.relevance_rules import AlphaBeta, Epsilon, ZPlus
    from lamina.explain.attribution.result import Attribution
    from lamina.explain.attribution.shapley import Shapley
    from lamina.explain.attribution.smoothgrad import SmoothGrad
    from lamina.explain.augmentation import plot_augmentation
    from lamina.explain.confusion import confusion_of, plot_confusion
    from lamina.explain.descent.curve_picture import plot_descent, plot_step_sizes
    from lamina.explain.descent.descending import descend, descend_each
    from lamina.explain.descent.fit_path import fit_path, plot_batch_sizes
    from lamina.explain.descent.landscape import Landscape, loss_landscape
    from lamina.explain.descent.landscape_picture import plot_loss_landscape
    from lamina.explain.descent.learning import Learning, learn_by_epoch
    from lamina.explain.descent.learning_picture import plot_learning
    from lamina.explain.descent.newton import Newton
    from lamina.explain.descent.path import DescentPath
    from lamina.explain.descent.surface_picture import plot_descent_surface
    from lamina.explain.descent.surfaces import (
        BEALE,
        BOWL,
        HIMMELBLAU,
        PARABOLA,
        ROSENBROCK,
        SADDLE,
        SURFACES,
        TWO_MINIMA,
        Surface,
        bowl,
    )
    from lamina.explain.feature_maps import feature_maps, plot_feature_maps
    from lamina.explain.filters import plot_filters
    from lamina.explain.fixed_filters import apply_filter, plot_filters_on, stripe_filter
    from lamina.explain.learnt.bumps import bump_network, plot_bumps
    from lamina.explain.learnt.diagram import plot_network
    from lamina.explain.learnt.embedded import embedding_vectors, plot_embedding
    from lamina.explain.learnt.geometry import hidden_geometry
    from lamina.explain.learnt.geometry_picture import animate_hidden_geometry, plot_hidden_geometry
    from lamina.explain.learnt.given import network_with
    from lamina.explain.learnt.heads import attention_maps, plot_attention_maps
    from lamina.explain.learnt.hills import hill_network, hills_network, plot_hill
    from lamina.explain.learnt.product import plot_product, product_network
    from lamina.explain.learnt.regions import plot_decision_regions
    from lamina.explain.learnt.units import hidden_units, plot_hidden_units
    from lamina.explain.tape import GradientCheck, Module, Outcome, Tape, backpropagate, check_gradients
    from lamina.explain.tape.drawing import plot_gradient_norms

_HOMES = {
    "AlphaBeta": "attribution.relevance_rules",
    "Attribution": "attribution.result",
    "BEALE": "descent.surfaces",
    "BOWL": "descent.surfaces",
    "DescentPath": "descent.path",
    "Epsilon": "attribution.relevance_rules",
    "Gradient": "attribution.gradient",
    "GradientCheck": "tape",
    "GradientXInput": "attribution.gradient_x_input",
    "HIMMELBLAU": "descent.surfaces",
    "IntegratedGradients": "attribution.integrated_gradients",
    "Landscape": "descent.landscape",
    "LayerwiseRelevance": "attribution.layerwise_relevance",
    "Learning": "descent.learning",
    "Module": "tape",
    "Newton": "descent.newton",
    "Occlusion": "attribution.occlusion",
    "Outcome": "tape",
    "PARABOLA": "descent.surfaces",
    "ROSENBROCK": "descent.surfaces",
    "SADDLE": "descent.surfaces",
    "SURFACES": "descent.surfaces",
    "Shapley": "attribution.shapley",
    "SmoothGrad": "attribution.smoothgrad",
    "Surface": "descent.surfaces",
    "TWO_MINIMA": "descent.surfaces",
    "Tape": "tape",
    "ZPlus": "attribution.relevance_rules",
    "animate_hidden_geometry": "learnt.geometry_picture",
    "apply_filter": "fixed_filters",
    "attention_maps": "learnt.heads",
    "attribute": "attribution.attributing",
    "backpropagate": "tape",
    "bowl": "descent.surfaces",
    "bump_network": "learnt.bumps",
    "check_gradients": "tape",
    "confusion_of": "confusion",
    "descend": "descent.descending",
    "descend_each": "descent.descending",
    "embedding_vectors": "learnt.embedded",
    "feature_maps": "feature_maps",
    "fit_path": "descent.fit_path",
    "hidden_geometry": "learnt.geometry",
    "hidden_units": "learnt.units",
    "hill_network": "learnt.hills",
    "hills_network": "learnt.hills",
    "learn_by_epoch": "descent.learning",
    "loss_landscape": "descent.landscape",
    "most_activating": "activating",
    "network_with": "learnt.given",
    "plot_attention": "attention",
    "plot_attention_maps": "learnt.heads",
    "plot_attribution": "attribution.drawing",
    "plot_augmentation": "augmentation",
    "plot_batch_sizes": "descent.fit_path",
    "plot_bumps": "learnt.bumps",
    "plot_confusion": "confusion",
    "plot_decision_regions": "learnt.regions",
    "plot_descent": "descent.curve_picture",
    "plot_descent_surface": "descent.surface_picture",
    "plot_embedding": "learnt.embedded",
    "plot_feature_maps": "feature_maps",
    "plot_filters": "filters",
    "plot_filters_on": "fixed_filters",
    "plot_gradient_norms": "tape.drawing",
    "plot_hidden_geometry": "learnt.geometry_picture",
    "plot_hidden_units": "learnt.units",
    "plot_hill": "learnt.hills",
    "plot_learning": "descent.learning_picture",
    "plot_loss_landscape": "descent.landscape_picture",
    "plot_most_activating": "activating",
    "plot_network": "learnt.diagram",
    "plot_product": "learnt.product",
    "plot_step_sizes": "descent.curve_picture",
    "product_network": "learnt.product",
    "stripe_filter": "fixed_filters",
}

__all__ = [
    "BEALE",
    "BOWL",
    "HIMMELBLAU",
    "PARABOLA",
    "ROSENBROCK",
    "SADDLE",
    "SURFACES",
    "TWO_MINIMA",
    "AlphaBeta",
    "Attribution",
    "DescentPath",
    "Epsilon",
    "Gradient",
    "GradientCheck",
    "GradientXInput",
    "IntegratedGradients",
    "Landscape",
    "LayerwiseRelevance",
    "Learning",
    "Module",
    "Newton",
    "Occlusion",
    "Outcome",
    "Shapley",
    "SmoothGrad",
    "Surface",
    "Tape",
    "ZPlus",
    "animate_hidden_geometry",
    "apply_filter",
    "attention_maps",
    "attribute",
    "backpropagate",
    "bowl",
    "bump_network",
    "check_gradients",
    "confusion_of",
    "descend",
    "descend_each",
    "embedding_vectors",
    "feature_maps",
    "fit_path",
    "hidden_geometry",
    "hidden_units",
    "hill_network",
    "hills_network",
    "learn_by_epoch",
    "loss_landscape",
    "most_activating",
    "network_with",
    "plot_attention",
    "plot_attention_maps",
    "plot_attribution",
    "plot_augmentation",
    "plot_batch_sizes",
    "plot_bumps",
    "plot_confusion",
    "plot_decision_regions",
    "plot_descent",
    "plot_descent_surface",
    "plot_embedding",
    "plot_feature_maps",
    "plot_filters",
    "plot_filters_on",
    "plot_gradient_norms",
    "plot_hidden_geometry",
    "plot_hidden_units",
    "plot_hill",
    "plot_learning",
    "plot_loss_landscape",
    "plot_most_activating",
    "plot_network",
    "plot_product",
    "plot_step_sizes",
    "product_network",
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
