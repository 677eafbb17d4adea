"""How weights begin: what becomes of activations and gradients from layer to layer, and of the network after training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.deep_digits import CLASSES, Digits, Trained, Trial, train
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.layers import Dense
from lamina.layers.base import Parameters, State
from lamina.layers.containers import Sequential
from lamina.layers.initializers import He, Initializer, LeCun, Normal, Orthogonal, Xavier, Zeros
from lamina.networks import with_output
from lamina.training import Momentum
from lamina.training.plan import initial

TITLE = "how weights begin: variances by layer at the start, errors after training"
SOURCE = (
    "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks; He, Zhang, Ren and Sun "
    "2015, Delving deep into rectifiers; LeCun, Bottou, Orr and Müller 1998; Saxe, McClelland and Ganguli 2014."
)
SCHEMES: dict[str, Initializer] = {
    "zeros": Zeros(),
    "normal 0.01": Normal(0.01),
    "normal 1": Normal(1.0),
    "Xavier": Xavier("normal"),
    "He": He(),
    "LeCun": LeCun(),
    "orthogonal": Orthogonal(),
}
ACTIVATIONS = ("sigmoid", "tanh", "relu")
WIDTH, BATCH = 64, 64
RATES = (0.001, 0.01, 0.1)
MEASURED = 500
"""Images on which variances are taken."""

REMARKS = (
    f"The networks have hidden layers of {WIDTH} units, biases zero at first, and softmax; all are fitted on standardised grey "
    f"values by momentum 0.9 in batches of {BATCH}, at the rate, 0.001, 0.01 or 0.1, with the smallest mean error on rows that "
    "are neither learnt from nor reported. 90 % is a guess. Minutes where the papers train for days: many a network that stands "
    "still here would move in the end.",
    "Theory at the start, for relu and layers of n units: the mean square of the pre-activations is multiplied by n / 2 times "
    "the variance of a weight from each layer to the next: 1 for He; 1/2 for Xavier, LeCun and orthogonal, which are made for "
    "activations that are linear about zero; 32 for standard normal weights; 0.0032 for 0.01 times these. The published numbers "
    "of the second section are these; ours are geometric means over the layers and draws.",
    "What is published: He et al. find that a relu network of 22 layers learns from both He's and Xavier's weights, sooner from "
    "He's, and that one of 30 layers learns from He's alone. Glorot and Bengio find that gradients shrink from layer to layer on "
    "their way back under the small weights then in use, not so under Xavier's, and that the sigmoid is ill suited to deep "
    "networks. Weights that are all zero give all units of a layer the same gradient, here zero too: nothing but the last bias "
    "learns (with the sigmoid, whose value at zero is 1/2, the units learn, but all alike).",
)


@dataclass(frozen=True)
class Plan:
    """What is run."""

    depths: tuple[int, ...]
    rows: int
    held: int
    epochs: int
    seeds: int
    activations: tuple[str, ...] = ACTIVATIONS


FULL = Plan(depths=(5, 20), rows=4_000, held=2_000, epochs=4, seeds=3)
QUICK = Plan(depths=(3,), rows=500, held=200, epochs=1, seeds=1, activations=("relu",))
Place = tuple[str, str, int]
"""Scheme, activation, depth."""


@dataclass(frozen=True, eq=False)
class Start:
    """Mean squares by hidden layer at the start: of pre-activations, of activations about their mean, of the gradient."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    gradient: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """The start by seed, and the fits at the best rate."""

    starts: tuple[Start, ...]
    rate: float
    fits: tuple[Trained, ...]


def run(quick: bool, progress: bool) -> Findings:
    """Measure every scheme with every activation at every depth."""
    plan = QUICK if quick else FULL
    digits = Digits.load(plan.rows, plan.held, standardised=True)
    found: dict[Place, Measured] = {}
    places = list(product(plan.activations, plan.depths))
    for activation, depth in tracked(places, "networks", progress):
        found |= measured(digits, activation, depth, plan)
    depth = plan.depths[-1]
    tables = (
        _error_table(found, plan),
        _ratio_table(found, plan, depth, "activations"),
        _ratio_table(found, plan, depth, "gradients"),
    )
    rows = (*_best_rows(found, plan), *_factor_rows(found, depth))
    return Findings(rows, REMARKS, tables=tables, picture=partial(_picture, found, plan))


def network_of(activation: str, depth: int) -> Sequential:
    """So many hidden layers and softmax."""
    return with_output([Dense(WIDTH, activation)] * depth, CLASSES, "softmax")


def start_of(activation: str, depth: int, scheme: str, seed: int) -> tuple[Parameters, State]:
    """Weights by a scheme, the output layer's too; biases zero."""
    layers = [Dense(units, activation, weight_init=SCHEMES[scheme]) for units in [WIDTH] * depth + [CLASSES]]
    return initial(Sequential(layers), (784,), seed, np.float32)


def measured(digits: Digits, activation: str, depth: int, plan: Plan) -> dict[Place, Measured]:
    """Every scheme on one network: all fits are one population, which differ in where they begin and in the rate."""
    network, seeds = network_of(activation, depth), range(plan.seeds)
    begun = {scheme: [start_of(activation, depth, scheme, seed) for seed in seeds] for scheme in SCHEMES}
    trials = [
        Trial(network, Momentum(rate), seed, begun[scheme][seed])
        for scheme in SCHEMES
        for rate in RATES
        for seed in seeds
    ]
    fits = iter(train(digits, trials, plan.epochs, BATCH))
    found = {}
    for scheme in SCHEMES:
        by_rate = {rate: tuple(next(fits) for _ in seeds) for rate in RATES}
        rate = min(RATES, key=lambda each: np.mean([fit.held_error for fit in by_rate[each]]))
        starts = tuple(spread(start[0], activation, digits) for start in begun[scheme])
        found[scheme, activation, depth] = Measured(starts, rate, by_rate[rate])
    return found


