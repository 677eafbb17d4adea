"""The autoregression by least squares."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.utils.validation import check_is_fitted

from lamina.data.series.panel import Array
from lamina.data.series.windows import Windows
from lamina.estimators.forecasting.base import Forecaster
from lamina.estimators.forecasting.least_squares import LeastSquares


class AutoRegression(Forecaster):
    r"""AR(L) with lagged columns: a linear model of the lags, by least squares.

    .. math:: \hat y_t = b_0 + \sum_{l=1}^{L} \sum_j b_{lj}\, x_{t-l,j} + c_t^\top d

    Parameters
    ----------
    lags, horizon, strategy, exogenous, known, calendar, date, id, gaps
        As in :class:`lamina.SeriesForecaster`.

    Attributes
    ----------
    coefficients_
        Of the standardised columns, the intercept's first, shape (1 + L p + H K, H).

    Source: ISLP section 10.5.2, equation 10.20.

    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"y": 0.5 ** np.arange(12.0)})
    >>> AutoRegression(lags=1).fit(frame).predict(2).round(6).tolist()
    [0.000244, 0.000122]
    """

    def __init__(
        self,
        lags: int = 5,
        *,
        horizon: int = 1,
        strategy: str = "recursive",
        exogenous: Sequence[str] | None = None,
        known: Sequence[str] = (),
        calendar: Sequence[str] = (),
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
    ) -> None:
        self.lags = lags
        self.horizon = horizon
        self.strategy = strategy
        self.exogenous = exogenous
        self.known = known
        self.calendar = calendar
        self.date = date
        self.id = id
        self.gaps = gaps

    @property
    def coefficients_(self) -> Array:
        """Of the standardised columns."""
        check_is_fitted(self)
        return self.fit_.coefficients

    @property
    def n_parameters_(self) -> int:
        """Coefficients that the training rows can tell apart, the intercept among them, for every step."""
        check_is_fitted(self)
        return self.fit_.rank * int(self.fit_.coefficients.shape[1])

    def _learn(self, windows: Windows) -> None:
        self.fit_ = LeastSquares.fit(windows.rows(), windows.ahead[:, :, 0])

    def _apply(self, windows: Windows) -> Array:
        return self.fit_.predict(windows.rows())
