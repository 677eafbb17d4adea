"""``lamina predict``: predictions of a saved model, and the probability of each class."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.outputs import require_writable
from lamina.cli.pictures import (
    SkipOption,
    names_pictures,
    path_as_text,
    read_new_pictures,
    refuse_for_pictures,
    refuse_for_tables,
)
from lamina.cli.texts import TextOption, rows_for
from lamina.errors import FileAccessError
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
    new: Annotated[
        Path,
        typer.Argument(
            metavar="NEW", help="The rows to predict: CSV, TSV or Parquet; or a folder of pictures, or one."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV, TSV or Parquet file. Standard output as CSV if left out."),
    ] = None,
    text: TextOption = None,
    skip_unreadable: SkipOption = False,
) -> None:
    """Predict new rows or pictures with a saved model."""
    require_writable(out, tuple(WRITERS))

    from lamina.data.reading import read_table
    from lamina.files import load

    if not new.exists() and not new.suffix:
        raise FileAccessError(f"there is no file and no folder {new}: check its name")
    if names_pictures(new):
        refuse_for_pictures(text=text)
        frame = picture_predictions(load(model), new, skips=skip_unreadable)
    else:
        refuse_for_tables(skip_unreadable=skip_unreadable)
        fitted = load(model)
        frame = predictions(fitted, rows_for(fitted, read_table(new), text, str(new)))
    if out is None:
        frame.to_csv(sys.stdout, index=False)
        return
    with replacing(out) as scratch:
        WRITERS[out.suffix.lower()](frame, scratch)
    what = "picture" if names_pictures(new) else "row"
    typer.echo(f"Predicted {len(frame):,} {what}{'' if len(frame) == 1 else 's'} into {out}", err=True)


def picture_predictions(model: Any, new: Path, *, skips: bool) -> pd.DataFrame:
    """The path of each picture, then what is predicted of it."""
    images, pixels = read_new_pictures(model, new, skips=skips)
    frame = predictions(model, pixels)
    frame.insert(0, "path", [path_as_text(path) for path in images.paths])
    return frame


def predictions(model: Any, rows: Any) -> pd.DataFrame:
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
