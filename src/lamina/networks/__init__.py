"""Networks: how layers become a whole, and how the whole is shown."""

from lamina.layers.containers import Sequential
from lamina.networks.cifar_resnet import cifar_resnet
from lamina.networks.default import default_batch_size, default_epochs, default_hidden_layers
from lamina.networks.default_images import default_image_layers
from lamina.networks.freezing import body_factors, freeze
from lamina.networks.lenet import lenet
from lamina.networks.named import NETWORKS, network_named
from lamina.networks.output import linear_predictor, output_activation, with_output
from lamina.networks.resnet import resnet18, resnet34, resnet50
from lamina.networks.summary import Summary, count_parameters, summarise
from lamina.networks.taught import cifar_network, mnist_network

__all__ = [
    "NETWORKS",
    "Sequential",
    "Summary",
    "body_factors",
    "cifar_network",
    "cifar_resnet",
    "count_parameters",
    "default_batch_size",
    "default_epochs",
    "default_hidden_layers",
    "default_image_layers",
    "freeze",
    "lenet",
    "linear_predictor",
    "mnist_network",
    "network_named",
    "output_activation",
    "resnet18",
    "resnet34",
    "resnet50",
    "summarise",
    "with_output",
]
