"""Networks: how layers become a whole, and how the whole is shown."""

from lamina.layers.containers import Sequential
from lamina.networks.default import default_batch_size, default_epochs, default_hidden_layers
from lamina.networks.output import linear_predictor, output_activation, with_output
from lamina.networks.summary import Summary, count_parameters, summarise

__all__ = [
    "Sequential",
    "Summary",
    "count_parameters",
    "default_batch_size",
    "default_epochs",
    "default_hidden_layers",
    "linear_predictor",
    "output_activation",
    "summarise",
    "with_output",
]
