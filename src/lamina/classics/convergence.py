"""The perceptron convergence theorem, as a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lamina.classics.checks import checked_array
from lamina.errors import DataError


def mistake_bound(X: ArrayLike, y: ArrayLike, weights: ArrayLike, threshold: float) -> float:
    r"""Most mistakes that a perceptron can make on rows that these weights separate, in whatever order it meets them.

    .. math:: M \le (R/\gamma)^2, \qquad R = \max_i \lVert\tilde x_i\rVert, \qquad
        \gamma = \min_i s_i\, u \cdot \tilde x_i

    where x̃ is the row with the bias input -1, u = (w, θ) / ‖(w, θ)‖, and s is 1 for the second class and -1 for the first. Each
    mistake adds at least ηγ to w·u and at most η²R² to ‖w‖²; after M of them Mηγ ≤ w·u ≤ ‖w‖ ≤ √M ηR. An epoch in
    batch adds up to n corrections at once, and the bound is n (R/γ)².

    Every separating vector gives a bound; that of the largest margin gives the smallest.

    Parameters
    ----------
    X, y
        Rows, (n, p), and two classes, (n,).
    weights, threshold
        w, (p,), with w·x > θ for the rows of the second class (in sorted order) and w·x < θ for the others.

    Raises
    ------
    DataError
        If these weights do not separate the classes, the shapes do not agree, something is no finite number, or there are not two
        classes.

    Source: Novikoff, "On convergence proofs on perceptrons", 1962; Hertz, Krogh and Palmer, *Introduction to the Theory of Neural
    Computation*, section 5.3.

    Examples
    --------
    AND, separated by x₁ + x₂ > 3/2: R² = 3, and the margin is 1/2 over the length √(1 + 1 + 9/4).

    >>> mistake_bound([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], [1, 1], 1.5)
    51.0
    """
    x, labels, w = checked_array("X", X), np.asarray(y), checked_array("weights", weights)
    threshold = float(checked_array("threshold", threshold))
    classes = np.unique(labels)
    if x.ndim != 2 or labels.shape != x.shape[:1] or w.shape != x.shape[1:] or len(classes) != 2:
        raise DataError(
            f"X has shape {x.shape}, y {labels.shape} with {len(classes)} classes, and weights {w.shape}: (n, p), (n,) with two "
            "classes, and (p,) are needed."
        )
    extended = np.column_stack([x, -np.ones(len(x))])
    u = np.append(w, threshold) / np.linalg.norm(np.append(w, threshold))
    signs = np.where(labels == classes[1], 1.0, -1.0)
    margin = np.min(signs * (extended @ u))
    if not margin > 0:
        raise DataError(
            "these weights do not separate the classes: some row has no distance from the line, or lies on the wrong side of it."
        )
    return float(np.max(np.sum(extended**2, axis=1)) / margin**2)
