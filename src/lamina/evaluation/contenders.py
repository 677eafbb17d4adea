"""Who takes part in a comparison: the simple models, the default network, and the user's own models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.evaluation.simple.baselines import baselines
from lamina.evaluation.splits import Sample

NETWORK = "mlp"
ENSEMBLE = "mlp-ensemble"
CNN = "cnn"
WORDS = "words_mlp"
NAMED_BEFOREHAND = (ENSEMBLE, CNN, WORDS)
"""The network that stands for all, of tables, of images and of text: named beforehand, not chosen by its error."""
MEMBERS = 8
"""Networks of the built-in ensemble."""


@dataclass(frozen=True)
class Contender:
    """One row of the comparison: how to make the unfitted model for some training rows, and to count it.

    ``built_in`` models leave the rows they are given as they are, so that they can share them.
    """

    name: str
    network: bool
    make: Callable[[Sample, int | None], Any]
    count: Callable[[Any], int | None]
    built_in: bool = False


def choose_contenders(
    task: Task,
    include: Iterable[str] | None = None,
    models: Mapping[str, Any] | None = None,
    y: NDArray[Any] | None = None,
    *,
    images: bool = False,
    text: str | None = None,
) -> tuple[Contender, ...]:
    """The built-in models asked for (all that the outcome ``y`` asks for, if ``include`` is None) in their fixed order, then
    the user's own; those of ``images``, and of tables with a column of ``text``, are others than those of tables.

    Raises
    ------
    SpecificationError
        If a name is unknown or taken, a model is of the other task, or nothing is left to compare.
    ArgumentTypeError
        If a model is no estimator.

    >>> [contender.name for contender in choose_contenders("regression", ["mlp", "lasso", "linear"])]
    ['linear', 'lasso', 'mlp']
    """
    built_in = _for_images(task) if images else _built_in(task, y) if text is None else _for_text(task, text)
    what = f"{task} of images" if images else task if text is None else f"{task} of text"
    names = list(built_in) if include is None else _known_names(include, what, built_in)
    given = _check_models({} if models is None else models)
    for name in given:
        if name in names:
            raise SpecificationError(
                f"models has the name {name!r}, which a built-in model has too: rename yours, or name "
                f"the built-in models you want without it, such as include={[other for other in names if other != name]!r}"
            )
    own = [own_contender(name, model, task, images=images, text=text) for name, model in given.items()]
    chosen = [contender for name, contender in built_in.items() if name in names] + own
    if not chosen:
        raise SpecificationError(
            "there is nothing to compare: name models by include= or give them by models="
        )
    return tuple(chosen)


def own_contender(
    name: str, model: Any, task: Task, *, images: bool = False, text: str | None = None
) -> Contender:
    """A user's model: cloned for each fold, and fed with numbers unless it takes a table, or images, itself."""
    from sklearn.base import clone

    _check_task(name, model, task)
    prototype = model if takes_tables(model) else _on_numbers(model, images, text)
    return Contender(name, is_network(model), lambda _, __: clone(prototype), count_parameters)


def core(model: Any) -> Any:
    """The estimator inside pipelines, searches and target transformers.

    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import GridSearchCV
    >>> core(GridSearchCV(Ridge(), {"alpha": [1.0]}))
    Ridge()
    """
    for inner in ("best_estimator_", "regressor_", "estimator", "regressor"):
        if _wraps_one_model(model) and getattr(model, inner, None) is not None:
            return core(getattr(model, inner))
    return core(model.steps[-1][1]) if hasattr(model, "steps") else model


def is_network(model: Any) -> bool:
    """Whether the core of a model is a neural network, Lamina's or scikit-learn's."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from lamina import drop_in
    from lamina.estimators import is_network as is_ours

    others = (MLPClassifier, MLPRegressor, drop_in.MLPClassifier, drop_in.MLPRegressor)
    inside = core(model)
    if _is_ensemble(inside):
        return is_network(inside._own_model())
    return isinstance(inside, others) or bool(is_ours(inside))


def takes_tables(model: Any) -> bool:
    """Whether a model is given the table, or the images, as they are: pipelines, and Lamina's networks, which encode them."""
    from lamina.estimators import is_network as is_ours

    if hasattr(model, "steps"):
        return True
    for inner in ("estimator", "regressor"):
        if _wraps_one_model(model) and getattr(model, inner, None) is not None:
            return takes_tables(getattr(model, inner))
    return takes_tables(model._own_model()) if _is_ensemble(model) else bool(is_ours(model))


def _is_ensemble(model: Any) -> bool:
    """Whether a model is one of Lamina's ensembles, whatever its members are."""
    from lamina.model_selection.ensemble_base import Ensemble

    return isinstance(model, Ensemble)


