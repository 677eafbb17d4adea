"""Sizes along the network: what grows, what vanishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.tape.tape import Module, Tape

if TYPE_CHECKING:
    import pandas


def norms(tape: Tape) -> pandas.DataFrame:
    """As :meth:`lamina.explain.Tape.norms`."""
    import pandas

    rows = [_row(module) for module in tape]
    return pandas.DataFrame(rows, index=pandas.Index([module.path for module in tape], name="module"))


def _row(module: Module) -> dict[str, Any]:
    return {
        "output": module.a.shape[1:],
        "z": rms(module.values.get("z")),
        "a": rms(module.a),
        "slope": mean_size(module.values.get("slope")),
        "error": rms(module.errors.get("a")),
        "handed_down": rms(module.errors.get("x")),
        "gradient": norm(module.gradients),
        "update": norm(module.updates),
        "step": _share(norm(module.updates), norm(module.parameters)),
    }


def rms(values: np.ndarray | None) -> float:
    """Root mean square, NaN of nothing.

    >>> rms(np.array([3.0, -3.0])), rms(None)
    (3.0, nan)
    """
    if values is None or not values.size:
        return float("nan")
    wide = np.asarray(values, float)
    largest = float(np.abs(wide).max())
    # Divided by the largest first: squares of vanishing gradients would be zero.
    return largest * float(np.sqrt(np.mean(np.square(wide / largest)))) if largest > 0 else 0.0


def mean_size(values: np.ndarray | None) -> float:
    """Mean of absolute values, NaN of nothing."""
    return float("nan") if values is None or not values.size else float(np.mean(np.abs(values)))


def norm(parts: dict[str, np.ndarray]) -> float:
    """Euclidean norm of several arrays together, NaN of none."""
    if not parts:
        return float("nan")
    return rms(np.concatenate([np.ravel(part) for part in parts.values()])) * float(
        np.sqrt(sum(part.size for part in parts.values()))
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
