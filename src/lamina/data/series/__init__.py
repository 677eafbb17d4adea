"""Series in time: columns with their roles, rows in order, calendar features, and lag windows that a network learns from."""

from lamina.data.series.panel import Panel, Series
from lamina.data.series.reader import SeriesReader
from lamina.data.series.roles import Roles, find_roles
from lamina.data.series.windows import Windows, lag_windows

__all__ = ["Panel", "Roles", "Series", "SeriesReader", "Windows", "find_roles", "lag_windows"]
