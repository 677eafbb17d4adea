"""Convolutions: the same filters at every place of a sequence or an image. Channels come last."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.activated import activated
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    check_positive_integer,
    children,
)
from lamina.layers.dense import plus_bias
from lamina.layers.initializers import Initializer, default_initializer, resolve_initializer
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.layers.pooling import MaxPool1D, MaxPool2D, Pool
from lamina.layers.windows import as_given, as_image, check_padding, lengths, window_over
from lamina.numerics.convolution import convolve, convolve_transposed
from lamina.numerics.pooled import convolve_pooled
from lamina.numerics.window import Window

INCREASING = ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "elu", "selu", "softplus", "exponential")
"""Activations that keep the order of their arguments."""


@dataclass(frozen=True, repr=False)
class Filters(Layer):
    """Base of the convolutions: what they have in common is how filters are given, drawn and checked."""

    filters: int
    size: Any
    activation: str | Function = "linear"
    _: KW_ONLY
    stride: Any = 1
    padding: Any = "valid"
    dilation: Any = 1
    groups: int = 1
    use_bias: bool = True
    weight_init: str | Initializer | None = None
    bias_init: str | Initializer = "zeros"
    penalty: float | Penalty | None = None
    rank: ClassVar[int] = 2

    def __post_init__(self) -> None:
        owner = type(self).__name__
        check_positive_integer(owner, "filters", self.filters)
        check_positive_integer(owner, "groups", self.groups)
        for name in ("size", "stride", "dilation"):
            object.__setattr__(self, name, lengths(owner, name, getattr(self, name), self.rank))
        object.__setattr__(self, "padding", check_padding(owner, self.padding, self.rank))
        if self.filters % self.groups:
            raise SpecificationError(
                f"{owner}(filters={self.filters}, groups={self.groups}): every group makes as many channels, so that filters "
                "must be a multiple of groups."
            )
        resolve_activation(self.activation)
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)
        resolve_initializer(self.bias_init)
        if self.penalty is not None:
            object.__setattr__(self, "penalty", resolve_penalty(self.penalty))

    def _as_given(self, value: Any) -> Any:
        return as_given(value)

    @abstractmethod
    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one output."""

    def count(self, input_shape: Shape) -> int:
        """Number of parameters."""
        shape = self._weights_shape(input_shape)
        return int(np.prod(shape)) + self.filters * self.use_bias

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        shape = self._weights_shape(input_shape)
        fan_in, fan_out = self._fans(shape)
        initializer = (
            default_initializer(self.activation)
            if self.weight_init is None
            else resolve_initializer(self.weight_init)
        )
        parameters: Parameters = {"weights": initializer.draw(rng, shape, fan_in, fan_out)}
        if self.use_bias:
            parameters["bias"] = resolve_initializer(self.bias_init).draw(
                rng, (self.filters,), fan_in, fan_out
            )
        return parameters, {}

    def _channels(self, input_shape: Shape) -> int:
        return as_image(type(self).__name__, input_shape, self.rank)[-1]

    def _weights_shape(self, input_shape: Shape) -> Shape:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise SpecificationError(
                f"{type(self).__name__}(groups={self.groups}) is given {channels} channels, which do not divide into "
                f"{self.groups} groups: take a divisor of {channels}."
            )
        return (*self.size, channels // self.groups, self.filters)

    def _fans(self, shape: Shape) -> tuple[float, float]:
        area = float(np.prod(self.size))
        return area * shape[-2], area * self.filters / self.groups

    def _window(self, spatial: Shape) -> tuple[Window, Any]:
        """The window over an image of this height and width, and the rows and columns that repeat the edge."""
        return window_over(spatial, self.size, self.stride, self.padding, self.dilation, self.groups)

    def followed_by(self, following: Layer) -> Layer | None:
        pools = type(following) is (MaxPool1D if self.rank == 1 else MaxPool2D)
        if pools and isinstance(following, Pool) and self.activation in INCREASING:
            return Pooled(self, following)
        return None

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return self.activated(self.filtered(parameters, x, context), parameters, context), state

    @abstractmethod
    def filtered(self, parameters: Parameters, x: Array, context: Context) -> Array:
        """The weighted sums, without the bias."""

    def filtered_and_pooled(self, parameters: Parameters, x: Array, pool: Pool, context: Context) -> Array:
        """The weighted sums, pooled."""
        return pool.apply({}, {}, self.filtered(parameters, x, context), context)[0]

    def activated(self, z: Array, parameters: Parameters, context: Context) -> Array:
        """g of the weighted sums and the bias."""
        bias = parameters.get("bias")
        return activated(self.activation, z if bias is None else plus_bias(z, bias), context)


@dataclass(frozen=True, repr=False)
class Pooled(ParameterFreeLayer):
    """A convolution and the pooling behind it: the largest of g(z + b) is g of the largest z, plus b, for an increasing g.

    Bias and activation then meet a quarter of the numbers.
    """

    convolution: Filters
    pool: Pool

    def output_shape(self, input_shape: Shape) -> Shape:
        return self.pool.output_shape(self.convolution.output_shape(input_shape))

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        largest = self.convolution.filtered_and_pooled(parameters, x, self.pool, context)
        return self.convolution.activated(largest, parameters, context), state


@dataclass(frozen=True, repr=False)
class Conv2D(Filters):
    r"""Filters that slide over an image: each output is large where the image is like the filter.

    .. math:: a_{ijk} = g\Big(b_k + \sum_{u,v,c} x_{is+ud,\, js+vd,\, c}\; w_{uvck}\Big)

    with stride s and dilation d (a correlation, as the book and every library have it; the filter is not turned).

    Parameters
    ----------
    filters
        Number of filters K, the channels of the output.
    size
        Height and width of a filter; one number for both.
    activation
        Name of g or a function of z.
    stride, dilation
        Pixels between neighbouring places of the filter; between its points.
    padding
        "valid": the filter stays inside, and the image becomes smaller. "same": zeros around it, so that the output has
        ceil(h / s) rows. "edge": the same with the pixels at the edge in place of zeros. Or a number of zeros on every side.
    groups
        The channels are split in so many parts, each seen by filters of its own; as many groups as channels is a depthwise
        convolution.
    use_bias, weight_init, bias_init, penalty
        As in :class:`Dense`.

    Shapes: input (h, w, c), or (h, w) for one channel; output (h', w', K). Parameters ``weights`` (kh, kw, c / groups, K) and
    ``bias`` (K,).

    Raises
    ------
    SpecificationError
        For numbers below one, an unknown name, a filter larger than the padded image, groups that do not divide the channels.

    Source: ISLP section 10.3.1; the 4 × 3 image and the 2 × 2 filter there are an example below.

    >>> Conv2D(32, 3, "relu", padding="same").output_shape((32, 32, 3))
    (32, 32, 32)
    >>> Conv2D(32, 3).count((32, 32, 3))
    896
    >>> image = jnp.arange(1.0, 13.0).reshape(1, 4, 3, 1)
    >>> ones = {"weights": jnp.ones((2, 2, 1, 1))}
    >>> Conv2D(1, 2, use_bias=False).apply(ones, {}, image, Context())[0][0, :, :, 0].tolist()
    [[12.0, 16.0], [24.0, 28.0], [36.0, 40.0]]
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = as_image("Conv2D", input_shape, 2)
        self._weights_shape(input_shape)
        return (*_fitting(self, self._window((height, width)), (height, width)), self.filters)

    def filtered(self, parameters: Parameters, x: Array, context: Context) -> Array:
        x, weights = context.factors(x, parameters["weights"])
        x, window = self._surrounded(x)
        return convolve(x, weights, window, training=context.training)

    def filtered_and_pooled(self, parameters: Parameters, x: Array, pool: Pool, context: Context) -> Array:
        x, weights = context.factors(x, parameters["weights"])
        x, window = self._surrounded(x)
        spatial = window.output(*x.shape[1:3])
        return convolve_pooled(x, weights, window, pool.window(spatial), training=context.training)

    def _surrounded(self, x: Array) -> tuple[Array, Window]:
        """Images with a channel axis and with the edge that is repeated around them, and the window over them."""
        x = x if x.ndim == 4 else x[..., None]
        window, edge = self._window(x.shape[1:3])
        return (jnp.pad(x, ((0, 0), *edge, (0, 0)), mode="edge") if edge else x), window


@dataclass(frozen=True, repr=False)
class Conv1D(Filters):
    r"""Filters that slide along a sequence.

    .. math:: a_{tk} = g\Big(b_k + \sum_{u,c} x_{ts+ud,\, c}\; w_{uck}\Big)

    Parameters
    ----------
    filters, size, activation, stride, dilation, groups, use_bias, weight_init, bias_init, penalty
        As in :class:`Conv2D`, along one axis.
    padding
        "valid", "same" or "edge" as in :class:`Conv2D`, or "causal": zeros before the sequence, so that an output depends on
        its own and earlier inputs alone. Or a number of zeros on either side.

    Shapes: input (t, c), or (t,) for one channel; output (t', K). Parameters ``weights`` (k, c / groups, K), ``bias`` (K,).

    Raises
    ------
    SpecificationError
        As :class:`Conv2D`.

    >>> Conv1D(8, 5, "relu").output_shape((20, 3))
    (16, 8)
    >>> layer = Conv1D(1, 2, use_bias=False, padding="causal")
    >>> layer.apply({"weights": jnp.ones((2, 1, 1))}, {}, jnp.array([[1.0, 2.0, 3.0]]), Context())[0][0, :, 0].tolist()
    [1.0, 3.0, 5.0]
    """

    rank: ClassVar[int] = 1

    def output_shape(self, input_shape: Shape) -> Shape:
        length, _ = as_image("Conv1D", input_shape, 1)
        self._weights_shape(input_shape)
        return (_fitting(self, self._window((length,)), (1, length))[1], self.filters)

    def filtered(self, parameters: Parameters, x: Array, context: Context) -> Array:
        x, weights = context.factors(x if x.ndim == 3 else x[..., None], parameters["weights"])
        window, edge = self._window(x.shape[1:2])
        x = x[:, None]
        if edge:
            x = jnp.pad(x, ((0, 0), *edge, (0, 0)), mode="edge")
        z = convolve(x, weights[None], window, training=context.training)
        return z[:, 0]


@dataclass(frozen=True, repr=False)
class Conv2DTranspose(Filters):
    r"""The transpose of a convolution, which makes an image larger: each input puts its filter down, and what overlaps adds up.

    .. math:: a_{ijk} = g\Big(b_k + \sum_{u,v,c:\; i = ps + u - o,\; j = qs + v - o} x_{pqc}\; w_{uvkc}\Big)

    with stride s and o pixels cut off before the first.

    Parameters
    ----------
    filters, size, activation, stride, use_bias, weight_init, bias_init, penalty
        As in :class:`Conv2D`; a stride of two doubles height and width.
    padding
        "valid": all that the filters reach, (h - 1) s + k rows. "same": h s rows. Or a number of rows and columns cut off on
        every side.
    dilation, groups
        One.

    Shapes: input (h, w, c), output (h', w', K). Parameters ``weights`` (kh, kw, K, c), ``bias`` (K,).

    Raises
    ------
    SpecificationError
        As :class:`Conv2D`; also for groups, dilation and an edge, which have no meaning here.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, section 4.

    >>> Conv2DTranspose(8, 3, stride=2, padding="same").output_shape((7, 7, 16))
    (14, 14, 8)
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.groups != 1 or self.dilation != (1, 1) or self.padding in ("edge", "causal"):
            raise SpecificationError(
                f"{self!r}: a transposed convolution takes neither groups nor dilation, and the padding 'valid', 'same' or "
                "numbers."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = as_image("Conv2DTranspose", input_shape, 2)
        (rows, columns), _ = self._target((height, width))
        if min(rows, columns) < 1:
            raise SpecificationError(
                f"{self!r} cuts off more than there is: {input_shape} would become {rows} × {columns}. Take a smaller padding."
            )
        return (rows, columns, self.filters)

    def filtered(self, parameters: Parameters, x: Array, context: Context) -> Array:
        x, weights = context.factors(x if x.ndim == 4 else x[..., None], parameters["weights"])
        shape, window = self._target(x.shape[1:3])
        return convolve_transposed(x, weights, window, shape)

    def _weights_shape(self, input_shape: Shape) -> Shape:
        return (*self.size, self.filters, self._channels(input_shape))

    def _fans(self, shape: Shape) -> tuple[float, float]:
        # A stride of s spreads a filter over s² places: so many fewer of its weights meet in one output.
        spread = float(np.prod(self.size)) / float(np.prod(self.stride))
        return max(spread * shape[-1], 1.0), max(spread * self.filters, 1.0)

    def _target(self, spatial: Shape) -> tuple[tuple[int, int], Window]:
        """Height and width of the output, and the window of the convolution that has the input as its output."""
        whole = [(n - 1) * s + k for n, s, k in zip(spatial, self.stride, self.size, strict=True)]
        if self.padding == "valid":
            cut = [(0, 0), (0, 0)]
        elif self.padding == "same":
            cut = []
            for n, s, reach in zip(spatial, self.stride, whole, strict=True):
                excess = reach - n * s
                cut.append((max(excess, 0) // 2, excess - max(excess, 0) // 2))
        else:
            cut = list(self.padding)
        shape = tuple(reach - before - after for reach, (before, after) in zip(whole, cut, strict=True))
        window = Window(self.size, self.stride, ((cut[0][0], cut[0][1]), (cut[1][0], cut[1][1])))
        return (shape[0], shape[1]), window


def _fitting(layer: Filters, over: tuple[Window, Any], spatial: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the output; a filter that does not fit raises SpecificationError."""
    window, edge = over
    if edge:
        spatial = (spatial[0] + sum(edge[0]), spatial[1] + sum(edge[1]))
    places = window.output(*spatial)
    if min(places) < 1:
        given = spatial[1] if layer.rank == 1 else f"{spatial[0]} × {spatial[1]}"
        needs = window.reach[1] if layer.rank == 1 else f"{window.reach[0]} × {window.reach[1]}"
        raise SpecificationError(
            f"{layer!r} needs {needs} and is given {given}: the filter is larger than its input. Take a smaller one, "
            "padding='same', or less pooling before it."
        )
    return places


def convolves(layer: Layer) -> bool:
    """Whether there is a convolution in a network.

    >>> from lamina.layers import Dense, Sequential
    >>> convolves(Sequential([Conv2D(4, 3)])), convolves(Dense(3))
    (True, False)
    """
    return isinstance(layer, Filters) or any(convolves(inner) for _, inner in children(layer))
