"""From the results of single fits to the comparison: means, standard errors, the table and the verdict."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lamina.evaluation.fits import ModelResult, Problem
from lamina.evaluation.intervals import Estimate, difference_estimate, error_estimate
from lamina.evaluation.metrics import r_squared
from lamina.evaluation.result import Comparison
from lamina.evaluation.running import Run
from lamina.evaluation.verdict import Side, Verdict, judge, no_contest


def summarise(problem: Problem, found: Run, dataset: str | None, target: str | None) -> Comparison:
    """The comparison that a run amounts to."""
    finished = [model for model in found.models if model.failure is None]
    estimates = {model.name: error_estimate(problem, model) for model in finished}
    rows = {model.name: _row(problem, model, estimates) for model in found.models}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    table["parameters"] = table["parameters"].astype("Int64")
    nothing = np.full(len(problem.splits), np.nan)
    scores = {model.name: model.errors if model.failure is None else nothing for model in found.models}
    return Comparison(
        table=table,
        scores=pd.DataFrame.from_dict(
            scores, orient="index", columns=range(1, len(problem.splits) + 1)
        ).rename_axis("model"),
        verdict=_verdict(problem, found, estimates),
        estimates=estimates,
        networks=tuple(model.name for model in found.models if model.network),
        task=problem.outcome.task,
        metric=problem.metric,
        splits=problem.splits.description,
        rows=len(problem.table),
        seed=problem.seed,
        classes=problem.outcome.class_count,
        dataset=dataset,
        target=target,
        failures={model.name: model.failure for model in found.models if model.failure is not None},
        warnings=(*_rare_classes(problem), *found.warnings),
        unfinished=found.unfinished,
    )


def _row(problem: Problem, model: ModelResult, estimates: Mapping[str, Estimate]) -> dict[str, float | None]:
    score = "accuracy" if problem.outcome.classification else "r2"
    columns = ("parameters", "error_mean", "error_se", score, "seconds")
    if model.failure is not None:
        return {column: None if column == "parameters" else float("nan") for column in columns}
    counts = [fold.parameters for fold in model.folds if fold.parameters is not None]
    parameters = round(float(np.median(counts))) if counts else None
    seconds = float(np.mean([fold.seconds for fold in model.folds]))
    estimate = estimates[model.name]
    values = (parameters, estimate.mean, estimate.se, _score(problem, model), seconds)
    return dict(zip(columns, values, strict=True))


def _score(problem: Problem, model: ModelResult) -> float:
    """Accuracy is the mean over the splits; R² is that of all test predictions, since small folds make it erratic."""
    truth = [problem.outcome.truth[test] for _, test in problem.splits]
    predicted = [fold.prediction for fold in model.folds]
    if problem.outcome.classification:
        return float(np.mean([np.mean(a == b) for a, b in zip(truth, predicted, strict=True)]))
    return r_squared(np.concatenate(truth), np.concatenate(predicted))


def _verdict(problem: Problem, found: Run, estimates: Mapping[str, Estimate]) -> Verdict:
    finished = [model for model in found.models if model.failure is None]
    network, simple = (_best(finished, estimates, network=kind) for kind in (True, False))
    if network is None or simple is None:
        # Of what Ctrl-C left out it is not known what it is: then nobody is told to add it.
        stopped = bool(found.unfinished)
        return no_contest(
            _side(network, estimates) if network else None,
            _side(simple, estimates) if simple else None,
            networks_tried=stopped or _any(found.models, network=True),
            simple_tried=stopped or _any(found.models, network=False),
        )
    difference = difference_estimate(problem, network, simple)
    sides = _side(network, estimates), _side(simple, estimates)
    return judge(*sides, difference, problem.metric.title, problem.metric.percent)


def _best(
    finished: list[ModelResult], estimates: Mapping[str, Estimate], network: bool
) -> ModelResult | None:
    """The lowest mean error of its kind; of equal ones the first, which is the simplest."""
    kind = [model for model in finished if model.network == network]
    return min(kind, key=lambda model: estimates[model.name].mean, default=None)


def _any(models: tuple[ModelResult, ...], network: bool) -> bool:
    return any(model.network == network for model in models)


def _side(model: ModelResult, estimates: Mapping[str, Estimate]) -> Side:
    return Side(model.name, estimates[model.name].mean)


def _rare_classes(problem: Problem) -> tuple[str, ...]:
    if problem.outcome.classes is None or len(problem.splits) < 2:
        return ()
    tested = [len(np.unique(problem.outcome.truth[test])) for _, test in problem.splits]
    short = sum(count < problem.outcome.class_count for count in tested)
    if not short:
        return ()
    rarest = np.bincount(problem.outcome.truth).argmin()
    count = int(np.sum(problem.outcome.truth == rarest))
    return (
        f"{short} of {len(tested)} splits test rows of some classes only: the rarest, "
        f"{problem.outcome.classes[rarest]!s}, has {count} row{'' if count == 1 else 's'}",
    )
