"""The closed table of what a model file may name: value objects and functions, each under a name that never changes.

A file holds names alone, and a name means what this table says: nothing is imported because a file asks for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import optax

from lamina import layers, training
from lamina.errors import ArgumentTypeError, FileFormatError, SpecificationError
from lamina.layers import ACTIVATIONS, initializers
from lamina.layers.values import Specification
from lamina.networks import encoder_decoder, transformer
from lamina.training import optimizers, schedules

FAMILIES: dict[str, tuple[type[Specification], ...]] = {
    "layers": (
        layers.Activation,
        layers.AveragePool1D,
        layers.AveragePool2D,
        layers.Bidirectional,
        layers.BatchNorm,
        layers.Brightness,
        layers.CategoryEmbedding,
        layers.Contrast,
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv2DTranspose,
        layers.Crop,
        layers.Cutout,
        layers.Dense,
        layers.Dropout,
        layers.FeedForward,
        layers.Flatten,
        layers.Embedding,
        layers.EmbeddingBag,
        layers.GRU,
        layers.GaussianNoise,
        layers.GlobalAveragePool,
        layers.GlobalMaxPool,
        layers.HorizontalFlip,
        layers.LSTM,
        layers.LayerNorm,
        layers.LeakyReLU,
        layers.LearnedPositions,
        layers.MaxPool1D,
        layers.MaxPool2D,
        layers.MultiHeadAttention,
        layers.ParametricActivation,
        layers.PositionalEncoding,
        layers.Residual,
        layers.Rotate,
        layers.Scale,
        layers.Sequential,
        layers.Shear,
        layers.Shift,
        layers.Shortcut,
        layers.SimpleRNN,
        layers.Standardize,
        layers.TimeDistributed,
        layers.TransformerBlock,
        layers.UpSample,
        layers.VerticalFlip,
        layers.Warp,
        layers.Zoom,
    ),
    "networks": (encoder_decoder.RecurrentEncoderDecoder, transformer.TransformerEncoderDecoder),
    "initializers": (
        initializers.Constant,
        initializers.He,
        initializers.LeCun,
        initializers.Normal,
        initializers.Orthogonal,
        initializers.Uniform,
        initializers.Xavier,
        initializers.Zeros,
    ),
    "penalties": (layers.Penalty,),
    "losses": (
        training.AbsoluteError,
        training.HalfSquaredError,
        training.BinaryCrossEntropy,
        training.CategoricalCrossEntropy,
        training.Gamma,
        training.Hinge,
        training.Huber,
        training.Poisson,
        training.Quantile,
        training.SequenceCrossEntropy,
        training.SquaredError,
    ),
    "optimizers": (
        optimizers.LBFGS,
        optimizers.SGD,
        optimizers.AdaGrad,
        optimizers.Adam,
        optimizers.AdamW,
        optimizers.GradientDescent,
        optimizers.Momentum,
        optimizers.Nesterov,
        optimizers.Optax,
        optimizers.RMSProp,
    ),
    "schedules": (
        schedules.Constant,
        schedules.Cosine,
        schedules.CosineWaves,
        schedules.Exponential,
        schedules.InverseScaling,
        schedules.Step,
        schedules.WarmUp,
    ),
    "stopping": (training.EarlyStopping,),
}
"""Every value object of Lamina that can be saved, by family, since two families may share a name."""

_KNOWN: dict[str, type[Any]] = {
    f"{family}.{kind.__name__}": kind for family, kinds in FAMILIES.items() for kind in kinds
}
_NAMES: dict[type[Any], str] = {kind: name for name, kind in _KNOWN.items()}
OWN = "own"
"""The family of the classes that users register."""

Kind = TypeVar("Kind", bound=type[Any])


def register(kind: Kind) -> Kind:
    """Let models with your own layer (loss, optimizer, initialiser, …) be saved and loaded.

    Call it once after the class is defined, in the script that saves and in the one that loads; it can stand as a
    decorator above ``@dataclass(frozen=True)``. The file holds the name of the class and its fields, never its code.

    Parameters
    ----------
    kind
        A frozen dataclass derived from one of Lamina's, such as :class:`lamina.layers.Layer`, whose fields are
        numbers, text, tuples or value objects.

    Raises
    ------
    ArgumentTypeError
        If it is no such class.
    SpecificationError
        If another class is registered under that name.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from lamina.layers.base import ParameterFreeLayer
    >>> @register
    ... @dataclass(frozen=True)
    ... class Doubling(ParameterFreeLayer):
    ...     def output_shape(self, input_shape):
    ...         return input_shape
    ...     def apply(self, parameters, state, x, context):
    ...         return 2 * x, state
    >>> name_of(Doubling)
    'own.Doubling'
    """
    _check_kind(kind)
    name = f"{OWN}.{kind.__name__}"
    known = _KNOWN.get(name)
    if known is not None and (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
        raise SpecificationError(
            f"a class {kind.__name__} of module {known.__module__} is registered already and {kind.__module__} has "
            "another: files tell them apart by name, so rename one."
        )
    _KNOWN[name] = kind
    _NAMES[kind] = name
    return kind


def name_of(kind: type[Any]) -> str | None:
    """The name of a class in files; None if it cannot stand in one.

    >>> from lamina.layers import Dense
    >>> name_of(Dense), name_of(dict)
    ('layers.Dense', None)
    """
    return _NAMES.get(kind)


def class_of(name: str) -> type[Any]:
    """The class behind a name.

    Raises
    ------
    FileFormatError
        If there is none.

    >>> class_of("layers.Convolution9D")
    Traceback (most recent call last):
    lamina.errors.FileFormatError: the file holds a value of type 'layers.Convolution9D', ...
    """
    if name in _KNOWN:
        return _KNOWN[name]
    family, _, own = name.partition(".")
    remedy = (
        f"define {own} and call lamina.files.register({own}) before loading"
        if family == OWN
        else "it was saved by a newer version; update with pip install --upgrade lamina"
    )
    raise FileFormatError(f"the file holds a value of type {name!r}, which is not known here: {remedy}.")


def function_name(function: Callable[..., Any]) -> str | None:
    """The name of a function in files; None if it is not one of Lamina's activations or optax's optimizers.

    >>> function_name(optax.lion), function_name(lambda z: z)
    ('optax.lion', None)
    """
    for name, known in ACTIVATIONS.items():
        if function is known:
            return f"activations.{name}"
    name = getattr(function, "__name__", "")
    return f"optax.{name}" if _optax_factory(name) is function else None


def function_of(name: str) -> Callable[..., Any]:
    """The function behind a name; FileFormatError if there is none."""
    family, _, own = name.partition(".")
    find = _FUNCTIONS.get(family)
    found = None if find is None else find(own)
    if found is None:
        raise FileFormatError(
            f"the file names the function {name!r}, which is not known here: it was saved with a newer version of "
            "Lamina or optax; update with pip install --upgrade lamina optax."
        )
    return found


def _optax_factory(name: str) -> Callable[..., Any] | None:
    """A public function of optax that makes an optimizer; no other can be named."""
    found: Any = None if name.startswith("_") else getattr(optax, name, None)
    if not inspect.isfunction(found):
        return None
    gives = inspect.signature(found).return_annotation
    return found if "GradientTransformation" in str(gives) else None


_FUNCTIONS: dict[str, Callable[[str], Callable[..., Any] | None]] = {
    "activations": ACTIVATIONS.get,
    "optax": _optax_factory,
}


def _check_kind(kind: Any) -> None:
    if not isinstance(kind, type) or not issubclass(kind, Specification):
        raise ArgumentTypeError(
            f"register takes a class derived from lamina.layers.Layer, or another of Lamina's value objects, and was "
            f"given {kind!r}."
        )
    # Its base is a frozen dataclass too: the class itself must be one.
    parameters = vars(kind).get("__dataclass_params__")
    if parameters is None or not parameters.frozen:
        raise ArgumentTypeError(
            f"register({kind.__name__}): write @dataclass(frozen=True) above the class, below @register."
        )
