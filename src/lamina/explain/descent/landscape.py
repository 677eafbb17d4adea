"""The loss around a fitted network, on a line or a plane through its weights."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax import lax

from lamina.errors import DataError, SpecificationError
from lamina.estimators.checks import draw_seed
from lamina.explain.descent.directions import filter_normalised, is_filtered
from lamina.explain.descent.landscape_rows import Fit, fit_of
from lamina.layers.base import check_positive_integer
from lamina.training.cache import keep_few_programs
from lamina.training.optimizers import GradientDescent
from lamina.training.plan import numbers_of, objective_of
from lamina.training.precision import precision
from lamina.training.program import Numbers, Program, Rows, mean_loss
from lamina.training.settings import Settings

if TYPE_CHECKING:
    import pandas

AROUND = 64


@dataclass(frozen=True, eq=False, repr=False)
class Landscape:
    """Mean loss around fitted weights, in steps of random directions whose filters are as long as the network's.

    Attributes
    ----------
    x, y
        Steps along the first and the second direction, (points,) each; y is empty on a line.
    loss
        Mean loss over the rows without penalties, (points,) on a line, else (points of y, points of x).
    centre
        At the fitted weights themselves.
    moved
        How many parameters the directions move, of how many.
    """

    x: np.ndarray
    y: np.ndarray
    loss: np.ndarray
    centre: float
    moved: tuple[int, int]

    def rise(self, distance: float) -> float:
        """How much the loss rises at a distance from the centre, on average over the circle (on a line, both ends).

        Raises
        ------
        SpecificationError
            If the distance is beyond the grid.
        """
        reach = float(self.x[-1])
        if not 0 < distance <= reach * (1 + 1e-9):
            raise SpecificationError(
                f"rise({distance!r}): take a distance above 0, up to {reach:g}, the grid's."
            )
        distance = min(distance, reach)
        if not len(self.y):
            return float(np.mean(np.interp([-distance, distance], self.x, self.loss)) - self.centre)
        from scipy.interpolate import RegularGridInterpolator

        angles = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
        circle = np.clip(distance * np.column_stack([np.sin(angles), np.cos(angles)]), -reach, reach)
        return float(np.mean(RegularGridInterpolator((self.y, self.x), self.loss)(circle)) - self.centre)

    @property
    def nonconvex(self) -> float:
        """Share of the inner points at which the surface curves downward in some direction, by second differences."""
        h = float(self.x[1] - self.x[0])
        z = np.asarray(self.loss, np.float64)
        if not len(self.y):
            return float(np.mean(z[2:] + z[:-2] - 2 * z[1:-1] < -_rounding(z)))
        xx = (z[1:-1, 2:] + z[1:-1, :-2] - 2 * z[1:-1, 1:-1]) / h**2
        yy = (z[2:, 1:-1] + z[:-2, 1:-1] - 2 * z[1:-1, 1:-1]) / h**2
        xy = (z[2:, 2:] + z[:-2, :-2] - z[2:, :-2] - z[:-2, 2:]) / (4 * h**2)
        least = (xx + yy) / 2 - np.sqrt(np.square(xx - yy) / 4 + np.square(xy))
        return float(np.mean(least < -_rounding(z) / h**2))

    def frame(self) -> pandas.DataFrame:
        """One row a point."""
        import pandas

        if not len(self.y):
            return pandas.DataFrame({"x": self.x, "loss": self.loss})
        x, y = np.meshgrid(self.x, self.y)
        return pandas.DataFrame({"x": x.ravel(), "y": y.ravel(), "loss": self.loss.ravel()})

    def __repr__(self) -> str:
        shape = " × ".join(map(str, self.loss.shape))
        return f"<Landscape: {shape} points, loss {self.centre:.4g} at the centre, {self.loss.max():.4g} at most>"


def loss_landscape(
    model: Any,
    X: Any,
    y: Any,
    *,
    dimensions: int = 2,
    points: int = 21,
    reach: float = 1.0,
    random_state: Any = 0,
) -> Landscape:
    r"""The mean loss of a fitted network around its weights, on filter-normalised random directions, in one program.

    .. math:: f(\alpha, \beta) = L(\theta^* + \alpha\,\delta + \beta\,\eta)

    Parameters
    ----------
    model
        Any fitted network of Lamina (tables, images, text, sequence to sequence, drop-in), scikit-learn's, or a pipeline or
        search that ends in one.
    X, y
        Rows on which the loss is taken, as in ``fit`` or ``predict``; a few hundred give the shape.
    dimensions
        1 for a line, 2 for a plane.
    points
        Along each direction; an odd number has the fitted weights among them.
    reach
        How far: at 1 each filter is moved by as much as it is long.
    random_state
        Of the directions.

    Running statistics of normalisations stay as they are, dropout is off, penalties are left out; biases and parameters of
    normalisations are not moved (:func:`lamina.explain.descent.directions.filter_normalised`).

    Raises
    ------
    ArgumentTypeError, NotFittedError, DataError
        If there is no one network inside, it is not fitted, or the rows are not like those of the fit.
    SpecificationError
        For a number of dimensions, points or a reach that mean nothing.

    Source: Li, Xu, Taylor, Studer and Goldstein 2018, "Visualizing the loss landscape of neural nets".

    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], optimizer="lbfgs", epochs=50, random_state=0).fit(X, X[:, 0] ** 2)
    >>> found = loss_landscape(model, X, X[:, 0] ** 2, points=5)
    >>> found.loss.shape, bool(found.loss.min() == found.centre)
    ((5, 5), True)
    """
    _check(dimensions, points, reach)
    fit = fit_of(model, X, y)
    moved = _moved(fit)
    rng = np.random.default_rng(draw_seed(random_state))
    directions = [filter_normalised(fit.parameters, rng) for _ in range(dimensions)]
    places = np.linspace(-reach, reach, points)
    grid = np.stack(np.meshgrid(*[places] * dimensions), axis=-1).reshape(-1, dimensions)
    losses = _losses_at(fit, directions, np.vstack([np.zeros(dimensions), grid]))
    loss = losses[1:].reshape((points,) * dimensions)
    return Landscape(places, places if dimensions > 1 else places[:0], loss, float(losses[0]), moved)


def _check(dimensions: Any, points: Any, reach: Any) -> None:
    if dimensions not in (1, 2):
        raise SpecificationError(f"dimensions={dimensions!r}: take 1, a line, or 2, a plane.")
    check_positive_integer("loss_landscape", "points", points, 21)
    if points < 3:
        raise SpecificationError(f"points={points}: a direction needs 3 at least, for example 21.")
    if isinstance(reach, bool) or not isinstance(reach, (int, float)) or not 0 < reach < float("inf"):
        raise SpecificationError(f"reach={reach!r}: give a finite number above zero, for example 1.0.")


def _moved(fit: Fit) -> tuple[int, int]:
    leaves = jax.tree_util.tree_flatten_with_path(fit.parameters)[0]
    sizes = [(is_filtered(str(path[-1].key), np.asarray(leaf)), np.size(leaf)) for path, leaf in leaves]
    found = sum(size for filtered, size in sizes if filtered), sum(size for _, size in sizes)
    if not found[0]:
        raise DataError(
            "the network has no weights of units or filters, so that there is no direction to go."
        )
    return found


def _losses_at(fit: Fit, directions: list[Any], places: np.ndarray) -> np.ndarray:
    """Mean loss at each place, (n,), of coordinates (n, dimensions)."""
    keep_few_programs(_losses)
    dtype = fit.rows.weights.dtype
    program = Program(objective_of(fit.network, fit.loss, ()), GradientDescent(), None)
    numbers = numbers_of(fit.network, fit.loss, Settings(), 0, dtype)
    with precision(dtype):
        arguments = fit.parameters, fit.state, fit.rows, numbers, directions, places.astype(dtype)
        return np.asarray(_losses(program, *arguments))


@functools.partial(jax.jit, static_argnums=0)
def _losses(
    program: Program,
    parameters: Any,
    state: Any,
    rows: Rows,
    numbers: Numbers,
    directions: list[Any],
    places: Any,
) -> Any:
    def one(place: Any) -> Any:
        def along(leaf: Any, *moves: Any) -> Any:
            return leaf + sum(place[k] * move for k, move in enumerate(moves))

        return mean_loss(program, jax.tree.map(along, parameters, *directions), state, rows, numbers)

    return lax.map(one, places)  # faster than several side by side, for small networks and large


def _rounding(values: np.ndarray) -> float:
    """What a second difference may be by rounding alone."""
    return float(8 * np.finfo(np.float32).eps * np.abs(values).max())
