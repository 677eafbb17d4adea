"""Gradients against finite differences: whether back-propagation is right, by nothing but the loss itself."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.errors import SpecificationError
from lamina.explain.tape.program import asked_of, risk_of, run
from lamina.explain.tape.question import Question, question_of
from lamina.layers.base import check_nonnegative, check_positive_integer
from lamina.training.cache import keep_few_programs
from lamina.training.objective import Objective
from lamina.training.precision import precision

if TYPE_CHECKING:
    import pandas

TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """Derivatives by back-propagation beside central differences.

    Attributes
    ----------
    paths
        Parameters that were looked at, such as ``"dense_1/weights"``, one entry a number of it.
    places
        Which number of the parameter, counted in its flattened order.
    derivatives, differences
        By back-propagation and by (R(θ + h) - R(θ - h)) / 2h.
    tolerance
        Largest relative error that passes.
    """

    paths: tuple[str, ...]
    places: tuple[int, ...]
    derivatives: np.ndarray
    differences: np.ndarray
    tolerance: float

    @property
    def relative_errors(self) -> np.ndarray:
        r"""\|d - e\| / max(\|d\|, \|e\|, m) with m a thousandth of the largest derivative, below which rounding decides."""
        size = np.maximum(np.abs(self.derivatives), np.abs(self.differences))
        least = max(1e-3 * float(size.max(initial=0.0)), 1e-10)
        return np.asarray(np.abs(self.derivatives - self.differences) / np.maximum(size, least))

    @property
    def passed(self) -> bool:
        """Whether every relative error is within the tolerance."""
        return bool((self.relative_errors <= self.tolerance).all())

    def frame(self) -> pandas.DataFrame:
        """A row for each derivative that was checked."""
        import pandas

        return pandas.DataFrame(
            {
                "parameter": self.paths,
                "place": self.places,
                "derivative": self.derivatives,
                "difference": self.differences,
                "relative_error": self.relative_errors,
            }
        )

    def __str__(self) -> str:
        worst = self.frame().groupby("parameter", sort=False)["relative_error"].agg(["size", "max"])
        width = max(map(len, worst.index))
        lines = [
            f"{name.ljust(width)}  {count:>3} of its derivatives, largest relative error {largest:.1e}"
            for name, count, largest in worst.itertuples()
        ]
        verdict = "agree" if self.passed else "DO NOT agree"
        lines.append(f"back-propagation and finite differences {verdict} within {self.tolerance:.0e}")
        return "\n".join(lines)


def check_gradients(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    loss: Any = None,
    parameters: Any = None,
    step: float = 1e-5,
    most: int = 20,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GradientCheck:
    r"""Compare gradients of back-propagation with central differences, in double precision.

    .. math:: \frac{\partial R}{\partial \theta_j} \approx \frac{R(\theta + h e_j) - R(\theta - h e_j)}{2h}

    with an error of order h². Where a kink (of a ReLU or a maximum) lies between θ - h and θ + h the difference is no derivative;
    a smaller ``step`` tells.

    Parameters
    ----------
    model, X, y, sample_weight, loss, parameters
        As in :func:`lamina.explain.backpropagate`.
    step
        h.
    most
        Numbers of each parameter that are checked, drawn with ``seed``.
    tolerance
        Largest relative error that passes.

    Raises
    ------
    SpecificationError
        For a step of zero, or a network without parameters. Errors otherwise as in :func:`lamina.explain.backpropagate`.

    >>> from lamina.layers import Dense
    >>> check = check_gradients([Dense(3, "tanh"), Dense(1)], np.eye(4), [0.0, 1.0, 2.0, 3.0])
    >>> check.passed, len(check.derivatives)
    (True, 19)
    """
    check_nonnegative("check_gradients", "step", step)
    check_nonnegative("check_gradients", "tolerance", tolerance)
    check_positive_integer("check_gradients", "most", most, 20)
    if step == 0:
        raise SpecificationError(
            "check_gradients(step=0): a difference needs a step above zero, such as 1e-5."
        )
    question = _widely(
        question_of(
            model,
            X,
            y,
            sample_weight=sample_weight,
            loss=loss,
            parameters=parameters,
            optimizer=None,
            seed=seed,
        )
    )
    if not question.parameters:
        raise SpecificationError("the network has no parameters, so that there are no gradients to check.")
    found = run(question, training=False, seed=seed)
    paths, places, index = _chosen(question.parameters, most, seed)
    flat = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(found.total_gradients)])
    return GradientCheck(paths, places, flat[index], _differences(question, index, step), tolerance)


def _widely(question: Question) -> Question:
    """The same question in double precision."""

    def wide(leaf: Any) -> Any:
        array = np.asarray(leaf)
        return array.astype(np.float64) if array.dtype.kind == "f" else array

    rows = jax.tree.map(wide, question.rows)
    parameters, state = jax.tree.map(wide, (question.parameters, question.state))
    return dataclasses.replace(question, rows=rows, parameters=parameters, state=state)


def _chosen(parameters: Any, most: int, seed: int) -> tuple[tuple[str, ...], tuple[int, ...], np.ndarray]:
    """Which numbers of each parameter: their paths, their places, and their places in all parameters together."""
    rng = np.random.default_rng(seed)
    paths, places, index, before = [], [], [], 0
    for path, leaf in jax.tree_util.tree_flatten_with_path(parameters)[0]:
        size = np.size(leaf)
        own = np.sort(rng.choice(size, min(size, most), replace=False))
        paths += ["/".join(str(key.key) for key in path)] * len(own)
        places += own.tolist()
        index += (before + own).tolist()
        before += size
    return tuple(paths), tuple(places), np.array(index)


def _differences(question: Question, index: np.ndarray, step: float) -> np.ndarray:
    rows = question.rows
    objective, numbers = asked_of(question, 0)
    keep_few_programs(_central)
    with precision(np.float64):
        arguments = question.parameters, question.state, (rows.x, rows.y, rows.weights)
        return np.asarray(_central(objective, *arguments, numbers.hyperparameters, index, np.float64(step)))


@functools.partial(jax.jit, static_argnums=0)
def _central(
    objective: Objective, parameters: Any, state: Any, rows: Any, hyperparameters: Any, index: Any, step: Any
) -> Any:
    flat, unravel = jax.flatten_util.ravel_pytree(parameters)

    def one(place: Any) -> Any:
        up, down = (
            risk_of(objective, unravel(flat.at[place].add(h)), state, rows, hyperparameters)
            for h in (step, -step)
        )
        return (up - down) / (2 * step)

    return lax.map(one, jnp.asarray(index))
