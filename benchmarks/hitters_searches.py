"""The searches that several scripts time: Hitters, 40 settings of one network, 27 structures; each by every contestant.

What a contestant imports, it imports when it runs: a process that times one does not load the others.
"""

from __future__ import annotations

import warnings
from importlib.resources import files
from typing import Any

import numpy as np

EPOCHS, BATCH, UNITS, FOLDS = 50, 32, 64, 5
RATES = [float(rate) for rate in np.geomspace(3e-4, 3e-2, 8)]
PENALTIES = [0.0, 1e-4, 1e-3, 1e-2, 1e-1]
# What a process executes that times one search, and one that gets no further than its data.
PROCESS = "from hitters_searches import rows, {0}; {0}(*rows())"
IMPORTS = "import lamina.model_selection; from hitters_searches import rows; rows()"
DEPTHS, WIDTHS, BATCHES = (1, 2, 3), (16, 32, 64), [16, 32, 64]

Arrays = tuple[np.ndarray, np.ndarray]


def rows() -> Arrays:
    """Hitters as float32: 263 rows, 19 predictors, all standardised."""
    import pandas

    frame = pandas.read_csv(str(files("lamina.data.datasets") / "files" / "Hitters.csv")).dropna()
    frame = pandas.get_dummies(frame, drop_first=True)
    x = frame.drop(columns="Salary").to_numpy(np.float32)
    y = frame["Salary"].to_numpy(np.float32)
    return (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()


def lamina_search(x: np.ndarray, y: np.ndarray, rates: list[float] = RATES) -> Any:
    from lamina import NeuralRegressor
    from lamina.layers import Dense
    from lamina.model_selection import GridSearchCV

    model = NeuralRegressor([Dense(UNITS, "relu")], epochs=EPOCHS, batch_size=BATCH, random_state=0)
    grid = {"optimizer__learning_rate": rates, "penalty": PENALTIES}
    return GridSearchCV(model, grid, cv=FOLDS).fit(x, y)


def scikit_learn_search(x: np.ndarray, y: np.ndarray, rates: list[float] = RATES) -> Any:
    """A penalty of ½ α Σw² / batch beside a halved squared error: α = penalty · batch is the same problem."""
    from sklearn.model_selection import GridSearchCV

    grid = {"learning_rate_init": rates, "alpha": [penalty * BATCH for penalty in PENALTIES]}
    model = _scikit_learn_network(hidden_layer_sizes=(UNITS,), batch_size=BATCH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GridSearchCV(model, grid, cv=FOLDS, n_jobs=2).fit(x, y)


def skorch_search(x: np.ndarray, y: np.ndarray, rates: list[float] = RATES) -> Any:
    import torch
    from sklearn.model_selection import GridSearchCV
    from skorch import NeuralNetRegressor

    model = NeuralNetRegressor(
        torch.nn.Sequential(torch.nn.Linear(x.shape[1], UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 1)),
        optimizer=torch.optim.Adam,
        max_epochs=EPOCHS,
        batch_size=BATCH,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    grid = {"lr": rates, "optimizer__weight_decay": [2 * penalty for penalty in PENALTIES]}
    return GridSearchCV(model, grid, cv=FOLDS, n_jobs=2).fit(x, y[:, None])


class StackedSearch:
    """The same search by members stacked in PyTorch; it splits, fits and scores, but fits no final model."""

    def __init__(self, inputs: int, compiled: bool, threads: int, rates: list[float] = RATES) -> None:
        import torch
        from torch_members import Stack, squared_error

        settings = [(rate, penalty) for rate in rates for penalty in PENALTIES]
        rate, penalty = (torch.tensor(values) for values in zip(*settings, strict=True))
        self.stack = Stack((inputs, UNITS, 1), rate, penalty, squared_error, BATCH, compiled)
        self.threads = threads

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Mean coefficient of determination over the folds, by setting."""
        import torch
        from sklearn.model_selection import KFold

        torch.set_num_threads(self.threads)
        folds = list(KFold(FOLDS).split(x))
        train, test = (_padded([fold[part] for fold in folds]) for part in (0, 1))
        sizes, scored = [len(fold[0]) for fold in folds], [len(fold[1]) for fold in folds]
        inputs, outcome = torch.from_numpy(x), torch.from_numpy(y[:, None])
        parameters, _, _ = self.stack.fit(inputs[train], outcome[train], sizes, EPOCHS)
        answers = self.stack.predict(parameters, inputs[test])[..., 0]
        scores = []
        for answer, fold, n in zip(answers, outcome[test][..., 0], scored, strict=True):
            truth = fold[:n]
            scores.append(1 - ((answer[:, :n] - truth) ** 2).sum(-1) / ((truth - truth.mean()) ** 2).sum())
        return torch.stack(scores).mean(0).numpy()


def lamina_structures(x: np.ndarray, y: np.ndarray) -> Any:
    from lamina import NeuralRegressor
    from lamina.layers import Dense
    from lamina.model_selection import GridSearchCV

    layers = [[Dense(width, "relu")] * depth for depth in DEPTHS for width in WIDTHS]
    grid = {"layers": layers, "batch_size": BATCHES}
    return GridSearchCV(NeuralRegressor(epochs=EPOCHS, random_state=0), grid, cv=FOLDS).fit(x, y)


def scikit_learn_structures(x: np.ndarray, y: np.ndarray) -> Any:
    from sklearn.model_selection import GridSearchCV

    sizes = [(width,) * depth for depth in DEPTHS for width in WIDTHS]
    grid = {"hidden_layer_sizes": sizes, "batch_size": BATCHES}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GridSearchCV(_scikit_learn_network(alpha=0.0), grid, cv=FOLDS, n_jobs=2).fit(x, y)


def _scikit_learn_network(**settings: Any) -> Any:
    """scikit-learn's network with ReLU and Adam, for all its epochs."""
    from sklearn.neural_network import MLPRegressor

    return MLPRegressor(max_iter=EPOCHS, n_iter_no_change=EPOCHS, random_state=0, **settings)


def _padded(picks: list[np.ndarray]) -> np.ndarray:
    """Indices of unequal number as the rows of one array, filled up with the first row."""
    longest = max(map(len, picks))
    return np.stack([np.pad(chosen, (0, longest - len(chosen))) for chosen in picks])
