"""Calibrations that intervals were asked for with: the networks of the folds and their scores, to a file and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone

from lamina.errors import FileFormatError
from lamina.estimators.calibration import Calibration, Recipe
from lamina.files.checked import get, get_optional
from lamina.files.learnt import Plain
from lamina.files.shelf import Arrays, Shelf
from lamina.files.values import decode, encode

Write = Callable[[Any, Arrays], Plain]
Read = Callable[[Any, Plain, Shelf], None]
OWN = ("loss", "random_state", "verbose", "warm_start")
"""Parameters in which the networks of the folds may differ from their model."""


def write_calibrations(estimator: Any, arrays: Arrays, write: Write) -> list[Plain]:
    """Every calibration made by a number of folds or by a split; those of a splitter, whose identity no file holds, stay out."""
    made = [
        calibration
        for calibration in estimator.__dict__.get("_calibrations", {}).values()
        if calibration.recipe.cv is None or isinstance(calibration.recipe.cv, (int, np.integer))
    ]
    return [
        _write(calibration, arrays, f"@calibration_{place}", write) for place, calibration in enumerate(made)
    ]


def read_calibrations(estimator: Any, plain: list[Plain], shelf: Shelf, read: Read) -> None:
    """Set what :func:`write_calibrations` wrote."""
    if not plain:
        return
    found = [_read(estimator, each, shelf, f"@calibration_{place}", read) for place, each in enumerate(plain)]
    estimator._calibrations = {calibration.recipe.key: calibration for calibration in found}


def _write(calibration: Calibration, arrays: Arrays, name: str, write: Write) -> Plain:
    recipe = calibration.recipe
    arrays |= {f"{name}/folds": calibration.folds, f"{name}/scores": calibration.scores}
    networks = []
    for place, network in enumerate(calibration.networks):
        learnt: Arrays = {}
        networks.append(
            {
                "parameters": {each: encode(getattr(network, each), each) for each in OWN},
                **write(network, learnt),
            }
        )
        arrays |= {f"{name}/network_{place}/{each}": array for each, array in learnt.items()}
    return {
        "cv": None if recipe.cv is None else int(recipe.cv),
        "holdout": recipe.holdout,
        "levels": encode(recipe.levels, "levels"),
        "networks": networks,
    }


def _read(estimator: Any, plain: Plain, shelf: Shelf, name: str, read: Read) -> Calibration:
    networks = []
    for place, each in enumerate(get(plain, "networks", list, "calibrations")):
        own = get(each, "parameters", dict, "calibrations")
        network = clone(estimator)
        for parameter in OWN:
            setattr(network, parameter, decode(own.get(parameter), parameter))
        inner = Shelf(shelf.take_below(f"{name}/network_{place}"))
        read(network, each, inner)
        inner.check_empty()
        networks.append(network)
    folds = shelf.take(f"{name}/folds", kinds="iu").astype(np.intp)
    scores = shelf.take(f"{name}/scores")
    if len(folds) != len(scores) or not networks or not ((folds >= 0) & (folds < len(networks))).all():
        raise FileFormatError(
            "the file's calibration names folds that it has not: it was not saved by Lamina."
        )
    levels = decode(plain.get("levels"), "levels")
    recipe = Recipe(
        get_optional(plain, "cv", int, "calibrations"), get(plain, "holdout", float, "calibrations"), levels
    )
    return Calibration(networks, folds, scores, recipe)
