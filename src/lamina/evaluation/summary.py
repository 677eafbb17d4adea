"""From the results of single fits to the comparison: means, standard errors, the table and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lamina.evaluation.choosing import Choice, choose, choose_network
from lamina.evaluation.fits import ModelResult, Problem
from lamina.evaluation.images import image_shape
from lamina.evaluation.intervals import Estimate, difference_estimate, error_estimate
from lamina.evaluation.metrics import r_squared
from lamina.evaluation.nested_cv import nested_estimate
from lamina.evaluation.result import Comparison
from lamina.evaluation.rows_needed import rows_needed
from lamina.evaluation.rule import within_one_se
from lamina.evaluation.running import Run
from lamina.evaluation.verdict import Choices, Side, Verdict, by_one_se, judge, no_contest


def summarise(problem: Problem, found: Run, dataset: str | None, target: str | None) -> Comparison:
    """The comparison that a run amounts to."""
    finished = [model for model in found.models if model.failure is None]
    estimates = {model.name: _error(problem, found, model) for model in finished}
    rows = {model.name: _row(problem, model, estimates) for model in found.models}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    table["parameters"] = table["parameters"].astype("Int64")
    nothing = np.full(len(problem.splits), np.nan)
    scores = {model.name: model.errors if model.folds else nothing for model in found.models}
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
        problem=problem,
        contenders=found.contenders,
        image_shape=image_shape(problem.table),
    )


def _row(problem: Problem, model: ModelResult, estimates: Mapping[str, Estimate]) -> dict[str, float | None]:
    score = "accuracy" if problem.outcome.classification else "r2"
    columns = ("parameters", "inner_error", "error_mean", "error_se", score, "seconds")
    if model.failure is not None:
        return {column: None if column == "parameters" else float("nan") for column in columns}
    counts = [fold.parameters for fold in model.finished if fold.parameters is not None]
    parameters = round(float(np.median(counts))) if counts else None
    seconds = float(np.mean([fold.seconds for fold in model.finished]))
    estimate = estimates[model.name]
    inner = float("nan") if model.inner is None else float(np.mean(model.inner))
    values = (parameters, inner, estimate.mean, estimate.se, _score(problem, model), seconds)
    return dict(zip(columns, values, strict=True))


def _score(problem: Problem, model: ModelResult) -> float:
    """Accuracy is the mean over the splits; R² is that of all test predictions, since small folds make it erratic."""
    truth = [problem.outcome.truth[test] for _, test in problem.splits]
    predicted = [fold.prediction for fold in model.finished]
    if problem.outcome.classification:
        return float(np.mean([np.mean(a == b) for a, b in zip(truth, predicted, strict=True)]))
    return r_squared(np.concatenate(truth), np.concatenate(predicted))


def _verdict(problem: Problem, found: Run, estimates: Mapping[str, Estimate]) -> Verdict:
    network, simple = choices(found)
    if network is None or simple is None:
        # Of what Ctrl-C left out it is not known what it is: then nobody is told to add it.
        stopped = bool(found.unfinished)
        return no_contest(
            _side(network, estimates),
            _side(simple, estimates),
            networks_tried=stopped or _any(found.models, network=True),
            simple_tried=stopped or _any(found.models, network=False),
        )
    sides = Side(network.name, estimates[network.name].mean), Side(simple.name, estimates[simple.name].mean)
    known = Choices(
        simple.chosen,
        network.chosen,
        _inner_errors(found.models),
        reference_error=float(simple.procedure.errors.mean()),
    )
    metric, margin = problem.metric, problem.design.margin
    difference = _difference(problem, found, network, simple)
    verdict = judge(*sides, difference, metric.title, metric.percent, margin, known)
    if problem.design.test == "one_se":
        return by_one_se(verdict, _within_one_se(found.models, network.name, estimates))
    return _with_rows_needed(problem, found, verdict)


def _error(problem: Problem, found: Run, model: ModelResult) -> Estimate:
    """A model's mean error; by nested cross-validation where that was asked for and finished."""
    refits = found.without_two
    again = {} if refits is None else {each.name: each for each in refits.run.models if each.failure is None}
    if refits is None or model.name not in again:
        return error_estimate(problem, model)
    return nested_estimate(problem, refits.problem, (model, again[model.name]))


def _difference(problem: Problem, found: Run, network: Choice, simple: Choice) -> Estimate:
    """The network's error minus the reference's; by nested cross-validation where that was asked for and finished."""
    refits = found.without_two
    again = (None, None) if refits is None else choices(refits.run)
    if refits is None or again[0] is None or again[1] is None or refits.run.unfinished:
        return difference_estimate(problem, network.procedure, simple.procedure)
    sides = (network.procedure, again[0].procedure), (simple.procedure, again[1].procedure)
    return nested_estimate(problem, refits.problem, *sides)


def choices(found: Run) -> tuple[Choice | None, Choice | None]:
    """The network and the simple model that stand for their kind, in each split and by name."""
    finished = [model for model in found.models if model.failure is None]
    networks = [model for model in finished if model.network]
    own = {each.name for each in found.contenders if not each.built_in}
    return choose_network(networks, own), choose([model for model in finished if not model.network])


def _within_one_se(models: Sequence[ModelResult], network: str, estimates: Mapping[str, Estimate]) -> str:
    """The simplest of the simple models and the network within one standard error of the lowest error."""
    names = [model.name for model in models if model.failure is None and not model.network] + [network]
    errors, ses = (np.array([getattr(estimates[name], what) for name in names]) for what in ("mean", "se"))
    return names[within_one_se(errors, ses)]


def _with_rows_needed(problem: Problem, found: Run, verdict: Verdict) -> Verdict:
    """The one place where the learning curve is asked at how many rows it could be told."""
    if verdict.answer != "cannot tell" or verdict.interval is None or found.unfinished:
        return verdict
    return replace(verdict, rows_needed=rows_needed(problem, found, verdict))


def _inner_errors(models: Sequence[ModelResult]) -> dict[str, float]:
    return {
        model.name: float(np.mean(model.inner))
        for model in models
        if model.failure is None and model.inner is not None
    }


def _any(models: tuple[ModelResult, ...], network: bool) -> bool:
    return any(model.network == network for model in models)


def _side(choice: Choice | None, estimates: Mapping[str, Estimate]) -> Side | None:
    return None if choice is None else Side(choice.name, estimates[choice.name].mean)


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
