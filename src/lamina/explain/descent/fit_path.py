"""The parameters of a fit after each of its steps: full batches, mini-batches, and one row at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree

from lamina.errors import SpecificationError
from lamina.explain.descent.drawing import AT_A_TIME
from lamina.explain.descent.path import DescentPath, finite_path
from lamina.explain.descent.surface_picture import plot_descent_surface
from lamina.explain.descent.walking import Walk
from lamina.layers.base import Context
from lamina.training.precision import precision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

MOST_STEPS = 20_000
MOST_NUMBERS = 5_000_000


@dataclass(frozen=True, eq=False)
class FullObjective:
    """The objective of a fit over all its rows, penalties included, as a function of one vector of parameters."""

    walk: Walk

    def __call__(self, theta: Any) -> Any:
        walk, rows = self.walk, self.walk.rows
        parameters = ravel_pytree(_wide(walk.parameters))[1](theta)
        context = Context(hyperparameters=walk.numbers.hyperparameters)
        losses, _ = walk.program.objective.rows(parameters, walk.state, _wide(rows.x), _wide(rows.y), context)
        penalty = walk.program.objective.penalty(parameters, walk.numbers.hyperparameters)
        return (
            jnp.sum(jnp.where(rows.weights > 0, rows.weights * losses, 0)) / jnp.sum(rows.weights) + penalty
        )


def fit_path(model: Any, X: Any, y: Any, name: str | None = None) -> DescentPath:
    """The parameters of a fit after each step, with the objective over all rows and its gradient there.

    The fit is that of ``model.fit(X, y)`` by the compiled engine, stopped after every step; the model itself stays as it is. A
    network without hidden layers on one column has two parameters, intercept and slope, whose path
    :func:`lamina.explain.plot_descent_surface` draws.

    Parameters
    ----------
    model
        A NeuralRegressor or NeuralClassifier with a first-order optimizer, fitted or not.
    X, y
        As in ``fit``. No rows are held back.
    name
        Of the path; None takes the optimizer and the batch size.

    Returns
    -------
    Theta (steps + 1, parameters), in the scale in which the network has them: of standardised columns where ``scale=True``.

    Raises
    ------
    ArgumentTypeError, SpecificationError
        If the model is none of Lamina's, its optimizer is L-BFGS, or the path would be too long to keep.

    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 32)[:, None]
    >>> path = fit_path(NeuralRegressor([], optimizer="sgd", batch_size=8, epochs=3, random_state=0), X, X[:, 0])
    >>> path.names, path.theta.shape
    (('dense_1/bias', 'dense_1/weights'), (13, 2))
    """
    walk = Walk.of(model, X, y)
    names = _names(walk.parameters)
    steps = walk.settings.epochs * walk.steps_an_epoch
    if steps > MOST_STEPS or steps * len(names) > MOST_NUMBERS:
        raise SpecificationError(
            f"the path would have {steps:,} steps of {len(names):,} parameters, and {MOST_STEPS:,} steps and {MOST_NUMBERS:,} "
            "numbers are kept at most: take fewer epochs or larger batches."
        )
    batch = walk.program.batch
    label = name or f"{walk.settings.optimizer!r}, {'all rows' if batch is None else f'batches of {batch}'}"
    with precision(np.float64):
        theta = np.array([ravel_pytree(_wide(parameters))[0] for parameters, _, _ in walk.run(1)])
        function = FullObjective(walk)
        values, gradients = jax.device_get(_graded(function, theta))
    return finite_path(label, function, (theta, values, gradients), names)


def plot_batch_sizes(
    model: Any,
    X: Any,
    y: Any,
    batch_sizes: Iterable[int | None] = (None, 16, 1),
    ax: Axes | None = None,
    *,
    window: Any = None,
) -> Axes:
    """Paths of one fit by all rows, mini-batches and single rows (true SGD), over contours of its objective.

    Parameters
    ----------
    model, X, y
        As :func:`lamina.explain.fit_path` takes them, of two parameters: no hidden layer, one column.
    batch_sizes
        Rows a step; None takes all of them.
    ax, window
        As in :func:`lamina.explain.plot_descent_surface`.

    Errors as in both.

    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 32)[:, None]
    >>> ax = plot_batch_sizes(NeuralRegressor([], optimizer="sgd", epochs=3, random_state=0), X, X[:, 0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['all rows, 3 steps', 'batches of 16, 6 steps', 'one row at a time, 96 steps']
    """
    paths = {}
    for size in batch_sizes:
        own = _with_batches(model, size, X)
        path = fit_path(own, X, y)
        rows = "all rows" if size is None else "one row at a time" if size == 1 else f"batches of {size}"
        paths[f"{rows}, {path.steps} steps"] = path
    return plot_descent_surface(paths, ax, window=window)


def _with_batches(model: Any, size: int | None, X: Any) -> Any:
    from sklearn.base import clone

    return clone(model).set_params(batch_size=len(X) if size is None else size)


def _names(parameters: Any) -> tuple[str, ...]:
    """A name for each number, in the order of the flat vector."""
    names = []
    for path, leaf in jax.tree_util.tree_flatten_with_path(parameters)[0]:
        own = "/".join(str(key.key) for key in path)
        places = np.ndindex(np.shape(leaf))
        names += [own if np.size(leaf) == 1 else f"{own}[{','.join(map(str, place))}]" for place in places]
    return tuple(names)


def _wide(tree: Any) -> Any:
    def one(leaf: Any) -> Any:
        return leaf.astype(np.float64) if np.dtype(leaf.dtype).kind == "f" else leaf

    return jax.tree.map(one, tree)


def _graded(function: FullObjective, theta: np.ndarray) -> Any:
    def run(points: Any) -> Any:
        return lax.map(jax.value_and_grad(function), points, batch_size=AT_A_TIME)

    return jax.jit(run)(theta)
