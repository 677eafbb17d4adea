"""The smallest back-propagation: two weights, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.report import Findings, Row
from lamina.explain import Tape, check_gradients
from lamina.explain.tape.worked import Worked

TITLE = "back-propagation with two weights"
SOURCE = (
    "Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986; James, Witten, Hastie, "
    "Tibshirani and Taylor, An Introduction to Statistical Learning, equations 10.23 to 10.31."
)
X, Y, START, RATE, STEPS = 2.0, 1.0, (0.5, -0.8), 0.2, 60
REMARKS = (
    f"f = w_2 g(w_1 x), L = (y - f)²/2, one row x = {X:g}, y = {Y:g}, at w = {START}. The published value is the chain rule on "
    "paper: ∂L/∂w_2 = -(y - f) g(z), ∂L/∂w_1 = -(y - f) w_2 g'(z) x with z = w_1 x. Ours is the tape's; every derivative was "
    "also checked by central differences.",
    f"Steps: gradient descent at the rate {RATE}. The linear network has a valley w_1 w_2 x = y of zero loss and a saddle at "
    "zero, where both derivatives vanish: there a network of zeros stays for ever.",
)

Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
ACTIVATIONS: dict[str, Pair] = {
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
"""g and g' on paper, by name."""


def run(quick: bool, progress: bool) -> Findings:
    """Derivatives at the start, and the steps from it."""
    steps = 10 if quick else STEPS
    tapes = {name: path_of(name, START, steps) for name in ACTIVATIONS}
    zeros = path_of("linear", (0.0, 0.0), 2)[-1]
    return Findings(tuple(_rows(tapes, zeros)), REMARKS, picture=lambda path: _picture(path, tapes))


def path_of(activation: str, start: tuple[float, float], steps: int) -> list[Tape]:
    """The tapes of gradient descent from w."""
    worked = Worked.of([1, 1, 1], activation=activation, numbers=list(start), use_bias=False, rate=RATE)
    return worked.steps([[X]], [Y], steps)


def on_paper(activation: str, w: tuple[float, float]) -> tuple[float, float]:
    """∂L/∂w_1 and ∂L/∂w_2 by the chain rule.

    >>> on_paper("linear", (1.0, 1.0))
    (2.0, 2.0)
    """
    g, slope = ACTIVATIONS[activation]
    z = w[0] * X
    residual = Y - w[1] * g(z)
    return float(-residual * w[1] * slope(z) * X), float(-residual * g(z))


def weights_of(tape: Tape) -> tuple[float, float]:
    """w_1 and w_2 before the step."""
    first, second = (float(tape[f"dense_{place}"].parameters["weights"][0, 0]) for place in (1, 2))
    return first, second


def _rows(tapes: dict[str, list[Tape]], zeros: Tape) -> Iterator[Row]:
    for name, path in tapes.items():
        section, wanted = f"Derivatives, g {name}", on_paper(name, START)
        for place in (1, 2):
            found = float(path[0].gradients[f"dense_{place}/weights"][0, 0])
            yield Row(section, f"∂L/∂w_{place}", (found,), round(wanted[place - 1], 6), form=".6f")
        check = check_gradients(
            path[0].network,
            [[X]],
            [Y],
            loss="half_squared_error",
            parameters={m.path: m.parameters for m in path[0]},
        )
        yield Row(
            section,
            "largest relative error of central differences",
            (float(check.relative_errors.max()),),
            form=".0e",
        )
    for name, path in tapes.items():
        yield Row(f"Loss after {len(path) - 1} steps", f"g {name}", (path[-1].risk,), 0.0, form=".1e")
    stuck = float(np.abs(list(zeros.gradients.values())).max())
    yield Row("From w = (0, 0)", "largest derivative after a step, g linear", (stuck,), 0.0, form=".6f")


def surface(activation: str, w_1: NDArray[Any], w_2: NDArray[Any]) -> NDArray[Any]:
    """L at each pair of weights."""
    g, _ = ACTIVATIONS[activation]
    found: NDArray[Any] = 0.5 * (Y - w_2 * g(w_1 * X)) ** 2
    return found


def _picture(path: str | Path, tapes: dict[str, list[Tape]]) -> None:
    """The loss by both weights, and the way down."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(12, 4), layout="constrained")
    grid = np.linspace(-2.5, 2.5, 201)
    w_1, w_2 = np.meshgrid(grid, grid)
    for axes, (name, way) in zip(figure.subplots(1, 3), tapes.items(), strict=True):
        values = surface(name, w_1, w_2)
        levels = np.geomspace(1e-3, values.max(), 14)
        axes.contour(w_1, w_2, values, levels=levels, cmap="cividis", norm="log", linewidths=0.8)
        places = np.array([weights_of(tape) for tape in way])
        axes.plot(*places.T, color="#D55E00", marker="o", markersize=3, linewidth=1)
        axes.plot(*places[0], marker="s", color="black", markersize=6)
        axes.set(
            xlabel="$w_1$",
            ylabel="$w_2$",
            title=f"g {name}: loss {way[-1].risk:.0e} after {len(way) - 1} steps",
        )
    figure.savefig(path, dpi=130)
