"""The way in: a method by its name or as a value, a fitted model, rows."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.explain.attribution.method import Method
from lamina.explain.attribution.result import Attribution
from lamina.layers.values import refuse_class

METHODS = {
    "gradient": "Gradient",
    "gradient_x_input": "GradientXInput",
    "integrated_gradients": "IntegratedGradients",
    "layerwise_relevance": "LayerwiseRelevance",
    "occlusion": "Occlusion",
    "shapley": "Shapley",
    "smoothgrad": "SmoothGrad",
}
"""The methods by name; each has a module of the same name."""
ALSO_CALLED = {
    "ig": "integrated_gradients",
    "lrp": "layerwise_relevance",
    "saliency": "gradient",
    "shap": "shapley",
    "smooth_grad": "smoothgrad",
}


def attribute(
    model: Any, X: Any, method: str | Method = "integrated_gradients", *, target: Any = None, **options: Any
) -> Attribution:
    r"""How much each input contributed to the output of each row.

    What is explained is one number f of a row, on the scale before the output activation: of a class its log odds (one sigmoid
    unit) or its linear predictor (softmax), of a regression the prediction in the units of the outcome. Of estimators other than
    Lamina's networks it is the probability of the class, or the prediction.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier`, :class:`lamina.NeuralRegressor` or text estimator. "shapley" and "occlusion"
        take any fitted estimator with ``predict_proba`` or ``predict``, pipelines and ensembles too.
    X
        Rows as the model takes them: array, data frame, images (n, h, w, c) or one image, documents.
    method : str or method
        - "integrated_gradients": shares of f(x) - f(baseline) (:class:`IntegratedGradients`);
        - "gradient", "gradient_x_input", "smoothgrad": slopes, their product with the input, their mean over noisy copies;
        - "layerwise_relevance": f handed back layer by layer (:class:`LayerwiseRelevance`);
        - "shapley": the mean contribution over all orders in which inputs could become known (:class:`Shapley`);
        - "occlusion": what f loses when an input is taken away (:class:`Occlusion`).
    target
        Which class, label or outcome: one for all rows or one for each. None takes the predicted class of each row.
    options
        Of the method, where it is named by a string: ``attribute(model, X, "integrated_gradients", steps=128)``.

    Returns
    -------
    Attribution
        Numbers in the shape of X; columns that became several numbers inside the model (categories, dates, gaps) have the sum.

    Raises
    ------
    SpecificationError, ArgumentTypeError
        For an unknown method or option, or a method that the model does not allow: the message says which and why.
    NotFittedError, DataError
        If the model is not fitted; if rows or target are not like those of the fit.

    >>> import numpy as np
    >>> from lamina import NeuralRegressor
    >>> from lamina.explain import attribute
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = NeuralRegressor([], optimizer="lbfgs", random_state=0).fit(X, 3 * X[:, 0] - X[:, 1])
    >>> found = attribute(model, np.array([[1.0, 2.0]]), baseline=np.zeros(2))
    >>> found.attributions.round(3).tolist(), np.abs(found.residual).max() < 1e-3
    ([[3.0, -2.0]], np.True_)
    """
    return method_of(method, options).explain(model, X, target)


def method_of(method: Any, options: dict[str, Any]) -> Method:
    """The method behind a name and its options, or the method itself."""
    refuse_class("method", method)
    if isinstance(method, Method):
        if options:
            raise SpecificationError(
                f"{', '.join(map(repr, options))} cannot be given beside {method!r}: put the options inside, "
                f"{type(method).__name__}({', '.join(f'{name}=…' for name in options)})."
            )
        return method
    if not isinstance(method, str):
        raise ArgumentTypeError(
            f"method={method!r} ({type(method).__name__}): give a name, one of {', '.join(map(repr, METHODS))}, or "
            "a method such as IntegratedGradients(steps=64)."
        )
    if method not in METHODS:
        raise SpecificationError(
            f"method={method!r} is unknown: {nearest_name(method, METHODS, ALSO_CALLED)}"
        )
    kind = getattr(importlib.import_module(f"lamina.explain.attribution.{method}"), METHODS[method])
    return _made(kind, method, options)


def _made(kind: Any, method: str, options: dict[str, Any]) -> Method:
    known = [item.name for item in dataclasses.fields(kind)]
    for name in options:
        if name not in known:
            has = f"its options: {nearest_name(name, known)}" if known else "it has none"
            raise SpecificationError(f"method={method!r} has no option {name!r}; {has}")
    made: Method = kind(**options)
    return made
