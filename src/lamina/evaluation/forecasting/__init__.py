"""Simple forecasters, and the comparison of networks with them."""

from lamina.evaluation.forecasting.autoregression import AutoRegression
from lamina.evaluation.forecasting.comparison import ForecastComparison, compare_forecasts
from lamina.evaluation.forecasting.contenders import Shape
from lamina.evaluation.forecasting.naive import LastValue, SeasonalNaive
from lamina.evaluation.forecasting.statistical import ARIMA, ETS

__all__ = [
    "ARIMA",
    "ETS",
    "AutoRegression",
    "ForecastComparison",
    "LastValue",
    "SeasonalNaive",
    "Shape",
    "compare_forecasts",
]
