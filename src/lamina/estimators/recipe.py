"""How the default network is trained, where the user names neither layers nor an optimizer.

The recipe is that of RealMLP-TD-S (Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
boosted trees on tabular data", NeurIPS 2024): robustly scaled features, rates as in the neural-tangent parametrisation, four
waves of a cosine, the best epoch on a fifth of the rows. Where it differs docs/default-network.md says why.
"""

from __future__ import annotations

import math

from lamina.layers.base import children
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense
from lamina.layers.scale import Scale
from lamina.training import Adam, EarlyStopping
from lamina.training.schedules import CosineWaves

RATE = 0.02
"""Learning rate of weights of variance one in z = x·W / √inputs + b, the neural-tangent parametrisation."""
BIAS = 0.1
"""Factor of that rate: the biases."""
SCALE = 2.0
"""Factor of that rate: the factors of the features."""
MEMORY = 0.95
"""Adam's beta_2."""
PENALTY = 0.0005
"""Ridge coefficient of all weights, where the user sets none."""
BATCH = 256
"""Rows of a step, about."""
EPOCHS = 128
FEWEST_EPOCHS = 32
MOST_STEPS = 10_240
"""Steps of a fit: the epochs of 10,000 rows; larger tables are gone through less often."""
LEAST_ROWS = 50
"""Rows from which on some are held back to find the best epoch; of fewer a fifth would say nothing."""
BEST_EPOCH = EarlyStopping(patience=None, validation_fraction=0.2)


def recipe_optimizer(network: Sequential, input_shape: tuple[int, ...]) -> Adam:
    """Adam with the rates of the neural-tangent parametrisation.

    A weight w = W / √p of a layer with p inputs moves by η / √p where W moves by η, since Adam's step does not depend on the
    size of the gradient: so one rate for all W is, for the w that a layer here holds, a rate divided by √p. The base rate is
    that of the hidden layers; the factors say what others have of it.

    >>> from lamina.layers import Dense, Scale
    >>> recipe_optimizer(Sequential([Scale(), Dense(64, "mish"), Dense(1)]), (16,)).factors
    (('bias', 0.8), ('dense_1/weights', 2.0), ('scale_1', 16.0))
    """
    widths = _inputs(network, input_shape)
    usual = list(widths.values())[-1]
    factors = {
        f"{name}/weights": math.sqrt(usual / width) for name, width in widths.items() if width != usual
    }
    factors["bias"] = BIAS * math.sqrt(usual)
    for name, layer in children(network):
        if isinstance(layer, Scale):
            factors[name] = SCALE * math.sqrt(usual)
    return Adam(CosineWaves(RATE / math.sqrt(usual)), beta_2=MEMORY, factors=factors)


def recipe_epochs(steps: int) -> int:
    """Epochs where an epoch has ``steps`` steps: 128, fewer where that would be more than 10,240 steps, never below 32.

    >>> [recipe_epochs(steps) for steps in (1, 40, 80, 4000)]
    [128, 128, 128, 32]
    """
    return min(EPOCHS, max(FEWEST_EPOCHS, MOST_STEPS // steps))


def recipe_batch(n_rows: int) -> int:
    """Rows of a step: an epoch is cut into equal parts of about 256 rows.

    A last step on the few rows that are left over would be as long as the others, and mostly noise.

    >>> [recipe_batch(rows) for rows in (100, 300, 516, 10_000)]
    [100, 300, 258, 257]
    """
    return math.ceil(n_rows / max(1, round(n_rows / BATCH)))


def _inputs(network: Sequential, input_shape: tuple[int, ...]) -> dict[str, int]:
    """Inputs of each dense layer by name."""
    widths, shape = {}, input_shape
    for name, layer in children(network):
        if isinstance(layer, Dense):
            widths[name] = int(shape[0])
        shape = layer.output_shape(shape)
    return widths
