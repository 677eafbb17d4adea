"""Simple models of images: linear ones on the principal components of their standardised pixels."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from lamina.evaluation.splits import Sample

LARGEST = 64
"""Pixels of a side that linear models see: larger images are averaged over blocks."""
FEWEST, MOST, MOST_OF_MANY = 30, 100, 300
MANY = 10_000
SMALLEST_SCALE = 0.1
"""Of the root mean square of the pixels' standard deviations: what hardly varies is not blown up."""


class FlatPixels(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """One row of numbers from each image, 8-bit pixels divided by 255; ``largest`` averages larger images over blocks.

    >>> FlatPixels().fit_transform(np.full((1, 2, 2, 1), 51, np.uint8)).round(3)
    array([[0.2, 0.2, 0.2, 0.2]], dtype=float32)
    >>> FlatPixels(largest=1).fit_transform(np.arange(8.0).reshape(2, 2, 2)).tolist()
    [[1.5], [5.5]]
    """

    def __init__(self, largest: int | None = None) -> None:
        self.largest = largest

    def fit(self, X: Any, y: Any = None) -> Self:
        """Nothing is learnt."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: Any) -> NDArray[Any]:
        """Shape (n, numbers); 8-bit images become single precision."""
        X = np.asarray(X)
        if self.largest is not None:
            X = averaged(X, self.largest)
        flat = X.reshape(len(X), -1)
        return np.asarray(flat.astype(np.float32) / np.float32(255) if X.dtype == np.uint8 else flat)


def averaged(images: NDArray[Any], largest: int) -> NDArray[Any]:
    """Means over blocks of pixels, as many blocks a side as ``largest`` or fewer; small images as they are.

    >>> averaged(np.arange(6.0).reshape(1, 1, 6), 2).tolist()
    [[[1.0, 4.0]]]
    """
    steps = [-(-side // largest) for side in images.shape[1:3]]
    if max(steps) == 1:
        return images
    eight_bit = images.dtype == np.uint8
    found = images.astype(np.float32) / np.float32(255) if eight_bit else images
    for axis, step in enumerate(steps, start=1):
        starts = np.arange(0, found.shape[axis], step)
        sizes = np.diff(np.append(starts, found.shape[axis])).astype(found.dtype)
        sums = np.add.reduceat(found, starts, axis=axis)
        found = sums / sizes.reshape(-1, *[1] * (sums.ndim - axis - 1))
    return found


class PixelComponents(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""The leading principal components of standardised pixels, all divided by one number.

    Pixels :math:`z = (x - \bar x)/s`, learnt on the training images; z V with the K leading right singular vectors V of the
    training rows, K being a tenth of the images within 30 to 100 (300 from 10,000 images on), and no more than there are.
    A ridge on them is a ridge on the pixels that leaves the smallest components out.

    Examples
    --------
    >>> images = np.random.default_rng(0).normal(size=(50, 6, 6))
    >>> components = PixelComponents().fit_transform(images)
    >>> components.shape, round(float(np.mean(components**2)), 3)
    ((50, 30), 1.0)
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn means, scales and directions from the training images."""
        self._learn(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **_: Any) -> NDArray[np.float64]:
        """Learn, and give the components of the training images, shape (n, K)."""
        return self._learn(X)

    def transform(self, X: Any) -> NDArray[np.float64]:
        """The components of images, shape (n, K)."""
        flat = FlatPixels(LARGEST).transform(X)
        found = self.pca_.transform((flat - self.mean_) / self.scale_)
        return np.asarray(found, dtype=np.float64) / self.size_

    def _learn(self, X: Any) -> NDArray[np.float64]:
        from sklearn.decomposition import PCA

        flat = FlatPixels(LARGEST).transform(X)
        self.mean_, deviations = flat.mean(axis=0), flat.std(axis=0)
        usual = float(np.sqrt(np.mean(np.square(deviations)))) or 1.0
        self.scale_ = np.maximum(deviations, SMALLEST_SCALE * usual)
        self.pca_ = PCA(how_many(*flat.shape), random_state=0)
        with np.errstate(invalid="ignore"):  # shares of no variance at all, where all images are alike
            found = np.asarray(self.pca_.fit_transform((flat - self.mean_) / self.scale_), dtype=np.float64)
        self.size_ = float(np.sqrt(np.mean(np.square(found)))) or 1.0
        return found / self.size_


def how_many(images: int, pixels: int) -> int:
    """Components for so many images of so many pixels.

    >>> [how_many(images, 784) for images in (20, 200, 800, 5_000, 48_000)]
    [19, 30, 80, 100, 300]
    """
    most = MOST if images < MANY else MOST_OF_MANY
    return max(1, min(images - 1, pixels, max(FEWEST, min(images // 10, most))))


def make_shrunken_lda(_: Sample, __: int | None) -> Any:
    """Linear discriminant analysis with the covariance shrunk by Ledoit and Wolf's amount."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
