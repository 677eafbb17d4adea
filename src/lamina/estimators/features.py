"""From the user's X to the array a network takes, learnt on training rows alone.

Numbers without gaps are taken as they are; any other data frame goes through :class:`lamina.data.tables.TableEncoder`. Arrays of
more than two dimensions are images: cast (8-bit ones divided by 255), never standardised.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.sparse import SparseTable, as_table, is_sparse_matrix
from lamina.data.streaming import StoredRows
from lamina.errors import DataError, DataWarning, nearest_name
from lamina.estimators.standardizer import RobustStandardizer, Standardizer

if TYPE_CHECKING:
    from lamina.data.tables import TableEncoder
    from lamina.data.text import BagOfWords, WordSequences


class Features:
    """Learnt preprocessing of X.

    Attributes
    ----------
    encoder
        TableEncoder of a data frame that is not plainly numeric, else None.
    standardizer
        Of the columns, else None (images, or ``scale=False``).
    names
        Column names of the data frame, else None.
    eight_bit
        Whether X holds 8-bit images, which become numbers in [0, 1] inside the program.
    shape
        Of one image, in which further ones are read from files; None for tables.
    sparse
        Whether the rows were sparse: they are taken as they are, not standardised, since centring would leave no zeros.
    text
        What makes numbers of documents, else None.
    """

    def __init__(
        self,
        encoder: TableEncoder | None = None,
        standardizer: Standardizer | None = None,
        names: np.ndarray | None = None,
        eight_bit: bool = False,
        shape: tuple[int, ...] | None = None,
        sparse: bool = False,
        text: BagOfWords | WordSequences | None = None,
    ) -> None:
        self.encoder = encoder
        self.standardizer = standardizer
        self.names = names
        self.eight_bit = eight_bit
        self.shape = shape
        self.sparse = sparse
        self.text = text

    @property
    def embedding_levels(self) -> tuple[int, ...]:
        """Number of levels of each category column that comes as codes, which are the last columns."""
        return () if self.encoder is None else tuple(self.encoder.embedding_levels_)

    def learn_encoding(self, X: Any) -> None:
        """Decide how a data frame becomes numbers."""
        refuse_no_columns(X)
        refuse_repeated_names(X)
        if len(X) < 2:
            raise DataError(
                f"X has {len(X)} row(s) (n_samples={len(X)}), but at least 2 are needed to learn from: give more rows."
            )
        self.names = column_names(X)
        if needs_encoder(X):
            from lamina.data.tables import TableEncoder

            self.encoder = TableEncoder(categories="codes").fit(X)

    def encode(self, X: Any) -> Any:
        """Numbers, not yet standardised: an encoded data frame, or X with its columns in the order of training."""
        if self.encoder is not None:
            return self.encoder.transform(X)
        if self.names is None:
            refuse_no_columns(X)
        return self._without_gaps(in_training_order(X, self.names))

    def _without_gaps(self, X: Any) -> Any:
        """New rows of a data frame whose columns had no gaps in training: the training mean in place of each gap."""
        if self.names is None or self.standardizer is None or not is_frame(X):
            return X
        values = np.asarray(X)
        if values.dtype.kind != "f" or not (gaps := np.isnan(values)).any():
            return X
        columns = self.names[gaps.any(axis=0)]
        warnings.warn(
            f"missing values in {', '.join(map(repr, columns[:5]))}{', …' if len(columns) > 5 else ''}, which had none in "
            "training: the mean of the training rows takes their place.",
            DataWarning,
            stacklevel=2,
        )
        import pandas as pd

        return pd.DataFrame(np.where(gaps, self.standardizer.mean, values), columns=self.names)

    def learn_text(self, documents: Any, text: BagOfWords | WordSequences) -> Any:
        """Rows of the documents to learn from, by a dictionary that is learnt of them."""
        self.text = text
        found = text.fit_transform(documents)
        self.sparse = is_sparse_matrix(found)
        return SparseTable(found) if self.sparse else found

    def read_text(self, documents: Any) -> Any:
        """Rows of further documents."""
        assert self.text is not None
        found = self.text.transform(documents)
        return SparseTable(found) if self.sparse else found

    def learn_sparse(self, X: Any) -> SparseTable:
        """Sparse rows to learn from."""
        self.sparse = True
        return as_table(X)

    def like_sparse(self, x: Any) -> Any:
        """Checked rows to predict from, sparse where those of the fit were."""
        if self.sparse:
            return as_table(x)
        if not is_sparse_matrix(x):
            return x
        raise DataError(
            f"X is a sparse matrix, and the model was fitted on rows that were not, and that it {self._did()}: give X.toarray(), "
            "or fit the model on a sparse matrix."
        )

    def _did(self) -> str:
        if self.encoder is not None:
            return "encodes by their names"
        return "takes as they are" if self.standardizer is None else "standardises"

    def refuse_array(self) -> None:
        """Raise where only a data frame can be encoded."""
        if self.encoder is not None and self.names is not None:
            raise DataError(
                "X is an array without column names, but the model was fitted on a data frame whose columns it encodes "
                f"by name: give a data frame with the columns {', '.join(map(repr, self.names[:5]))}"
                f"{', …' if len(self.names) > 5 else ''}."
            )

    def gaps_told(self, X: Any, *, learnt: bool) -> DataError:
        """What to say of rows with missing values: how many there are, and how a model comes to fill them itself."""
        import pandas as pd

        missing = pd.isna(np.asarray(X))
        return DataError(
            f"X contains NaN: {missing.sum()} of {missing.size} values are missing, in "
            f"{missing.reshape(len(missing), -1).any(axis=1).sum()} of {len(missing)} rows. {self._cure(X, learnt)}"
        )

    def _cure(self, X: Any, learnt: bool) -> str:
        impute = "fill them in (sklearn.impute.SimpleImputer does)"
        if np.ndim(X) > 2:
            return "Fill them in, or leave these images out."
        if not learnt:
            return (
                "Give a pandas or polars DataFrame whose columns are named by text, such as "
                f"pd.DataFrame(X).add_prefix('x'): the model fills its gaps itself. Or {impute}."
            )
        if self.names is not None and self.standardizer is not None and not is_frame(X):
            return (
                "The model was fitted on a data frame: give one with the same columns, and the model fills its gaps "
                f"itself. Or {impute}."
            )
        return (
            f"The training rows had none, and the model has learnt nothing to put there: {impute}, or fit "
            "the model on a data frame that has such gaps too."
        )

    def learn_scale(self, x: np.ndarray, weights: np.ndarray | None, *, robust: bool = False) -> None:
        """Place and scale of the columns of the training rows: mean and standard deviation, or median and quartiles."""
        mask = None if self.encoder is None else np.asarray(self.encoder.numeric_mask_)
        kind = RobustStandardizer if robust else Standardizer
        self.standardizer = kind.learn(x, weights, mask)

    def finish(self, x: np.ndarray) -> np.ndarray:
        """Standardise encoded rows."""
        return x if self.standardizer is None else self.standardizer.apply(x)


def column_names(X: Any) -> np.ndarray | None:
    """Names of a data frame's columns if all are text, else None."""
    if not is_frame(X):
        return None
    names = list(X.columns)
    return np.asarray(names, dtype=object) if names and all(isinstance(name, str) for name in names) else None


