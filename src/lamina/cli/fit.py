"""``lamina fit``: fit a network to a whole table and save it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lamina.cli.options import SeedOption, TargetOption, TaskOption, task_name
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
) -> None:
    """Fit a network to a table and save it."""
    if model not in MODELS:
        raise SpecificationError(f"--model {model!r} is not known: {nearest_name(model, MODELS)}")
    require_writable(out)

    from lamina.cli.tables import open_problem

    problem = open_problem(table, target, task_name(task))
    settings: dict[str, Any] = {"random_state": seed}
    if epochs is not None:
        settings["epochs"] = epochs
    raise NotImplementedError(problem, settings)
