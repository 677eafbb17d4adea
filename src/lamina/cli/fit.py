"""``lamina fit``: fit a network to a whole table and save it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

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
from lamina.errors import SpecificationError, nearest_name

MODELS = ("mlp",)


def fit(
    table: Annotated[
        str, typer.Argument(metavar="NAME_OR_FILE", help="A data set's name, or a CSV, TSV or Parquet file.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the model is saved: a .lamina file.")],
    target: TargetOption = None,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="Which model: mlp, a multi-layer perceptron.")
    ] = "mlp",
    task: TaskOption = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Times each row is used. The model's own default.")
    ] = None,
    seed: SeedOption = 0,
    drop: ColumnsOption = None,
    drop_missing_target: DropOption = False,
) -> None:
    """Fit a network to a table and save it."""
    if model not in MODELS:
        raise SpecificationError(f"--model {model!r} is not known: {nearest_name(model, MODELS)}")
    require_writable(out)

    from lamina.cli.problems import settled_task, without_columns
    from lamina.cli.tables import open_problem

    problem = open_problem(table, target, task_name(task), drop=drop_missing_target)
    problem = without_columns(problem, names_in(drop))
    settings = {} if epochs is None else {"epochs": epochs}
    network = _network(settled_task(problem))
    network.set_params(random_state=seed, **settings)
    start = time.perf_counter()
    network.fit(problem.predictors, problem.outcome)
    seconds = time.perf_counter() - start
    network.save(out)
    rows, columns = problem.predictors.shape
    typer.echo(
        f"{model} of {problem.target}: {network.n_parameters_:,} parameters fitted to {rows:,} rows of "
        f"{columns:,} column{'' if columns == 1 else 's'} in {seconds:.1f} s, saved in {out}"
    )


def _network(task: str) -> Any:
    from lamina.estimators import NeuralClassifier, NeuralRegressor

    return NeuralRegressor() if task == "regression" else NeuralClassifier()
