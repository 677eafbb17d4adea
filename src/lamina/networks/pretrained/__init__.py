"""Published weights: read from safetensors, put into the ready-made networks, with the names and pixels of ImageNet."""

from lamina.networks.pretrained.imagenet import IMAGENET_PIXELS, imagenet_classes, top_classes
from lamina.networks.pretrained.naming import Place, published_places
from lamina.networks.pretrained.placing import flat_paths, place_published, place_weights
from lamina.networks.pretrained.tensors import read_tensors
from lamina.networks.pretrained.whole import PRETRAINED, pretrained_layers, pretrained_network

__all__ = [
    "IMAGENET_PIXELS",
    "PRETRAINED",
    "Place",
    "flat_paths",
    "imagenet_classes",
    "place_published",
    "place_weights",
    "pretrained_layers",
    "pretrained_network",
    "published_places",
    "read_tensors",
    "top_classes",
]
