"""Augmentation: every epoch shows the network other variants of the images, drawn inside the compiled program."""

from lamina.layers.augmentation.base import Affine, Augmentation
from lamina.layers.augmentation.colours import Brightness, Contrast
from lamina.layers.augmentation.cutout import Cutout
from lamina.layers.augmentation.flips import HorizontalFlip, VerticalFlip
from lamina.layers.augmentation.shifts import Crop, Shift
from lamina.layers.augmentation.warps import Rotate, Shear, Warp, Zoom, joined

__all__ = [
    "Affine",
    "Augmentation",
    "Brightness",
    "Contrast",
    "Crop",
    "Cutout",
    "HorizontalFlip",
    "Rotate",
    "Shear",
    "Shift",
    "VerticalFlip",
    "Warp",
    "Zoom",
    "joined",
]
