"""Stage 8: the network beside the simple models on the same splits, and whether it is worth it."""

from lamina.evaluation.comparison import compare
from lamina.evaluation.metrics import METRICS, Metric
from lamina.evaluation.result import Comparison
from lamina.evaluation.verdict import Verdict

__all__ = ["METRICS", "Comparison", "Metric", "Verdict", "compare"]
