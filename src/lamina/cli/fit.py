"""``lamina fit``: fit a network to a whole table, or to a folder of pictures, and save it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.options import (
    ColumnsOption,
    DropOption,
    SeedOption,
    TargetOption,
    TaskOption,
    names_in,
    task_name,
)
from lamina.cli.outputs import require_writable
from lamina.cli.pictures import (
    SizeOption,
    SkipOption,
    fit_pictures,
    is_for_pictures,
    is_picture_folder,
    refuse_for_pictures,
    refuse_for_tables,
    require_pictures,
)
from lamina.cli.texts import TextOption, documents_to_fit, network_of_words
from lamina.cli.weights import WeightsOption
from lamina.errors import SpecificationError, nearest_name

if TYPE_CHECKING:
    from lamina.cli.tables import Problem

MODELS = ("mlp",)


def fit(
    table: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_FILE",
            help="A data set's name, a CSV, TSV or Parquet file, or a folder with a folder of pictures for each class.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the model is saved: a .lamina file.")],
    target: TargetOption = None,
    text: TextOption = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which model: mlp, a multi-layer perceptron. For pictures also cnn (their default), resnet, resnet18, "
            "resnet34, resnet50, and other ready-made networks.",
        ),
    ] = None,
    task: TaskOption = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Times each row is used. The model's own default.")
    ] = None,
    seed: SeedOption = 0,
    drop: ColumnsOption = None,
    drop_missing_target: DropOption = False,
    size: SizeOption = None,
    skip_unreadable: SkipOption = False,
    weights: WeightsOption = None,
) -> None:
    """Fit a network to a table or to pictures, and save it."""
    if is_picture_folder(table):
        refuse_for_pictures(
            target=target, text=text, task=task, drop=drop, drop_missing_target=drop_missing_target
        )
        fit_pictures(
            Path(table), out, model or "cnn", epochs, seed, size, skips=skip_unreadable, weights=weights
        )
        return
    require_pictures(table, certain=skip_unreadable or bool(size or weights) or is_for_pictures(model))
    refuse_for_tables(size=size, skip_unreadable=skip_unreadable, weights=weights)
    model = model or "mlp"
    if model not in MODELS:
        raise SpecificationError(f"--model {model!r} is not known: {nearest_name(model, MODELS)}")
    require_writable(out)

    from lamina.cli.problems import settled_task, without_columns
    from lamina.cli.tables import open_problem

    problem = open_problem(table, target, task_name(task), drop=drop_missing_target)
    problem = without_columns(problem, names_in(drop))
    settings = {} if epochs is None else {"epochs": epochs}
    network, rows, what = _network(problem, settled_task(problem), text or problem.text)
    network.set_params(random_state=seed, **settings)
    start = time.perf_counter()
    network.fit(rows, problem.outcome)
    seconds = time.perf_counter() - start
    network.save(out)
    typer.echo(
        f"{model} of {problem.target}: {network.n_parameters_:,} parameters fitted to {len(rows):,} {what} "
        f"in {seconds:.1f} s, saved in {out}"
    )


def _network(problem: Problem, task: str, text: str | None) -> tuple[Any, Any, str]:
    """The network, the rows that it is fitted to, and what to call them."""
    if text is not None:
        documents = documents_to_fit(problem, text)
        return network_of_words(task), documents, f"documents of {text}"
    from lamina.estimators import NeuralClassifier, NeuralRegressor

    columns = problem.predictors.shape[1]
    network = NeuralRegressor() if task == "regression" else NeuralClassifier()
    return network, problem.predictors, f"rows of {columns:,} column{'' if columns == 1 else 's'}"