def refuse_no_columns(X: Any) -> None:
    """Raise where a data frame has no columns."""
    if is_frame(X) and not len(X.columns):
        raise DataError(
            "X is a data frame with 0 columns, but at least 1 is needed to predict from: choose some."
        )


def refuse_repeated_names(X: Any) -> None:
    """Raise where two columns of a data frame have the same name."""
    names = list(X.columns)
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise DataError(
            f"X has {names.count(repeated[0])} columns named {repeated[0]!r}, and columns are matched by name: "
            "give each a name of its own."
        )


def is_frame(X: Any) -> bool:
    """Whether X is a data frame, of pandas or polars."""
    return hasattr(X, "columns") and hasattr(X, "shape")


def needs_encoder(X: Any) -> bool:
    """Whether a data frame has anything but numbers without gaps, in columns named by text.

    >>> import pandas as pd
    >>> needs_encoder(pd.DataFrame({"a": [1.0, 2.0]})), needs_encoder(pd.DataFrame({"a": ["x", "y"]}))
    (False, True)
    """
    if column_names(X) is None:
        return False
    import narwhals.stable.v1 as nw

    frame = nw.from_native(X, eager_only=True)
    return any(not dtype.is_numeric() for dtype in frame.schema.values()) or any(
        _has_gaps(frame[name].to_numpy()) for name in frame.columns
    )


def _has_gaps(values: np.ndarray) -> bool:
    return values.dtype.kind not in "iufb" or (values.dtype.kind == "f" and bool(np.isnan(values).any()))


def in_training_order(X: Any, names: np.ndarray | None) -> Any:
    """A data frame's columns matched by name to those of training; further ones are left out."""
    if names is None or not is_frame(X):
        return X
    given = list(X.columns)
    if not all(isinstance(name, str) for name in given):
        return X
    if given == list(names):
        return X
    missing = [name for name in names if name not in given]
    if missing:
        what = "the column" if len(missing) == 1 else f"the {len(missing)} columns"
        listed = ", ".join(map(repr, missing[:5])) + (", …" if len(missing) > 5 else "")
        raise DataError(
            f"the model was fitted with {what} {listed}, which the new rows lack: add "
            f"{'it' if len(missing) == 1 else 'them'} ({nearest_name(missing[0], given)})"
        )
    return X[list(names)]


def in_precision(x: Any, dtype: Any) -> Any:
    """x in the precision of a model; 8-bit images stay what they are until they are inside the program,
    and rows on the disk stay there.

    >>> in_precision(np.zeros((2, 2), np.float64), np.float32).dtype, in_precision(np.zeros(2, np.uint8), np.float32).dtype
    (dtype('float32'), dtype('uint8'))
    """
    if isinstance(x, SparseTable):
        return x.astype(dtype)
    return x if x.dtype == np.uint8 or isinstance(x, StoredRows) else np.asarray(x, dtype)


def in_memory(x: Any) -> Any:
    """Rows on the disk as an array, others as they are."""
    return x if isinstance(x, SparseTable) else np.asarray(x)


def precision_of(x: np.ndarray) -> Any:
    """The precision in which a model of x computes: that of x, single for 8-bit images."""
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float32)


def like_training(x: np.ndarray, eight_bit: bool) -> np.ndarray:
    """Further images for a model of 8-bit ones (or of others), which may come as numbers in [0, 1] (or as 8-bit ones).

    Raises
    ------
    DataError
        If the model was fitted on 8-bit images and these are numbers far outside [0, 1].
    """
    if not eight_bit:
        return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 and x.ndim > 2 else x
    if x.dtype != np.uint8 and x.size and (x.max() > 1.5 or x.min() < -0.5):
        raise DataError(
            f"the model was fitted on 8-bit images (uint8), whose grey values become 0 to 1, and these of type {x.dtype} go from "
            f"{x.min():g} to {x.max():g}: give them as uint8, or divided by 255."
        )
    return x
