"""``--text``: the column of a table that holds documents, for a network of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.errors import DataError, SpecificationError

if TYPE_CHECKING:
    import pandas as pd

    from lamina.cli.tables import Problem

TextOption = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="COLUMN", help="The column that holds documents: a network of their words."
    ),
]


def documents_to_fit(problem: Problem, text: str) -> list[str]:
    """The documents of a problem's column; missing ones count as empty, and other columns are left out, with a note.

    Raises
    ------
    DataError
        If there is no such column, or it holds anything but text, or no word at all.
    """
    import warnings

    from lamina.cli.tables import require_column
    from lamina.errors import DataWarning
    from lamina.evaluation.texts import read_texts

    if text == problem.target:
        raise DataError(f"--text names {text!r}, which is the column to predict")
    require_column(problem.predictors, text, problem.name, "--text")
    others = [str(name) for name in problem.predictors.columns if name != text]
    if others:
        warnings.warn(
            f"only the words of {text!r} are read; left out: {', '.join(map(repr, others[:5]))}"
            f"{', …' if len(others) > 5 else ''}",
            DataWarning,
            stacklevel=2,
        )
    table, _ = read_texts(problem.predictors[[text]], text)
    documents: list[str] = table[text].tolist()
    return documents


def network_of_words(task: str) -> Any:
    """The network that ``lamina fit --text`` fits, not yet fitted."""
    from lamina.estimators import TextClassifier, TextRegressor

    return TextRegressor() if task == "regression" else TextClassifier()


def rows_for(model: Any, frame: pd.DataFrame, text: str | None, where: str) -> Any:
    """New rows as a saved model takes them: the documents of a column for one of words, else the table as it is.

    Raises
    ------
    SpecificationError
        If it is not said which column holds the documents, or said of a model that reads none.
    """
    from lamina.cli.tables import require_column
    from lamina.estimators.text import ReadsText
    from lamina.evaluation.texts import filled

    if not isinstance(model, ReadsText):
        if text is not None:
            raise SpecificationError(
                f"--text is for a model of documents, and this is a {type(model).__name__} of a table: leave it out"
            )
        return frame
    if text is None and len(frame.columns) > 1:
        names = ", ".join(map(repr, frame.columns[:20]))
        raise SpecificationError(
            f"the model reads documents, and {where} has {len(frame.columns)} columns: say which holds them by "
            f"--text, one of {names}"
        )
    column = str(frame.columns[0]) if text is None else text
    require_column(frame, column, where, "--text")
    return filled(frame[column].tolist(), column)