def spread(parameters: Parameters, activation: str, digits: Digits) -> Start:
    """Mean squares by hidden layer, on some images."""
    import jax
    import jax.numpy as jnp

    from lamina.layers.activations import resolve_activation

    function, x, y = resolve_activation(activation), digits.x[:MEASURED], digits.y[:MEASURED]
    *hidden, output = (parameters[f"dense_{place}"] for place in range(1, len(parameters) + 1))

    def forward(moves: list[object]) -> tuple[object, tuple[list[object], list[object]]]:
        a, before, after = jnp.asarray(x), [], []
        for layer, move in zip(hidden, moves, strict=True):
            z = a @ layer["weights"] + layer["bias"] + move
            a = function(z)
            before.append(z)
            after.append(a)
        z = a @ output["weights"] + output["bias"]
        chosen = jax.nn.log_softmax(z)[jnp.arange(len(y)), y]
        return -jnp.mean(chosen), (before, after)

    moves = [jnp.zeros((len(x), WIDTH), jnp.float32) for _ in hidden]
    gradient, (before, after) = jax.jit(jax.grad(forward, has_aux=True))(moves)
    squares = [
        np.array([np.mean(np.square(each, dtype=np.float64)) for each in some]) for some in (before, gradient)
    ]
    spreads = np.array([np.mean(np.var(np.asarray(each, np.float64), axis=0)) for each in after])
    return Start(squares[0], spreads, squares[1])


def factor(starts: tuple[Start, ...]) -> float:
    """Geometric mean of the factor of the pre-activations' mean square from layer to layer."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [np.log(start.before[-1] / start.before[0]) / (len(start.before) - 1) for start in starts]
    return float(np.exp(np.mean(logs)))


def theory(scheme: str) -> float | None:
    """What the mean square is multiplied by from a relu layer of WIDTH units to the next."""
    variances = {"normal 0.01": 1e-4, "normal 1": 1.0, "He": 2 / WIDTH}
    equal = dict.fromkeys(("Xavier", "LeCun", "orthogonal"), 1 / WIDTH)
    variance = (variances | equal).get(scheme)
    return None if variance is None else WIDTH / 2 * variance


def _best_rows(found: dict[Place, Measured], plan: Plan) -> Iterator[Row]:
    section = f"The default of a Dense layer: test error in %; {counted(plan.seeds, 'seed')}"
    for activation, depth in product(plan.activations, plan.depths):
        scheme = "He" if activation == "relu" else "Xavier"
        each = found[scheme, activation, depth]
        errors = tuple(fit.test_error for fit in each.fits)
        yield Row(section, f"{activation}, {depth} layers", errors, note=f"{scheme}, rate {each.rate:g}")


def _factor_rows(found: dict[Place, Measured], depth: int) -> Iterator[Row]:
    section = f"relu, {depth} layers at the start: factor of the mean square of z from a layer to the next; published: theory"
    for scheme in SCHEMES:
        expected = theory(scheme)
        if expected is not None:
            starts = found[scheme, "relu", depth].starts
            yield Row(section, scheme, tuple(factor((start,)) for start in starts), round(expected, 6), ".3g")


def _error_table(found: dict[Place, Measured], plan: Plan) -> CrossTable:
    places = list(product(plan.activations, plan.depths))
    title = (
        f"Test error in % after {counted(plan.epochs, 'epoch')} of {plan.rows:,} images, at the best of three rates, by "
        f"activation and hidden layers; {counted(plan.seeds, 'seed')} ± standard error"
    )
    lines = tuple(
        (
            scheme,
            tuple(Estimate.of([fit.test_error for fit in found[scheme, *place].fits]) for place in places),
        )
        for scheme in SCHEMES
    )
    return CrossTable(title, tuple(f"{name} {depth}" for name, depth in places), lines, ".1f")


def _ratio_table(found: dict[Place, Measured], plan: Plan, depth: int, what: str) -> CrossTable:
    """Of activations last over first, of gradients first over last: how much is left at the end of the way."""
    way = "last hidden layer over the first" if what == "activations" else "first hidden layer over the last"
    title = (
        f"Log10 of the variance of {what} at the start, {way}, {depth} hidden layers; {counted(plan.seeds, 'draw')} "
        "± standard error"
    )
    lines = tuple(
        (scheme, tuple(_log_ratio(found[scheme, name, depth].starts, what) for name in plan.activations))
        for scheme in SCHEMES
    )
    return CrossTable(title, plan.activations, lines, "+.1f")


def _log_ratio(starts: tuple[Start, ...], what: str) -> Estimate | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = [
            start.after[[-1, 0]] if what == "activations" else start.gradient[[0, -1]] for start in starts
        ]
        logs = np.array([np.log10(end / begin) for end, begin in pairs])
    return Estimate.of(logs) if np.isfinite(logs).all() else None


def _picture(found: dict[Place, Measured], plan: Plan, path: object) -> None:
    from lamina.experiments.initialisation_picture import draw

    draw(path, found, plan)
