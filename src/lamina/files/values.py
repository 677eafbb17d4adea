"""Parameters and value objects to JSON-able values and back, by the closed table of :mod:`lamina.files.registry`.

Text, whole numbers, truth values, None and lists are themselves; a finite number keeps every digit. All else is an
object with a ``type``:

================================  =============================================================
``{"type": "tuple"}``             ``items``, a list
``{"type": "dict"}``              ``items``, a list of pairs
``{"type": "number"}``            ``value``: "nan", "inf" or "-inf"
``{"type": "function"}``          ``name``, such as "activations.relu" or "optax.lion"
``{"type": "layers.Dense"}``      ``fields`` by name; likewise every other value object
================================  =============================================================
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optax

from lamina.errors import FileFormatError, LaminaError, SpecificationError
from lamina.files.checked import get
from lamina.files.registry import class_of, function_name, function_of, name_of
from lamina.layers.base import Layer
from lamina.training.losses import FunctionLoss

Plain = Any


def encode(value: Any, where: str) -> Plain:
    """A JSON-able form of ``value``, which stands at ``where``.

    Raises
    ------
    SpecificationError
        If it, or something inside it, cannot be written; the message names it and says what to do.

    >>> from lamina.layers import Dropout
    >>> encode((Dropout(0.25),), "layers")
    {'type': 'tuple', 'items': [{'type': 'layers.Dropout', 'fields': {'rate': 0.25}}]}
    >>> encode(lambda z: z, "activation")
    Traceback (most recent call last):
    lamina.errors.SpecificationError: cannot save activation=<lambda>: ...
    """
    plain = _encode(value, where)
    try:
        same = _encode(decode(plain, where), where) == plain
    except LaminaError:
        same = False
    if not same:
        raise SpecificationError(
            f"cannot save {where}={_shown(value)}: made again from its fields it is not the same. Let the constructor of "
            "a class of your own take its fields by name, as they are."
        )
    return plain


def _encode(value: Any, where: str) -> Plain:
    if isinstance(value, np.generic):
        value = value.item()
    for kind, write in _WRITERS:
        if isinstance(value, kind) and not _is_named_tuple(value):
            return write(value, where)
    name = name_of(type(value))
    if name is not None:
        return _encode_object(value, name, where)
    name = function_name(value) if callable(value) and not isinstance(value, type) else None
    if name is not None:
        return {"type": "function", "name": name}
    raise SpecificationError(f"cannot save {where}={_shown(value)}: {_remedy(value)}.")


def decode(plain: Plain, where: str) -> Any:
    """The value that :func:`encode` wrote.

    Raises
    ------
    FileFormatError
        If it is none that this version knows.

    >>> decode({"type": "penalties.Penalty", "fields": {"l1": 0.0, "l2": 0.5, "output": True}}, "penalty")
    Penalty(l2=0.5)
    """
    if plain is None or isinstance(plain, (bool, int, float, str)):
        return plain
    if isinstance(plain, list):
        return [decode(item, f"{where}[{k}]") for k, item in enumerate(plain)]
    kind = get(plain, "type", str, where)
    if kind in _READERS:
        return _READERS[kind](plain, where)
    return _decode_object(class_of(kind), plain, where)


def _encode_object(value: Any, name: str, where: str) -> Plain:
    own = [item.name for item in dataclasses.fields(value) if item.init and not _left_out(value, item)]
    return {
        "type": name,
        "fields": {field: _encode(getattr(value, field), f"{where}.{field}") for field in own},
    }


def _left_out(value: Any, item: dataclasses.Field[Any]) -> bool:
    """Whether a field goes without saying: every layer can be trained unless it says otherwise."""
    return isinstance(value, Layer) and item.name == "trainable" and value.trainable


def _decode_object(kind: type[Any], plain: Plain, where: str) -> Any:
    written = get(plain, "fields", dict, where)
    fields = {name: decode(item, f"{where}.{name}") for name, item in written.items()}
    known = {item.name for item in dataclasses.fields(kind) if item.init}
    if set(fields) - known:
        raise FileFormatError(
            f"{where}: {kind.__name__} has {sorted(set(fields) - known)} in the file, which this version does not "
            "know: update with pip install --upgrade lamina."
        )
    try:
        return kind(**fields)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        raise FileFormatError(f"{where}: the file's {kind.__name__} cannot be made: {error}") from error


def _encode_number(value: float, where: str) -> Plain:
    return float(value) if math.isfinite(value) else {"type": "number", "value": str(float(value))}


def _encode_items(value: Any, where: str) -> Plain:
    return [_encode(item, f"{where}[{k}]") for k, item in enumerate(value)]


def _encode_dict(value: Mapping[Any, Any], where: str) -> Plain:
    pairs = [[_encode(key, where), _encode(item, f"{where}[{key!r}]")] for key, item in value.items()]
    return {"type": "dict", "items": pairs}


_WRITERS: tuple[tuple[Any, Callable[[Any, str], Plain]], ...] = (
    (type(None), lambda value, where: None),
    (bool, lambda value, where: value),
    (int, lambda value, where: int(value)),
    (str, lambda value, where: str(value)),
    (float, _encode_number),
    (list, _encode_items),
    (tuple, lambda value, where: {"type": "tuple", "items": _encode_items(value, where)}),
    (dict, _encode_dict),
)


def _decode_tuple(plain: Plain, where: str) -> tuple[Any, ...]:
    return tuple(decode(get(plain, "items", list, where), where))


def _decode_dict(plain: Plain, where: str) -> dict[Any, Any]:
    pairs = decode(get(plain, "items", list, where), where)
    try:
        return {key: item for key, item in pairs}  # noqa: C416 (dict() would take pairs of any kind)
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"{where}: the file's table of pairs cannot be read: {error}") from error


def _decode_number(plain: Plain, where: str) -> float:
    text = get(plain, "value", str, where)
    if text not in ("nan", "inf", "-inf"):
        raise FileFormatError(f"{where}: {text!r} is no number.")
    return float(text)


_READERS: dict[str, Callable[[Plain, str], Any]] = {
    "tuple": _decode_tuple,
    "dict": _decode_dict,
    "number": _decode_number,
    "function": lambda plain, where: function_of(get(plain, "name", str, where)),
}


def _is_named_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _shown(value: Any) -> str:
    name = getattr(value, "__name__", None)
    return str(name) if name is not None else " ".join(repr(value).split())[:100]


_OWN_FUNCTION = (
    "a function of your own cannot be written, since reading a file never executes code. Use a named one, or put it in "
    "a layer or loss of your own and call lamina.files.register with its class"
)


def _remedy(value: Any) -> str:
    """What to do about a value that is not in the table."""
    if isinstance(value, optax.GradientTransformation):
        return (
            "an optax transformation is made of functions, which a file cannot hold. Give the factory with its "
            "keywords, such as Optax(optax.lion, learning_rate=1e-4)"
        )
    if isinstance(value, FunctionLoss):
        return _OWN_FUNCTION
    if isinstance(value, type) or dataclasses.is_dataclass(value):
        kind = value if isinstance(value, type) else type(value)
        return (
            f"{kind.__name__} is not a class that files know. Call lamina.files.register({kind.__name__}) before "
            "saving and before loading, if it is a layer or another value object of your own"
        )
    if callable(value):
        return _OWN_FUNCTION
    return "give numbers, text, lists or Lamina's value objects"
