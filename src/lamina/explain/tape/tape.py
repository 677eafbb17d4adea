"""The tape of a forward and a backward pass, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError, nearest_name
from lamina.layers.base import Layer
from lamina.layers.containers import Sequential

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

Numbers = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Module:
    """A layer's part of the tape.

    Attributes
    ----------
    path, layer
        Where it stands, such as ``"residual_1/dense_2"``, and what it is.
    values
        What stood at its points, rows first: ``x`` its input, ``z`` before and ``a`` after the activation, ``slope`` g'(z) where
        g takes numbers one by one; and what it has besides: ``standard`` of a normalisation, ``gates`` and ``memory`` of an
        LSTM with ``z`` and ``steps`` at every step, ``queries``, ``keys``, ``values``, ``scores``, ``weights`` and ``heads`` of
        attention.
    errors
        Derivative of the risk by each of them: at ``a`` what arrives from above, at ``x`` what the layer hands down.
    parameters, gradients, updates
        Its own parameters, the derivative of risk and penalty by each, and the change by one step of the optimizer. Without an
        optimizer that steps along a gradient (L-BFGS) there are no updates.
    """

    path: str
    layer: Layer
    values: Numbers
    errors: Numbers
    parameters: Numbers
    gradients: Numbers
    updates: Numbers

    @property
    def x(self) -> np.ndarray:
        """The input."""
        return self.values["x"]

    @property
    def z(self) -> np.ndarray:
        """Before the activation."""
        return self._at("z")

    @property
    def a(self) -> np.ndarray:
        """The output."""
        return self.values["a"]

    @property
    def slope(self) -> np.ndarray:
        """The local derivative g'(z)."""
        return self._at("slope")

    @property
    def error(self) -> np.ndarray:
        """What arrives from above: the derivative of the risk by the output."""
        return self.errors["a"]

    def _at(self, name: str) -> np.ndarray:
        if name not in self.values:
            raise SpecificationError(
                f"{self.path} ({self.layer!r}) has no {name!r}: it has {', '.join(self.values)}."
            )
        return self.values[name]


@dataclass(frozen=True, eq=False)
class Outcome:
    """The end of the forward pass, where the backward pass begins.

    Attributes
    ----------
    y, z, prediction
        The outcome as the loss takes it; the linear predictor; the prediction f, the output activation of z.
    losses
        Of each row.
    error
        Derivative of the risk by z.
    weights
        Of each row in the risk, with mean one.
    """

    y: np.ndarray
    z: np.ndarray
    prediction: np.ndarray
    losses: np.ndarray
    error: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Tape:
    """Every value and every derivative of one forward and one backward pass; :func:`lamina.explain.backpropagate` makes it.

    Printed, a small network shows its equations with the numbers in them and a large one a table of norms.

    Attributes
    ----------
    modules
        The layers from first to last, a container before what is in it.
    outcome
        Where loss and outcome meet.
    risk, penalty
        Weighted mean loss over the rows, and the sum of the penalties.
    network, loss, optimizer, rate
        What was differentiated, and how an update is made.
    training
        Whether it was a pass of training, with dropout and the batch's own statistics.
    inputs, outputs
        Names of columns and classes, where there are any.
    standardised
        Whether the rows are not in the user's units, but standardised as in the fit.
    """

    modules: tuple[Module, ...]
    outcome: Outcome
    risk: float
    penalty: float
    network: Sequential
    loss: Any
    optimizer: Any
    rate: float | None
    training: bool
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    standardised: bool = False
    penalty_gradients: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, path: str) -> Module:
        known = {module.path: module for module in self.modules}
        if path not in known:
            raise SpecificationError(f"the tape has no module {path!r}: {nearest_name(path, known)}.")
        return known[path]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)

    @property
    def n_rows(self) -> int:
        """Rows that went through."""
        return len(self.outcome.losses)

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """Derivative of the objective by every parameter, by path."""
        return self._all("gradients")

    @property
    def updates(self) -> dict[str, np.ndarray]:
        """The change of every parameter by one step of the optimizer, by path."""
        return self._all("updates")

    def norms(self) -> pandas.DataFrame:
        """A row for each module: sizes of what it carries, both ways; root mean squares, so that widths compare.

        Columns: ``output`` its shape, ``z`` and ``a`` the values, ``slope`` the mean of \\|g'(z)\\|, ``error`` what arrives from
        above, ``handed_down`` what leaves below, ``gradient`` and ``update`` of its parameters, and ``step``, the update's norm
        over that of the parameters.
        """
        from lamina.explain.tape.norms import norms

        return norms(self)

    def equations(self) -> str:
        """The pass as equations with the numbers in them.

        Raises
        ------
        SpecificationError
            For networks that are no chain of dense layers, or are too large to read.
        """
        from lamina.explain.tape.equations import equations

        return equations(self)

    def __str__(self) -> str:
        from lamina.explain.tape.rendering import as_text

        return as_text(self)

    def to_html(self, path: str | Path | None = None) -> str:
        """The tape as a page of its own, written to ``path`` if there is one: every module with its numbers."""
        from lamina.explain.tape.html import as_html, written

        page = as_html(self)
        return page if path is None else written(page, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the error that arrives at each module, from last to first: whether gradients vanish or explode."""
        from lamina.explain.tape.drawing import plot_gradient_norms

        return plot_gradient_norms(self, ax=ax)

    def _all(self, kind: str) -> dict[str, np.ndarray]:
        return {
            f"{module.path}/{name}": value
            for module in self.modules
            for name, value in getattr(module, kind).items()
        }
