"""``lamina predict``: predictions of a saved model, and the probability of each class."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.outputs import require_writable
from lamina.files.atomic import replacing

if TYPE_CHECKING:
    import pandas as pd

WRITERS: dict[str, Any] = {
    ".csv": lambda frame, path: frame.to_csv(path, index=False),
    ".tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".tab": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    ".parquet": lambda frame, path: frame.to_parquet(path, index=False),
    ".pq": lambda frame, path: frame.to_parquet(path, index=False),
}


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .lamina file that `lamina fit` wrote.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The rows to predict: CSV, TSV or Parquet.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV, TSV or Parquet file. Standard output as CSV if left out."),
    ] = None,
) -> None:
    """Predict new rows with a saved model, in their order."""
    require_writable(out, tuple(WRITERS))

    from lamina.data.reading import read_table
    from lamina.files import load

    rows = read_table(new)
    frame = predictions(load(model), rows)
    if out is None:
        frame.to_csv(sys.stdout, index=False)
        return
    with replacing(out) as scratch:
        WRITERS[out.suffix.lower()](frame, scratch)
    typer.echo(f"Predicted {len(frame):,} row{'' if len(frame) == 1 else 's'} into {out}", err=True)


def predictions(model: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each row given: the prediction, then for classes the probability of each."""
    import pandas as pd

    columns = _columns("prediction", model.predict(rows), None)
    if hasattr(model, "predict_proba"):
        columns |= _columns("probability", model.predict_proba(rows), model.classes_)
    return pd.DataFrame(columns)


def _columns(word: str, values: Any, labels: Any) -> dict[str, Any]:
    """A column for each output, named by its label or, without labels, by its number."""
    if values.ndim == 1:
        return {word: values}
    names = range(1, values.shape[1] + 1) if labels is None else labels
    return {f"{word}_{name}": values[:, index] for index, name in enumerate(names)}