def count_parameters(fitted: Any) -> int | None:
    """The fitted numbers of any model that can be counted, else None.

    Networks say it; linear models have coefficients and intercepts, trees have leaves.

    >>> from sklearn.linear_model import LinearRegression
    >>> count_parameters(LinearRegression().fit([[0.0, 1.0], [1.0, 1.0]], [0.0, 1.0]))
    3
    """
    model = core(fitted)
    if hasattr(model, "n_parameters_"):
        return int(model.n_parameters_)
    arrays = [part for name in ("coefs_", "intercepts_") for part in getattr(model, name, [])]
    arrays = arrays or [getattr(model, name) for name in ("coef_", "intercept_") if hasattr(model, name)]
    if arrays and all(isinstance(part, np.ndarray | float) for part in arrays):
        return sum(int(np.size(part)) for part in arrays)
    trees = [
        tree for tree in np.ravel(getattr(model, "estimators_", [model])) if hasattr(tree, "get_n_leaves")
    ]
    return sum(int(tree.get_n_leaves()) for tree in trees) or None


def _built_in(task: Task, y: NDArray[Any] | None) -> dict[str, Contender]:
    simple = {
        name: Contender(name, False, baseline.pipeline, baseline.count_parameters, built_in=True)
        for name, baseline in baselines(task, y).items()
    }
    networks = {
        NETWORK: Contender(NETWORK, True, _NETWORKS[task], count_parameters, built_in=True),
        ENSEMBLE: Contender(ENSEMBLE, True, _ENSEMBLES[task], count_parameters, built_in=True),
    }
    return {**simple, **networks}


def _neural_regressor(_: Sample, seed: int | None) -> Any:
    from lamina.estimators import NeuralRegressor

    return NeuralRegressor(random_state=seed)


def _neural_classifier(_: Sample, seed: int | None) -> Any:
    from lamina.estimators import NeuralClassifier

    return NeuralClassifier(random_state=seed)


def _ensemble_regressor(_: Sample, seed: int | None) -> Any:
    from lamina.model_selection import EnsembleRegressor

    return EnsembleRegressor(n_members=MEMBERS, random_state=seed)


def _ensemble_classifier(_: Sample, seed: int | None) -> Any:
    from lamina.model_selection import EnsembleClassifier

    return EnsembleClassifier(n_members=MEMBERS, random_state=seed)


_NETWORKS: dict[Task, Callable[[Sample, int | None], Any]] = {
    "regression": _neural_regressor,
    "classification": _neural_classifier,
}
_ENSEMBLES: dict[Task, Callable[[Sample, int | None], Any]] = {
    "regression": _ensemble_regressor,
    "classification": _ensemble_classifier,
}


def _for_images(task: Task) -> dict[str, Contender]:
    from lamina.evaluation.image_contenders import image_contenders

    return image_contenders(task)


def _for_text(task: Task, text: str) -> dict[str, Contender]:
    from lamina.evaluation.text_contenders import text_contenders

    return text_contenders(task, text)


def _known_names(include: Iterable[str], what: str, known: Iterable[str]) -> list[str]:
    names = [include] if isinstance(include, str) else list(include)
    for name in names:
        if name not in known:
            raise SpecificationError(
                f"include has {name!r}, which is no built-in model for {what}: {nearest_name(name, known)}"
            )
    return names


def _check_models(models: Any) -> Mapping[str, Any]:
    if not isinstance(models, Mapping):
        raise ArgumentTypeError(
            f"models is of type {type(models).__name__}: give a dictionary of names and estimators, "
            "such as {'mine': model}"
        )
    for name, model in models.items():
        if not isinstance(name, str):
            raise ArgumentTypeError(
                f"models has the name {name!r}, which is no text: name the model in words"
            )
        if isinstance(model, type):
            raise ArgumentTypeError(
                f"models[{name!r}] is the class {model.__name__}: give an instance, {model.__name__}()"
            )
        if not all(hasattr(model, method) for method in ("fit", "predict", "get_params")):
            raise ArgumentTypeError(
                f"models[{name!r}] is of type {type(model).__name__}: give an estimator with scikit-learn's "
                "methods fit, predict and get_params"
            )
    return models


def _check_task(name: str, model: Any, task: Task) -> None:
    from sklearn.base import is_classifier, is_regressor

    wrong = is_regressor(model) if task == "classification" else is_classifier(model)
    if wrong:
        other = "regression" if task == "classification" else "classification"
        raise SpecificationError(
            f"models[{name!r}] is for {other}, but the task is {task}: give one for {task}, "
            f"or say task={other!r}"
        )


def _wraps_one_model(model: Any) -> bool:
    """Searches and target transformers, not ensembles, which have an ``estimator`` too."""
    return hasattr(model, "refit") or hasattr(model, "check_inverse")


def _on_numbers(model: Any, images: bool, text: str | None) -> Any:
    from sklearn.base import clone
    from sklearn.pipeline import Pipeline

    from lamina.data.tables import TableEncoder
    from lamina.evaluation.simple.pixels import FlatPixels

    if text is not None:
        from lamina.evaluation.texts import WordsAndColumns

        return Pipeline([("words", WordsAndColumns(text)), ("model", clone(model))])
    if images:
        return Pipeline([("pixels", FlatPixels()), ("model", clone(model))])
    return Pipeline([("table", TableEncoder(dtype="float64")), ("model", clone(model))])
