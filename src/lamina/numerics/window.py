"""How a window slides over an image: its size, stride, padding and dilation, and the shapes that follow."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window over height and width; all in pixels.

    Attributes
    ----------
    size, stride, dilation
        Of the window; its steps; the distance of its points.
    padding
        Rows above and below, columns left and right, that are added to the image.
    groups
        Parts of the channels that do not see each other.
    """

    size: Pair
    stride: Pair = (1, 1)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    groups: int = 1

    @property
    def reach(self) -> Pair:
        """Pixels from the first to the last point of the window, both counted.

        >>> Window((3, 3), dilation=(2, 1)).reach
        (5, 3)
        """
        return (self.size[0] - 1) * self.dilation[0] + 1, (self.size[1] - 1) * self.dilation[1] + 1

    def output(self, height: int, width: int) -> Pair:
        """Places of the window on an image of this size; below one where it does not fit.

        >>> Window((2, 2)).output(4, 3), Window((2, 2), stride=(2, 2)).output(32, 32)
        ((3, 2), (16, 16))
        """
        padded = (height + sum(self.padding[0]), width + sum(self.padding[1]))
        return (
            (padded[0] - self.reach[0]) // self.stride[0] + 1,
            (padded[1] - self.reach[1]) // self.stride[1] + 1,
        )

    @property
    def places(self) -> tuple[Pair, ...]:
        """The points of the window, row by row, as distances from its first.

        >>> Window((2, 2), dilation=(1, 3)).places
        ((0, 0), (0, 3), (1, 0), (1, 3))
        """
        rows, columns = (range(0, n * d, d) for n, d in zip(self.size, self.dilation, strict=True))
        return tuple(itertools.product(rows, columns))


def same_padding(length: int, size: int, stride: int, dilation: int) -> Pair:
    """Pixels before and after so that the output has length ceil(length / stride); the odd one comes after.

    >>> same_padding(28, 5, 1, 1), same_padding(32, 3, 2, 1)
    ((2, 2), (0, 1))
    """
    total = max((-(-length // stride) - 1) * stride + (size - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2
