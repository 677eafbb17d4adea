"""The shortcut without parameters past a block that halves an image and has more channels."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp

from lamina.errors import SpecificationError
from lamina.layers.base import (
    Array,
    Context,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    check_positive_integer,
)
from lamina.layers.windows import as_image


@dataclass(frozen=True, repr=False)
class Shortcut(ParameterFreeLayer):
    r"""Every s-th pixel of an image, with channels of zeros behind its own: nothing to learn.

    .. math:: a_{ijk} = x_{is,\,js,\,k} \text{ for } k \le c, \quad 0 \text{ for } c < k \le K

    Parameters
    ----------
    filters
        Channels K of the output, no fewer than those of the input.
    stride
        Pixels between those that are kept.

    Shapes: input (h, w, c), output (ceil(h / s), ceil(w / s), K).

    Raises
    ------
    SpecificationError
        For numbers below one, or an input of more than K channels.

    Source: option A of He et al., "Deep Residual Learning for Image Recognition", 2016, section 4.1.

    >>> Shortcut(32).output_shape((32, 32, 16))
    (16, 16, 32)
    >>> Shortcut(2).apply({}, {}, jnp.arange(1.0, 5.0).reshape(1, 2, 2, 1), Context())[0].tolist()
    [[[[1.0, 0.0]]]]
    """

    filters: int
    stride: int = 2

    def __post_init__(self) -> None:
        check_positive_integer("Shortcut", "filters", self.filters)
        check_positive_integer("Shortcut", "stride", self.stride)

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, channels = as_image("Shortcut", input_shape, 2)
        if channels > self.filters:
            raise SpecificationError(
                f"Shortcut({self.filters}) adds channels of zeros and is given {channels} channels: take filters of {channels} "
                "or more."
            )
        return (-(-height // self.stride), -(-width // self.stride), self.filters)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        kept = x[:, :: self.stride, :: self.stride]
        return jnp.pad(kept, ((0, 0), (0, 0), (0, 0), (0, self.filters - x.shape[-1]))), state
