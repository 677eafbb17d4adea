"""What a path needs before it runs: a function that gives one number and can be differentiated, and a start that fits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.training.precision import precision

Function = Callable[[Any], Any]
_NOT_TRACEABLE = (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError)


def checked_start(function: Function, start: Any) -> np.ndarray:
    """The start as float64, shape () or (d,); None takes that of a :class:`~lamina.explain.descent.surfaces.Surface`.

    Raises
    ------
    ArgumentTypeError
        If it is missing or no numbers.
    DataError
        If it has more than one dimension, no number or one that is not finite.
    """
    if start is None:
        start = getattr(function, "start", None)
    if start is None:
        raise ArgumentTypeError(
            "start is missing: give a number, or one for each variable, such as [1.0, -2.0]."
        )
    try:
        found = np.asarray(start, np.float64)
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            f"start={start!r} is no numbers: give one, or one for each variable, such as [1.0, -2.0]."
        ) from None
    if found.ndim > 1 or not found.size or not np.isfinite(found).all():
        raise DataError(
            f"start={start!r} has shape {found.shape}: give one finite number, or one for each variable, shape (d,)."
        )
    _check_variables(function, found)
    return found


def _check_variables(function: Function, start: np.ndarray) -> None:
    """Raise where the start has not the shape of a surface's variables."""
    window = getattr(function, "window", None)
    if window is None or start.shape == (() if len(window) == 1 else (len(window),)):
        return
    needed = "is of one variable: give a number" if len(window) == 1 else f"has {len(window)}: give as many"
    raise DataError(
        f"the start has shape {start.shape}, and {getattr(function, 'name', 'the function')} {needed}."
    )


def check_function(function: Function, start: np.ndarray) -> None:
    """Raise unless the function gives one real number for theta like ``start``, by steps that JAX can follow.

    Raises
    ------
    ArgumentTypeError
        If JAX cannot follow it, as where it calls NumPy or asks ``if theta > 0``.
    SpecificationError
        If it gives an array, whole numbers or nothing, or fails on theta of this shape.
    """
    with precision(np.float64):
        made = _outline(function, start)
    if getattr(made, "shape", None) != () or not jnp.issubdtype(made.dtype, jnp.floating):
        raise SpecificationError(_wrong_output(made, start))


def check_first(start: np.ndarray, value: Any, gradient: Any) -> None:
    """Raise DataError unless value and gradient are finite at the start."""
    if not np.isfinite(value) or not np.isfinite(gradient).all():
        raise DataError(
            f"at the start, theta = {start.tolist()}, the function is {float(value):g} and its gradient "
            f"{np.asarray(gradient).tolist()}: start where both are finite."
        )


def _outline(function: Function, start: np.ndarray) -> Any:
    try:
        return jax.eval_shape(function, jnp.asarray(start))
    except _NOT_TRACEABLE as error:
        raise ArgumentTypeError(
            f"the function cannot be differentiated, as JAX cannot follow it ({type(error).__name__}): write it with jax.numpy "
            "in place of numpy and math, and jnp.where in place of if."
        ) from error
    except (TypeError, ValueError, IndexError) as error:
        raise SpecificationError(
            f"the function fails for theta of shape {start.shape}, that of the start {start.tolist()}: {error}"
        ) from error


def _wrong_output(made: Any, start: np.ndarray) -> str:
    shape = getattr(made, "shape", None)
    if shape is None:
        return f"the function gives {type(made).__name__} and not a number: let it return the value to make small."
    if shape != ():
        remedy = f"start at the number {start[0]:g}" if start.shape == (1,) else "sum or average it"
        return (
            f"the function gives an array of shape {shape} for theta of shape {start.shape}, and one number is needed: "
            f"{remedy}."
        )
    return f"the function gives numbers of type {made.dtype}, which have no gradient: let it return a floating-point number."
