"""What an attribution is: numbers in the shape of the rows, what they add up to, and how nearly they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """How much each input contributed to the output of each row; :func:`lamina.explain.attribute` makes it.

    Attributes
    ----------
    attributions
        In the shape of the rows: (n, columns) of a table, of images that of X, of documents (n, places) or (n, words).
    output
        What is explained of each row, (n,).
    base_value
        What is left without the inputs, (n,): the output at the baseline, or the biases' share. None where the method's
        numbers are no shares of the output.
    target
        The class or outcome that is explained, (n,).
    scale
        What the output is, in words.
    method
        The method with its options.
    baseline
        What stood for the absence of every input, in the network's own scale; None where that is many rows or nothing.
    names
        Columns of a table, or the dictionary of a bag of words; None for images and sequences.
    words
        The words at the places of each document, "" for padding; None where inputs are no places of documents.
    images
        The images that are explained, or None.
    standard_errors
        Of sampled attributions, in their shape; None of exact ones.
    index
        That of the data frame explained, for :meth:`frame`.
    present
        Which words of the dictionary each document has, (n, words); None but for bags of words.
    """

    attributions: np.ndarray
    output: np.ndarray
    base_value: np.ndarray | None
    target: np.ndarray
    scale: str
    method: Any
    baseline: np.ndarray | None = None
    names: tuple[str, ...] | None = None
    words: tuple[tuple[str, ...], ...] | None = None
    images: np.ndarray | None = None
    standard_errors: np.ndarray | None = None
    index: Any = None
    present: np.ndarray | None = None

    @property
    def residual(self) -> np.ndarray | None:
        """output - base_value - sum of the attributions, (n,): how far completeness is missed. None without a base value."""
        if self.base_value is None:
            return None
        total = self.attributions.reshape(len(self), -1).sum(axis=1, dtype=np.float64)
        return np.asarray(self.output - self.base_value - total)

    def __len__(self) -> int:
        return len(self.attributions)

    def __repr__(self) -> str:
        return f"<Attribution of {len(self)} rows by {self.method!r}>"

    def __str__(self) -> str:
        shape = "×".join(map(str, self.attributions.shape[1:]))
        lines = [f"Attribution by {self.method!r}: {len(self)} rows of {shape}", f"explained: {self.scale}"]
        residual = self.residual
        if residual is not None:
            lines.append(f"output - base value - sum, largest: {np.abs(residual).max():.2g}")
        if self.names is not None or self.words is not None:
            lines += ["", self.frame().head(20).to_string(float_format=lambda value: f"{value:.4g}")]
        return "\n".join(lines)

    def frame(self) -> pd.DataFrame:
        """The attributions as a data frame.

        Of a table a row for each row and a column for each column. Of documents a row for each word: which document, which
        place (of a sequence), the word, its attribution; words that a bag does not hold are left out, as is padding.

        Raises
        ------
        DataError
            Of images, which are no table.
        """
        import pandas as pd

        if self.words is not None:
            return self._by_place()
        if self.names is None:
            raise DataError(
                f"attributions of shape {self.attributions.shape} are no table: plot() draws them, attributions has the numbers."
            )
        if self.present is not None:
            return self._by_word()
        return pd.DataFrame(self.attributions, columns=list(self.names), index=self.index)

    def plot(self, row: int | None = 0, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw it: :func:`lamina.explain.plot_attribution`."""
        from lamina.explain.attribution.drawing import plot_attribution

        return plot_attribution(self, row, ax=ax, **options)

    def _by_place(self) -> pd.DataFrame:
        import pandas as pd

        assert self.words is not None
        found = [
            (row, place, word, self.attributions[row, place])
            for row, words in enumerate(self.words)
            for place, word in enumerate(words)
            if word
        ]
        return pd.DataFrame(found, columns=["row", "place", "word", "attribution"])

    def _by_word(self) -> pd.DataFrame:
        import pandas as pd

        assert self.present is not None
        assert self.names is not None
        rows, columns = np.nonzero(self.present)
        words = [self.names[column] for column in columns]
        return pd.DataFrame({"row": rows, "word": words, "attribution": self.attributions[rows, columns]})
