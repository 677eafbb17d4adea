"""Any of Lamina's optimizers on any function, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.explain.descent.checks import Function, check_first, check_function, checked_start
from lamina.explain.descent.first_order import first_order_path, first_order_paths
from lamina.explain.descent.newton import Newton, newton_path
from lamina.explain.descent.path import DescentPath, finite_path
from lamina.explain.descent.quasi_newton import lbfgs_path
from lamina.explain.descent.surfaces import resolve_function
from lamina.layers.base import check_positive_integer
from lamina.training.optimizers import LBFGS, OPTIMIZERS, Optax, Optimizer, resolve_optimizer
from lamina.training.schedules import Schedule

RATES = tuple(float(f"{rate:.0e}") for rate in np.geomspace(1e-4, 10, 11))
"""Learning rates that are tried where none is given: two a decade."""
EACH = ("gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "newton")
"""What is compared where nothing is named: SGD is left out, which without mini-batches is gradient descent."""
Chosen = Optimizer | LBFGS | Newton


def descend(
    function: Any, start: Any = None, optimizer: Any = "gradient_descent", steps: int = 50
) -> DescentPath:
    r"""The path of an optimizer on a function of one or more variables, in double precision.

    .. math:: \theta_{t+1} = \theta_t - \text{rate}(t)\, d_t

    with the direction d of the optimizer itself, as in the fit of a network; gradient descent has
    :math:`d_t = \nabla R(\theta_t)`.

    Parameters
    ----------
    function
        Of theta, written with ``jax.numpy``; or a name of ``lamina.explain.SURFACES``, such as "rosenbrock".
    start
        A number for a function of one variable, whose theta then has the shape (); else one for each, shape (d,). None takes the
        start of a surface.
    optimizer
        A name or value of :mod:`lamina.training`, such as ``Adam(0.1)`` or ``Momentum(Cosine(0.1))``; "newton" or
        ``lamina.explain.Newton(...)``. A step counts as an epoch of a schedule; AdamW's decay covers theta as it does weights.
    steps
        How many; iterations of L-BFGS, which ends where it has converged.

    Returns
    -------
    Theta, value and gradient at the start and after each step, as far as they are finite.

    Raises
    ------
    ArgumentTypeError
        If JAX cannot differentiate the function, or something is of another type.
    SpecificationError
        If the function does not give one number, or a name is unknown.
    DataError
        If the start does not fit the function, or its value or gradient there is not finite.

    Source: ISLP section 10.7, equation 10.25.

    >>> from lamina.training import GradientDescent
    >>> path = descend(lambda t: t**2 - t + 0.25, 2.0, GradientDescent(0.25), steps=3)
    >>> path.theta.tolist()
    [2.0, 1.25, 0.875, 0.6875]
    """
    function = resolve_function(function)
    begin = checked_start(function, start)
    chosen = resolve(optimizer)
    check_positive_integer("descend", "steps", steps, 50)
    check_function(function, begin)
    if isinstance(chosen, Newton):
        found = newton_path(function, begin, chosen, int(steps))
    elif isinstance(chosen, LBFGS):
        found = lbfgs_path(function, begin, chosen, int(steps))
    else:
        found = first_order_path(function, begin, chosen, int(steps))
    check_first(begin, found[1][0], found[2][0])
    return finite_path(repr(chosen), function, found)


def descend_each(
    function: Any,
    start: Any = None,
    optimizers: Mapping[str, Any] | Iterable[Any] | None = None,
    steps: int = 100,
    rates: Sequence[float] | None = None,
) -> dict[str, DescentPath]:
    """Paths of several optimizers from the same start, by label.

    Parameters
    ----------
    function, start, steps
        As in :func:`descend`.
    optimizers
        Names, values or both; or a dictionary from labels to them. None takes all that differ where there are no mini-batches,
        and Newton-Raphson. One given by its name runs at the rate, of ``rates``, that leads to the smallest value in the end, of
        those that never lead above the first value; the rate stands in its label. One given as a value runs as it is.
    rates
        None tries 0.0001 to 10, two a decade.

    Errors as in :func:`descend`.

    >>> list(descend_each("bowl", optimizers=["gradient_descent", "newton"], steps=20))
    ['gradient descent, 0.03', 'newton']
    """
    function = resolve_function(function)
    begin = checked_start(function, start)
    check_positive_integer("descend_each", "steps", steps, 100)
    check_function(function, begin)
    given = EACH if optimizers is None else optimizers
    if isinstance(given, (str, Optimizer, LBFGS, Newton)):
        given = [given]
    pairs = given.items() if isinstance(given, Mapping) else [(None, each) for each in given]
    tried = _checked_rates(RATES if rates is None else rates)
    found = {}
    for label, each in pairs:
        name, path = _one(function, begin, each, int(steps), tried)
        found[label or name] = path
    return found


def resolve(optimizer: Any) -> Chosen:
    """The optimizer behind a name, Newton-Raphson included."""
    if isinstance(optimizer, Newton):
        return optimizer
    if isinstance(optimizer, str):
        if optimizer in ("newton", "newton_raphson"):
            return Newton()
        if optimizer not in OPTIMIZERS:
            known = [*OPTIMIZERS, "newton"]
            raise SpecificationError(f"optimizer={optimizer!r} is unknown: {nearest_name(optimizer, known)}.")
    return resolve_optimizer(optimizer)


def _one(
    function: Function, start: np.ndarray, given: Any, steps: int, rates: np.ndarray
) -> tuple[str, DescentPath]:
    """The label and the path of one optimizer."""
    chosen = resolve(given)
    name = given.replace("_", " ") if isinstance(given, str) else repr(chosen)
    if not isinstance(given, str) or not _takes_rate(chosen):
        return name, descend(function, start, chosen, steps)
    assert isinstance(chosen, Optimizer)
    every = first_order_paths(function, start, chosen, steps, rates)
    check_first(start, every[1][0, 0], every[2][0, 0])
    paths = [finite_path(name, function, (each[0], each[1], each[2])) for each in zip(*every, strict=True)]
    best = min(range(len(paths)), key=lambda place: _rank(paths[place]))
    return f"{name}, {rates[best]:g}", paths[best]


def _rank(path: DescentPath) -> tuple[bool, float]:
    """The smaller the better: paths that rise above where they began come last."""
    rises = path.lost > 0 or bool(path.values.max() > path.values[0])
    return rises, np.inf if path.lost else float(path.values[-1])


def _takes_rate(chosen: Chosen) -> bool:
    if isinstance(chosen, (LBFGS, Newton, Optax)):
        return False
    return not isinstance(chosen.learning_rate, Schedule)


def _checked_rates(rates: Sequence[float]) -> np.ndarray:
    try:
        found = np.asarray(list(rates), np.float64)
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"rates={rates!r}: give learning rates such as [0.01, 0.1].") from None
    if not found.size or found.ndim != 1 or not (np.isfinite(found).all() and (found > 0).all()):
        raise SpecificationError(
            f"rates={rates!r}: learning rates are finite numbers above zero, such as [0.01, 0.1]."
        )
    return found
