"""Pooling: images and sequences made smaller, or larger, without parameters."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, ParameterFreeLayer, Parameters, Shape, State
from lamina.layers.windows import as_given, as_image, check_padding, lengths, window_over
from lamina.numerics.pooling import average_pool, max_pool
from lamina.numerics.window import Window


@dataclass(frozen=True, repr=False)
class Pool(ParameterFreeLayer):
    """Base of the pooling layers: a window over the image, one number a channel from what is under it."""

    size: Any = 2
    stride: Any = None
    padding: Any = "valid"
    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        owner = type(self).__name__
        object.__setattr__(self, "size", lengths(owner, "size", self.size, self.rank))
        if self.stride is not None:
            object.__setattr__(self, "stride", lengths(owner, "stride", self.stride, self.rank))
        self._check_padding(owner)

    def _as_given(self, value: Any) -> Any:
        return as_given(value)

    @abstractmethod
    def _pool(self, x: Array, window: Window, training: bool) -> Array:
        """Images (n, h, w, c) pooled."""

    def output_shape(self, input_shape: Shape) -> Shape:
        *spatial, channels = as_image(type(self).__name__, input_shape, self.rank)
        places = self.window(tuple(spatial)).output(*([1, *spatial] if self.rank == 1 else spatial))
        if min(places) < 1:
            raise SpecificationError(
                f"{self!r} is larger than what it is given, {' × '.join(map(str, spatial))}: take a smaller one, or less "
                "pooling before it."
            )
        return (*places[2 - self.rank :], channels)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        x = x if x.ndim == self.rank + 2 else x[..., None]
        window = self.window(x.shape[1:-1])
        if self.rank == 1:
            return self._pool(x[:, None], window, context.training)[:, 0], state
        return self._pool(x, window, context.training), state

    def _check_padding(self, owner: str) -> None:
        object.__setattr__(self, "padding", check_padding(owner, self.padding, self.rank))
        if self.padding in ("edge", "causal"):
            raise SpecificationError(
                f"{owner}(padding={self.padding!r}): take 'valid', 'same', or numbers; what is added never counts."
            )

    def window(self, spatial: Shape) -> Window:
        """The window over an image of this height and width, or over a sequence as an image of one row."""
        stride = self.size if self.stride is None else self.stride
        return window_over(spatial, self.size, stride, self.padding, (1,) * self.rank)[0]


@dataclass(frozen=True, repr=False)
class MaxPool2D(Pool):
    r"""The largest pixel under each place of a window, channel by channel.

    .. math:: a_{ijc} = \max_{u,v}\, x_{is+u,\, js+v,\, c}

    Parameters
    ----------
    size
        Height and width of the window; one number for both.
    stride
        Pixels between its places; None: its size, so that places do not overlap.
    padding
        "valid", or "same" and numbers of pixels as in :class:`Conv2D`; what is added around the image never counts.

    Shapes: input (h, w, c), output (h', w', c). Rows and columns at the end that fill no window are left out.

    Raises
    ------
    SpecificationError
        For numbers below one, an unknown padding, a window larger than its input.

    Source: ISLP section 10.3.2, whose 4 × 4 example this is:

    >>> image = jnp.array([[1, 2, 5, 3], [3, 0, 1, 2], [2, 1, 3, 4], [1, 1, 2, 0]], float).reshape(1, 4, 4, 1)
    >>> MaxPool2D(2).apply({}, {}, image, Context())[0][0, :, :, 0].tolist()
    [[3.0, 5.0], [2.0, 4.0]]
    """

    def _pool(self, x: Array, window: Window, training: bool) -> Array:
        return max_pool(x, window, training=training)


@dataclass(frozen=True, repr=False)
class AveragePool2D(Pool):
    r"""The mean of the pixels under each place of a window, channel by channel.

    .. math:: a_{ijc} = \frac{1}{|N_{ij}|} \sum_{(u,v) \in N_{ij}} x_{uvc}

    with N the pixels of the image under the window: what is added around it does not count.

    Parameters, shapes and errors as in :class:`MaxPool2D`.

    >>> image = jnp.arange(4.0).reshape(1, 2, 2, 1)
    >>> AveragePool2D(2).apply({}, {}, image, Context())[0].tolist()
    [[[[1.5]]]]
    """

    def _pool(self, x: Array, window: Window, training: bool) -> Array:
        return average_pool(x, window)


@dataclass(frozen=True, repr=False)
class MaxPool1D(Pool):
    """The largest of the values under each place of a window along a sequence, as :class:`MaxPool2D`.

    Shapes: input (t, c), output (t', c).

    >>> MaxPool1D(2).apply({}, {}, jnp.array([[[1.0], [3.0], [2.0], [0.0]]]), Context())[0][0, :, 0].tolist()
    [3.0, 2.0]
    """

    rank: ClassVar[int] = 1

    def _pool(self, x: Array, window: Window, training: bool) -> Array:
        return max_pool(x, window, training=training)


@dataclass(frozen=True, repr=False)
class AveragePool1D(Pool):
    """The mean of the values under each place of a window along a sequence, as :class:`AveragePool2D`.

    Shapes: input (t, c), output (t', c).

    >>> AveragePool1D(2).apply({}, {}, jnp.array([[[1.0], [3.0], [2.0], [0.0]]]), Context())[0][0, :, 0].tolist()
    [2.0, 1.0]
    """

    rank: ClassVar[int] = 1

    def _pool(self, x: Array, window: Window, training: bool) -> Array:
        return average_pool(x, window)


@dataclass(frozen=True, repr=False)
class GlobalPool(ParameterFreeLayer):
    """Base of what makes one number a channel of all places."""

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) < 2:
            raise SpecificationError(
                f"{type(self).__name__} takes images (h, w, c) or sequences (t, c) and was given shape {input_shape}: put it "
                "before Flatten()."
            )
        return (input_shape[-1],)


@dataclass(frozen=True, repr=False)
class GlobalAveragePool(GlobalPool):
    r"""The mean of each channel over all places: one number a channel, whatever the size of the image or length of the sequence.

    Places of a sequence that are padding do not count; the mean of none is zero.

    .. math:: a_c = \frac{1}{hw} \sum_{ij} x_{ijc}

    Shapes: input (h, w, c) or (t, c), output (c,).

    Source: Lin, Chen and Yan, "Network in network", 2014.

    >>> GlobalAveragePool().output_shape((8, 8, 64)), GlobalAveragePool().output_shape((20, 3))
    ((64,), (3,))
    """

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        if x.ndim == 3 and context.mask is not None:
            kept = context.mask[:, :, None].astype(x.dtype)
            return jnp.sum(x * kept, axis=1) / jnp.maximum(jnp.sum(kept, axis=1), 1), state
        return jnp.mean(x, axis=tuple(range(1, x.ndim - 1))), state


@dataclass(frozen=True, repr=False)
class GlobalMaxPool(GlobalPool):
    r"""The largest of each channel over all places: whether a feature is anywhere.

    .. math:: a_c = \max_{ij} x_{ijc}

    Places of a sequence that are padding do not count; the largest of none is zero.

    Shapes: input (h, w, c) or (t, c), output (c,).

    Source: Kim, "Convolutional neural networks for sentence classification", 2014 (max over time).

    >>> GlobalMaxPool().apply({}, {}, jnp.array([[[1.0, 5.0], [3.0, 2.0]]]), Context())[0].tolist()
    [[3.0, 5.0]]
    """

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        if x.ndim == 3 and context.mask is not None:
            largest = jnp.max(jnp.where(context.mask[:, :, None], x, -jnp.inf), axis=1)
            return jnp.where(jnp.any(context.mask, axis=1)[:, None], largest, 0), state
        return jnp.max(x, axis=tuple(range(1, x.ndim - 1))), state


METHODS = ("nearest", "linear")


@dataclass(frozen=True, repr=False)
class UpSample(ParameterFreeLayer):
    """Images made larger by a whole factor: each pixel repeated, or linear between pixels.

    Parameters
    ----------
    size
        Factor of height and width; one number for both.
    method
        "nearest" repeats each pixel; "linear" lies between the centres of neighbours.

    Shapes: input (h, w, c), output (h · size, w · size, c).

    Raises
    ------
    SpecificationError
        For a factor below one or another method.

    >>> UpSample(2).apply({}, {}, jnp.array([[[[1.0], [2.0]]]]), Context())[0][0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """

    size: Any = 2
    method: str = "nearest"

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", lengths("UpSample", "size", self.size, 2))
        if self.method not in METHODS:
            raise SpecificationError(f"UpSample(method={self.method!r}): take 'nearest' or 'linear'.")

    def _as_given(self, value: Any) -> Any:
        return as_given(value)

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, channels = as_image("UpSample", input_shape, 2)
        return (height * self.size[0], width * self.size[1], channels)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        x = x if x.ndim == 4 else x[..., None]
        if self.method == "nearest":
            return jnp.repeat(jnp.repeat(x, self.size[0], axis=1), self.size[1], axis=2), state
        shape = (x.shape[0], x.shape[1] * self.size[0], x.shape[2] * self.size[1], x.shape[3])
        return jax.image.resize(x, shape, self.method), state
