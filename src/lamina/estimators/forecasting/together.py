"""The networks of several forecasters fitted as one population: members, lags, widths, folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lamina.data.series.windows import Windows
from lamina.estimators.many import fit_many

if TYPE_CHECKING:
    from lamina.estimators.forecasting.networks import SeriesForecaster


def learn_together(forecasters: Sequence[SeriesForecaster], windows: Sequence[Windows]) -> None:
    """Give each forecaster its fitted networks, all from one population.

    Raises
    ------
    LaminaError
        Whatever is wrong with the first forecaster that cannot be fitted.
    KeyboardInterrupt
        If Ctrl-C ended the population before all were finished.
    """
    tasks = [forecaster._tasks(own) for forecaster, own in zip(forecasters, windows, strict=True)]
    results = iter(fit_many([task for own in tasks for task in own]))
    for forecaster, own in zip(forecasters, tasks, strict=True):
        networks = []
        for _ in own:
            result = next(results)
            if result.error is not None:
                raise result.error
            if result.estimator is None:
                raise KeyboardInterrupt
            networks.append(result.estimator)
        forecaster.networks_ = networks


def fit_together(forecasters: Sequence[SeriesForecaster], frame: Any, target: str | None = None) -> None:
    """Fit network forecasters of any lags, widths and seeds to one table as one population.

    >>> import numpy as np, pandas as pd
    >>> from lamina import SeriesForecaster
    >>> frame = pd.DataFrame({"y": np.sin(np.arange(60.0))})
    >>> models = [SeriesForecaster(lags=lags, epochs=2, random_state=0) for lags in (2, 4)]
    >>> fit_together(models, frame)
    >>> [model.n_parameters_ for model in models]
    [129, 193]
    """
    learn_together(forecasters, [forecaster._prepare(frame, target) for forecaster in forecasters])
