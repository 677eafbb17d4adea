"""The network forecaster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.series.panel import Array
from lamina.data.series.roles import series_frame
from lamina.data.series.windows import Windows, lag_windows
from lamina.errors import DataError
from lamina.estimators.checks import check_early_stopping, draw_seed
from lamina.estimators.forecasting.base import Forecaster
from lamina.estimators.forecasting.inputs import (
    latest_apart,
    network_input,
    network_outcome,
    takes_sequences,
)
from lamina.estimators.forecasting.together import learn_together
from lamina.estimators.many import Source, Task
from lamina.estimators.regressor import NeuralRegressor
from lamina.estimators.stacks import outputs_of
from lamina.layers import Dense
from lamina.layers.base import check_positive_integer

DEFAULT = (Dense(32, "relu"),)
"""Hidden layers that ``layers=None`` stands for."""


class SeriesForecaster(Forecaster):
    r"""A network that forecasts series from lag windows.

    .. math:: \hat y_{t} = f(x_{t-1}, \ldots, x_{t-L}; c_t), \qquad x_s = (y_s, \text{lagged columns at } s)

    with :math:`c_t` what is known of t in advance (calendar). Every column is standardised from the training rows, each series by
    itself; one network learns from the windows of all series.

    Parameters
    ----------
    layers : list of layers, optional
        Hidden layers. Recurrent ones take windows as sequences of L rows, ``[Dense(32, "relu")]`` takes them flattened. None
        takes ``[Dense(32, "relu")]``.
    lags : int, default 5
        L, the rows that a forecast looks back on.
    horizon : int, default 1
        Steps ahead that ``predict`` gives, and that ``strategy="direct"`` has outputs for.
    strategy : {"recursive", "direct"}
        "recursive" forecasts one step and goes on from it; "direct" learns all steps up to ``horizon`` at once.
    exogenous : list of str, optional
        Columns that come in as lags. None takes all other columns of numbers, ``[]`` none.
    known : list of str
        Columns known in advance: numbers (standardised) or categories (indicators), at the time that is forecast.
    calendar : list of str
        Indicators known in advance: "day_of_week", "month", "quarter", "day_of_month", "week_of_year" or "hour", read off
        the date; or a column of the table.
    date : str, optional
        The column of times. None takes the only one of dates, or the text column called "date"; rows are in order if there
        is none.
    id : str, optional
        The column that says which series a row belongs to.
    gaps : {"rows", "break", "error"}
        Where time leaps: lags count rows all the same (told in a warning), no window crosses it, or it is an error.
    optimizer, epochs, batch_size, penalty, loss
        As in :class:`lamina.NeuralRegressor`. The loss takes the standardised target.
    early_stopping : EarlyStopping, optional
        Watches the latest windows of each series, never ones drawn at random.
    n_members : int, default 1
        Networks from as many seeds, fitted as one population, whose forecasts are averaged.
    random_state : int, RandomState or None
    verbose : bool, optional

    Attributes
    ----------
    networks_
        The fitted members, each a :class:`lamina.NeuralRegressor` of windows.
    cutoff
        The last time that is known.
    reader_, scale_, history_
        See :class:`lamina.estimators.forecasting.Forecaster`.

    Source: ISLP section 10.5.2.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from lamina import SeriesForecaster
    >>> dates = pd.date_range("2020-01-01", periods=200)
    >>> frame = pd.DataFrame({"date": dates, "sales": np.sin(np.arange(200) * 2 * np.pi / 7)})
    >>> model = SeriesForecaster(lags=7, epochs=100, random_state=0).fit(frame, target="sales")
    >>> forecast = model.predict(horizon=7)
    >>> forecast.index[0], bool(np.abs(forecast - np.sin(np.arange(200, 207) * 2 * np.pi / 7)).max() < 0.2)
    (Timestamp('2020-07-19 00:00:00'), True)
    """

    networks_: list[NeuralRegressor]

    def __init__(
        self,
        layers: Any = None,
        *,
        lags: int = 5,
        horizon: int = 1,
        strategy: str = "recursive",
        exogenous: Sequence[str] | None = None,
        known: Sequence[str] = (),
        calendar: Sequence[str] = (),
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
        optimizer: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        penalty: Any = None,
        loss: Any = None,
        early_stopping: Any = None,
        n_members: int = 1,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.layers = layers
        self.lags = lags
        self.horizon = horizon
        self.strategy = strategy
        self.exogenous = exogenous
        self.known = known
        self.calendar = calendar
        self.date = date
        self.id = id
        self.gaps = gaps
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.penalty = penalty
        self.loss = loss
        self.early_stopping = early_stopping
        self.n_members = n_members
        self.random_state = random_state
        self.verbose = verbose

    @property
    def n_parameters_(self) -> int:
        """Number of parameters of one member."""
        check_is_fitted(self)
        return self.networks_[0].n_parameters_

    def _learn(self, windows: Windows) -> None:
        learn_together([self], [windows])

    @classmethod
    def _learn_all(cls, forecasters: Sequence[Any], windows: Sequence[Windows]) -> None:
        learn_together(forecasters, windows)

    def _apply(self, windows: Windows) -> Array:
        sequences = len(self.networks_[0].input_shape_) > 1
        outputs = outputs_of(self.networks_, network_input(windows, sequences=sequences))
        found = [network._numbers(output) for network, output in zip(self.networks_, outputs, strict=True)]
        return np.asarray(np.mean(found, axis=0), np.float64)

    def _windows(self, frame: Any) -> tuple[np.ndarray, np.ndarray]:
        """Input and outcome of the networks from the windows of a table, scaled as in the fit."""
        panel = self.reader_.read(series_frame(frame))
        windows = self.scale_.apply(lag_windows(panel, self.lags, self._outputs))
        sequences = len(self.networks_[0].input_shape_) > 1
        return network_input(windows, sequences=sequences), network_outcome(windows)

    def _tasks(self, windows: Windows) -> list[Task]:
        """The fits that make up this forecaster, on windows that they share."""
        check_positive_integer("SeriesForecaster", "n_members", self.n_members)
        stopping = check_early_stopping(self.early_stopping)
        sequences = takes_sequences(self._hidden(), windows)
        watched: dict[str, Any] = {}
        if stopping is not None:
            windows, latest = latest_apart(windows, stopping.validation_fraction)
            watched["X_val"] = network_input(latest, sequences=sequences)
            watched["y_val"] = network_outcome(latest)
        outcome = network_outcome(windows)
        _refuse_too_little(outcome, self.reader_.roles.target)
        source = Source(network_input(windows, sequences=sequences), outcome, watched)
        return [Task(self._unfitted(seed), source) for seed in self._seeds()]

    def _hidden(self) -> list[Any]:
        return list(DEFAULT if self.layers is None else self.layers)

    def _unfitted(self, seed: int) -> NeuralRegressor:
        """A member before it is fitted."""
        return NeuralRegressor(
            self._hidden(),
            loss=self.loss,
            optimizer=self.optimizer,
            epochs=self.epochs,
            batch_size=self.batch_size,
            penalty=self.penalty,
            early_stopping=check_early_stopping(self.early_stopping),
            scale=False,  # done already, each series by itself
            random_state=seed,
            verbose=self.verbose,
        )

    def _seeds(self) -> list[int]:
        """The first is the seed itself; more members begin with those of fewer."""
        seed = draw_seed(self.random_state)
        further = np.random.RandomState(seed).randint(2**31 - 1, size=self.n_members - 1)
        return [seed, *map(int, further)]


def _refuse_too_little(outcome: np.ndarray, target: str) -> None:
    """Raise where there are too few windows for a network, or what it is to forecast is the same in all of them."""
    if len(outcome) < 2:
        raise DataError(
            f"a network needs 2 windows or more to learn from, and there is {len(outcome)}: give longer series, or fewer lags"
        )
    if (outcome == outcome[0]).all():
        raise DataError(
            f"{target!r} does not vary in the rows that a network is to learn from, and there is nothing to learn: is it the "
            "right column?"
        )
