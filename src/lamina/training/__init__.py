"""Training: losses, optimizers, schedules, and the compiled fit."""

from lamina.training.cache import use_persistent_cache

use_persistent_cache()

from lamina.layers.penalties import L1, L2, Penalty  # noqa: E402
from lamina.training.engine import fit  # noqa: E402
from lamina.training.fitted import Fitted  # noqa: E402
from lamina.training.grouping import DataSet, Member  # noqa: E402
from lamina.training.history import History  # noqa: E402
from lamina.training.losses import (  # noqa: E402
    LOSSES,
    AbsoluteError,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Gamma,
    HalfSquaredError,
    Hinge,
    Huber,
    Loss,
    Poisson,
    Quantile,
    SequenceCrossEntropy,
    SquaredError,
)
from lamina.training.optimizers import (  # noqa: E402
    LBFGS,
    OPTIMIZERS,
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optax,
    Optimizer,
    RMSProp,
)
from lamina.training.padding import pad_rows  # noqa: E402
from lamina.training.pieces import Outcome  # noqa: E402
from lamina.training.population import fit_population  # noqa: E402
from lamina.training.prediction import predict  # noqa: E402
from lamina.training.settings import EarlyStopping, Settings  # noqa: E402

__all__ = [
    "L1",
    "L2",
    "LBFGS",
    "LOSSES",
    "OPTIMIZERS",
    "SGD",
    "AbsoluteError",
    "AdaGrad",
    "Adam",
    "AdamW",
    "BinaryCrossEntropy",
    "CategoricalCrossEntropy",
    "DataSet",
    "EarlyStopping",
    "Fitted",
    "Gamma",
    "GradientDescent",
    "HalfSquaredError",
    "Hinge",
    "History",
    "Huber",
    "Loss",
    "Member",
    "Momentum",
    "Nesterov",
    "Optax",
    "Optimizer",
    "Outcome",
    "Penalty",
    "Poisson",
    "Quantile",
    "RMSProp",
    "SequenceCrossEntropy",
    "Settings",
    "SquaredError",
    "fit",
    "fit_population",
    "pad_rows",
    "predict",
]
