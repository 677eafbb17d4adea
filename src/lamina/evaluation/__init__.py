"""Stage 8: the network beside the simple models on the same splits, and whether it is worth it; what it does with the columns."""

from lamina.evaluation.comparison import compare
from lamina.evaluation.effect.asking import effects
from lamina.evaluation.effect.result import Effects
from lamina.evaluation.inspection import partial_dependence, permutation_importance
from lamina.evaluation.metrics import METRICS, Metric
from lamina.evaluation.result import Comparison
from lamina.evaluation.searching import Search, search
from lamina.evaluation.space import table_space
from lamina.evaluation.verdict import Verdict

__all__ = [
    "METRICS",
    "Comparison",
    "Effects",
    "Metric",
    "Search",
    "Verdict",
    "compare",
    "effects",
    "partial_dependence",
    "permutation_importance",
    "search",
    "table_space",
]
