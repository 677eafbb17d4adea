"""Convolution, channels last."""

from __future__ import annotations

from typing import Any

from jax import lax

from lamina.numerics.window import Window

LAYOUT = ("NHWC", "HWIO", "NHWC")


def convolve(x: Any, weights: Any, window: Window) -> Any:
    """The reference: XLA's own convolution of images (n, h, w, c) with filters (kh, kw, c / groups, k)."""
    return lax.conv_general_dilated(
        x,
        weights,
        window.stride,
        window.padding,
        rhs_dilation=window.dilation,
        dimension_numbers=LAYOUT,
        feature_group_count=window.groups,
    )


def convolve_transposed(x: Any, weights: Any, window: Window, shape: tuple[int, int]) -> Any:
    """The transpose of :func:`convolve` in x: images of height and width ``shape`` from its output (n, h', w', k).

    Filters (kh, kw, c, k) are those of the convolution whose transpose this is; one group.
    """
    padding = []
    for axis in (0, 1):
        before = window.reach[axis] - 1 - window.padding[axis][0]
        spread = (x.shape[1 + axis] - 1) * window.stride[axis] + 1
        padding.append((before, shape[axis] + window.reach[axis] - 1 - spread - before))
    return lax.conv_general_dilated(
        x,
        weights[::-1, ::-1],
        (1, 1),
        padding,
        lhs_dilation=window.stride,
        rhs_dilation=window.dilation,
        dimension_numbers=("NHWC", "HWOI", "NHWC"),
    )
