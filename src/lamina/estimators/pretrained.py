"""A network that was trained elsewhere as a transformer: images to vectors of numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError, DataError, FileFormatError, SpecificationError
from lamina.estimators.checks import draw_seed
from lamina.layers.base import Shape, check_positive_integer
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense
from lamina.networks.pretrained import imagenet_classes, pretrained_network, read_tensors, top_classes
from lamina.networks.pretrained.tensors import is_model_file
from lamina.training import predict

if TYPE_CHECKING:
    import pandas as pd

MARGIN = 256 / 224
"""How much larger than wanted a photograph is scaled before its centre is cut out, as published networks were tested."""
TOGETHER = 128
"""Images that are scaled at a time."""


class Pretrained(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Features of images by a network that was trained elsewhere: its last hidden layer, one vector an image.

    A transformer: ``make_pipeline(Pretrained("resnet50", weights=path), LogisticRegression())`` learns new classes
    from a few hundred photographs. Nothing of the network is changed.

    Parameters
    ----------
    network : {"resnet18", "resnet34", "resnet50"} or None
        Which; their features are 512, 512 and 2,048 numbers. None: the one that a ``.lamina`` file holds.
    weights : path, optional
        A safetensors file in the naming of torchvision and timm, or, without ``network``, a ``.lamina`` file. None draws random
        weights from ``random_state``: features that know nothing, to compare with.
    trainable : bool, default False
        False only: to train the network as well, see ``weights=`` of :class:`lamina.NeuralClassifier`.
    size : int, default 224
        Side of the images that the network sees. Photographs of another size are scaled to 256/224 of it, and their centre is
        cut out. Smaller takes less time.
    random_state : int, RandomState or None
        For random weights.
    verbose : bool, optional
        Progress bar: True, False, or None for one that appears when it takes long.

    Attributes
    ----------
    network_
        The network; its output layer too where the file has one.
    parameters_, state_
        Its weights and running statistics, by path.
    n_features_out_
        Numbers of a vector.

    Images are 8-bit arrays (n, h, w, 3), or of one channel, which is repeated; numbers in [0, 1]; a list of arrays of
    several sizes; or a folder, a path or a list of paths.

    Source: Donahue et al., "DeCAF: a deep convolutional activation feature for generic visual recognition", 2014.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 256, (3, 40, 60, 3), dtype=np.uint8)
    >>> Pretrained("resnet18", size=32, random_state=0).fit_transform(images).shape
    (3, 512)
    """

    def __init__(
        self,
        network: str | None = "resnet50",
        *,
        weights: Any = None,
        trainable: bool = False,
        size: int = 224,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.network = network
        self.weights = weights
        self.trainable = trainable
        self.size = size
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Read the weights. The images are not looked at.

        Raises
        ------
        FileAccessError, FileFormatError
            If the file cannot be read, or its tensors are not those of the network; all that do not fit are named.
        SpecificationError
            For an unknown network.
        """
        if self.trainable:
            raise SpecificationError(
                "Pretrained(trainable=True): a transformer changes nothing. To train on from pretrained weights, give them to a "
                f"network: NeuralClassifier(pretrained_layers({self.network!r}), weights={self.weights!r})."
            )
        check_positive_integer("Pretrained", "size", self.size)
        if self.network is None:
            self._take_model()
        else:
            self._take_published()
        body = Sequential(self.network_.layers[:-1]) if self.has_output_ else self.network_
        self.body_ = body
        self.n_features_out_ = int(np.prod(body.output_shape(self.input_shape_)))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The features of images, shape (n, features), single precision."""
        check_is_fitted(self)
        blocks = [self._output(self.body_, block) for block in self._blocks(X)]
        features: np.ndarray = np.concatenate(blocks).reshape(-1, self.n_features_out_)
        return features

    def classify(self, X: Any, top: int = 5) -> pd.DataFrame:
        """The likeliest of ImageNet's classes for each image; needs no ``fit``, and a file with an output layer.

        Returns
        -------
        A frame with a row for each image and rank: ``image`` (its path, or its place), ``rank``, ``class``, ``probability``.

        Raises
        ------
        SpecificationError
            If there is no output layer to classify with.
        """
        import pandas as pd

        check_positive_integer("classify", "top", top, 5)
        if not self.__sklearn_is_fitted__():
            self.fit(X)
        names = self._class_names()
        paths = _paths(X)
        found: list[list[tuple[str, float]]] = []
        for block in self._blocks(X if paths is None else paths):
            found += top_classes(self._output(self.network_, block), names, top)
        rows = [
            (image if paths is None else os.fspath(paths[image]), rank, name, probability)
            for image, guesses in enumerate(found)
            for rank, (name, probability) in enumerate(guesses, 1)
        ]
        return pd.DataFrame(rows, columns=["image", "rank", "class", "probability"])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """``resnet50_0``, ``resnet50_1``, …"""
        check_is_fitted(self)
        name = self.network or "network"
        return np.asarray([f"{name}_{place}" for place in range(self.n_features_out_)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "body_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = True
        return tags

    def _take_published(self) -> None:
        """The network of that name with the weights of a file, or random ones."""
        self.input_shape_: Shape = (int(self.size), int(self.size), 3)
        if self.weights is not None and is_model_file(self.weights):
            raise SpecificationError(
                f"weights={os.fspath(self.weights)!r} is a Lamina model, which holds its own network: give network=None."
            )
        tensors = None if self.weights is None else read_tensors(self.weights)
        rng = np.random.default_rng(draw_seed(self.random_state))
        source = "" if self.weights is None else os.fspath(self.weights)
        self.network_, (self.parameters_, self.state_) = pretrained_network(
            str(self.network), tensors, self.input_shape_, rng, source
        )
        self.has_output_ = isinstance(self.network_.layers[-1], Dense)

    def _take_model(self) -> None:
        """The network of a model that Lamina saved."""
        from lamina.files import load

        if self.weights is None:
            raise ArgumentTypeError(
                "Pretrained(None) takes the network of a .lamina file: give weights=path."
            )
        model = load(self.weights)
        shape = getattr(model, "input_shape_", ())
        if not hasattr(model, "fitted_") or not 2 <= len(shape) <= 3:
            raise SpecificationError(
                f"weights={os.fspath(self.weights)!r} holds a {type(model).__name__} that takes no images: give the file of a "
                "network that was fitted on images."
            )
        self.input_shape_, self.network_ = tuple(shape), model.network_
        self.parameters_, self.state_ = model.fitted_.parameters, model.fitted_.state
        self.has_output_ = True

    def _output(self, network: Sequential, images: np.ndarray) -> np.ndarray:
        return predict(network, self.parameters_, self.state_, images)

    def _blocks(self, X: Any) -> Iterator[np.ndarray]:
        """Images as the network takes them, some at a time; a bar shows how many are through."""
        from lamina.data.images.progress import PictureBar

        height, width, channels = (*self.input_shape_, 1)[:3]
        whole = (height, width, channels)
        paths = _paths(X)
        items = _arrays(X) if paths is None else paths
        with PictureBar(len(items), self.verbose, "features of pictures") as bar:
            for first in range(0, len(items), TOGETHER):
                block = items[first : first + TOGETHER]
                made = _of_arrays(block, whole) if paths is None else _of_files(items, first, whole)
                yield made if len(self.input_shape_) == 3 else made[..., 0]
                bar.advance(len(block))

    def _class_names(self) -> tuple[str, ...]:
        if self.network is None or not self.has_output_:
            given = "a model of Lamina's" if self.network is None else "no output layer (fc.weight, fc.bias)"
            raise SpecificationError(
                f"classify needs published weights with an output layer, and these have {given}: use transform, or "
                "lamina.load(path).predict for a model of your own."
            )
        units = int(self.network_.output_shape(self.input_shape_)[0])
        names = imagenet_classes()
        return names if units == len(names) else tuple(f"class {place}" for place in range(units))


def _paths(X: Any) -> Any:
    """The picture files that X names, None where it holds arrays."""
    from lamina.data.images import is_image_source
    from lamina.data.images.sources import list_images

    return list_images(X, labelled=False).paths if is_image_source(X) else None


def _arrays(X: Any) -> Any:
    """Images as one array, or as a list where their sizes differ; checked."""
    from lamina.data.images import Images
    from lamina.data.images.arrays import CHANNELS, check_images

    if isinstance(X, Images):
        return X.pixels
    several = isinstance(X, (list, tuple)) or (isinstance(X, np.ndarray) and X.dtype == object)
    if several and len({np.shape(image) for image in X}) > 1:
        return [_arrays(np.asarray(image)[None])[0] for image in X]
    x = np.asarray(X)
    if x.ndim == 3 and x.shape[-1] in CHANNELS:
        raise DataError(
            f"X has shape {x.shape}, which is one image: give X[None], or several, (n, height, width, channels)."
        )
    x = check_images(x, certain=True)
    if x.ndim not in (3, 4) or x.dtype.kind not in "uif" or not len(x):
        raise DataError(
            f"Pretrained takes images, shape (n, height, width, channels) or (n, height, width), or paths, and was given "
            f"{type(X).__name__} of shape {x.shape} and type {x.dtype}."
        )
    if x.dtype != np.uint8:
        x = x.astype(np.float32)
        if not np.isfinite(x).all() or x.min() < -0.5 or x.max() > 1.5:
            raise DataError(
                f"images of type {np.asarray(X).dtype} must be finite numbers in [0, 1], and these go from {x.min():g} to "
                f"{x.max():g}: give them as uint8, or divided by 255."
            )
    return x


def _of_arrays(block: Any, shape: tuple[int, int, int]) -> np.ndarray:
    from lamina.data.images.resizing import centred

    if isinstance(block, np.ndarray):
        return centred(block, shape, MARGIN)
    return np.concatenate([centred(image[None], shape, MARGIN) for image in block])


def _of_files(paths: Any, first: int, shape: tuple[int, int, int]) -> np.ndarray:
    """Some pictures decoded whole and scaled as arrays are; of damaged ones all that follow are told at once."""
    from lamina.data.images.reading import attempt

    with ThreadPoolExecutor() as pool:
        done = list(
            pool.map(
                lambda path: attempt(partial(_of_file, shape=shape), path), paths[first : first + TOGETHER]
            )
        )
        images = [image for image, _ in done if image is not None]
        if len(images) == len(done):
            return np.stack(images)
        rest = pool.map(
            lambda path: attempt(partial(_of_file, shape=shape), path)[1], paths[first + TOGETHER :]
        )
        raise _damaged(paths, first, [*(trouble for _, trouble in done), *rest])


def _damaged(paths: Any, first: int, troubles: list[str]) -> FileFormatError:
    """An error that names the pictures in trouble, the first five."""
    from lamina.data.images.sources import named

    which = [f"{path} ({trouble})" for path, trouble in zip(paths[first:], troubles, strict=True) if trouble]
    return FileFormatError(
        f"{len(which)} of {len(paths)} pictures cannot be read: {named(which)}. Mend or remove them, or leave them out: "
        "lamina.data.images.read_images(…, on_error='skip')."
    )


def _of_file(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    from lamina.data.images.decoding import decode
    from lamina.data.images.headers import Target, look
    from lamina.data.images.resizing import centred

    header = look(path)
    pixels = decode(path, Target(header.height, header.width, 1 if shape[2] == 1 else 3))
    image: np.ndarray = centred(pixels[None], shape, MARGIN)[0]
    return image
