"""The tensors of a safetensors file by name; what is something else is refused, a pickle with the way out."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from lamina.errors import ArgumentTypeError, FileAccessError, FileFormatError

Tensors = dict[str, np.ndarray]
MODEL_FILE = "lamina"
"""The entry of a header that only Lamina's own model files have."""


def read_tensors(path: str | os.PathLike[str]) -> Tensors:
    """Every tensor of a file as NumPy arrays in single precision (double stays double); whole numbers as they are.

    Raises
    ------
    FileAccessError
        If there is no such file, or it cannot be read.
    FileFormatError
        If it is damaged, not safetensors, or a pickle (``.pth``), which could run code: it is not opened.

    Source: the format, https://github.com/huggingface/safetensors.

    >>> read_tensors("nowhere.safetensors")
    Traceback (most recent call last):
    lamina.errors.FileAccessError: there is no file nowhere.safetensors with weights: check its name and folder.
    """
    file = as_path(path)
    start = _first_bytes(file)
    if _is_pickle(file, start):
        raise _pickled(file)
    try:
        with safe_open(file, framework="numpy") as opened:
            return {name: _single(opened.get_tensor(name)) for name in opened.keys()}  # noqa: SIM118
    except OSError as error:
        raise FileAccessError(f"cannot read {file}: {error.strerror or error}.") from error
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileFormatError(
            f"{file} is no safetensors file, or it is damaged ({file.stat().st_size:,} bytes are there): copy it again from "
            "where it came, or give the file of weights that ends in .safetensors."
        ) from error


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a model that Lamina saved."""
    try:
        with safe_open(as_path(path), framework="numpy") as opened:
            return MODEL_FILE in (opened.metadata() or {})
    except (OSError, SafetensorError):
        return False


def as_path(path: str | os.PathLike[str]) -> Path:
    """The path, if it can be one."""
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise ArgumentTypeError(f"weights={path!r}: give the name of a file, such as 'resnet50.safetensors'.")
    return Path(path)


def _single(tensor: np.ndarray) -> np.ndarray:
    """Half precisions are widened; bfloat16 is no float to NumPy, but a void or a type of its own."""
    return tensor if tensor.dtype.kind in "iub" or tensor.dtype == np.float64 else tensor.astype(np.float32)


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder; name the .safetensors file in it")
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError as error:
        raise FileAccessError(f"there is no file {path} with weights: check its name and folder.") from error
    except OSError as error:
        raise FileAccessError(f"cannot read {path}: {error.strerror or error}.") from error
    if not start:
        raise FileFormatError(f"{path} is empty: copy it again from where it came.")
    return start


def _is_pickle(path: Path, start: bytes) -> bool:
    """Whether it is what torch.save writes: a zip with a pickle inside, or, before 2020, a bare one."""
    if start.startswith(b"PK") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    return start[0] == 0x80 and 2 <= start[1] <= 5


def _pickled(path: Path) -> FileFormatError:
    return FileFormatError(
        f"{path} is a pickle, as torch.save writes: opening one can run code that is hidden in it, so Lamina does not. "
        "Where it was published, the same weights are often there as .safetensors. Else, and only where you trust its source, "
        "convert it once: import torch; from safetensors.torch import save_file; "
        f"save_file(torch.load('{path.name}', weights_only=True), '{path.stem}.safetensors')."
    )
