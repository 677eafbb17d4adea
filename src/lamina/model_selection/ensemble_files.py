"""Ensembles of networks: their members to a file and back; what they have in common stands there once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from lamina.errors import FileFormatError, SpecificationError
from lamina.estimators import NeuralEstimator
from lamina.files.checked import get, get_optional
from lamina.files.kind import Kind
from lamina.files.networks import KINDS as NETWORKS
from lamina.files.shelf import Arrays, Shelf
from lamina.model_selection.ensemble import EnsembleClassifier, EnsembleRegressor
from lamina.model_selection.ensemble_base import Ensemble
from lamina.model_selection.members import member_of

Plain = dict[str, Any]

FEATURES = ("@features", "@encoder")
COMMON = (*FEATURES, "@outcome")
"""Prefixes of the arrays that members may have in common: scales and encoding."""


def _write(ensemble: Ensemble, arrays: Arrays) -> Plain:
    """Members, each under a prefix of its own, then what the rows left out gave."""
    members = ensemble.estimators_
    if not isinstance(members[0], NeuralEstimator):
        raise SpecificationError(
            f"cannot save an ensemble of {type(members[0]).__name__}: a .lamina file holds networks alone. Use joblib.dump, and "
            "load such a file only where you trust its source."
        )
    first: Arrays = {}
    parts: Plain = {}
    written = []
    for place, member in enumerate(members):
        own: Arrays = {}
        plain = NETWORKS[type(member).__name__].write(member, own)
        if not place:
            first, parts = own, plain
        shared = [prefix for prefix in COMMON if place and _same(_below(own, prefix), _below(first, prefix))]
        kept = {name: array for name, array in own.items() if name.split("/")[0] not in shared}
        arrays |= {f"{_prefix(place)}/{name}": array for name, array in kept.items()}
        different = {name: item for name, item in plain.items() if not place or item != parts[name]}
        written.append({"seed": int(member.random_state), "shared": shared, "parts": different})
    return {"members": written, **_write_left_out(ensemble, arrays)}


def _read(ensemble: Any, plain: Plain, shelf: Shelf) -> None:
    """Set the members, and with them all that they know."""
    written = get(plain, "members", list, "file")
    model = ensemble._own_model()
    if not written or is_classifier(model) != is_classifier(ensemble):
        raise FileFormatError(
            f"the file's {type(ensemble).__name__} has {len(written)} members that are {model!r}: it was not saved by Lamina."
        )
    first = shelf.take_below(_prefix(0))
    parts = get(written[0], "parts", dict, "member 0")
    members: list[Any] = []
    for place, item in enumerate(written):
        where = f"member {place}"
        own = shelf.take_below(_prefix(place)) if place else first
        shared = get(item, "shared", list, where)
        for prefix in (prefix for prefix in COMMON if prefix in shared):
            own = own | _below(first, prefix)
        different = get(item, "parts", dict, where)
        member = member_of(model, get(item, "seed", int, where))
        _read_member(member, parts | different, own)
        if "features" not in different and set(FEATURES) <= set(shared):
            member.features_ = members[0].features_  # so that rows are encoded once for all
        members.append(member)
    ensemble._adopt(members, None)
    _read_left_out(ensemble, plain, shelf, len(members))


def _read_member(member: Any, plain: Plain, arrays: Arrays) -> None:
    if type(member).__name__ not in NETWORKS:  # the model is a parameter, and what the file says it is
        raise FileFormatError("the file's members are no networks: it was not saved by Lamina.")
    shelf = Shelf(arrays)
    NETWORKS[type(member).__name__].read(member, plain, shelf)
    shelf.check_empty()


def _write_left_out(ensemble: Any, arrays: Arrays) -> Plain:
    if not hasattr(ensemble, "oob_score_"):
        return {"oob_score": None}
    arrays["@left_out"] = np.asarray(getattr(ensemble, ensemble.left_out))
    arrays |= {f"@samples/{place}": rows for place, rows in enumerate(ensemble.estimators_samples_)}
    return {"oob_score": repr(ensemble.oob_score_)}


def _read_left_out(ensemble: Any, plain: Plain, shelf: Shelf, n_members: int) -> None:
    score = get_optional(plain, "oob_score", str, "file")
    if score is None:
        return
    try:
        ensemble.oob_score_ = float(score)
    except ValueError as error:
        raise FileFormatError(f"the file's oob_score {score!r} is no number.") from error
    setattr(ensemble, ensemble.left_out, shelf.take("@left_out"))
    ensemble.estimators_samples_ = [shelf.take(f"@samples/{place}", kinds="i") for place in range(n_members)]


def _prefix(place: int) -> str:
    return f"@member_{place}"


def _below(arrays: Arrays, prefix: str) -> Arrays:
    return {name: array for name, array in arrays.items() if name.startswith(f"{prefix}/")}


def _same(one: Arrays, other: Arrays) -> bool:
    """Whether arrays agree in name, type, shape and every bit."""

    def told(arrays: Arrays) -> Sequence[Any]:
        return [(name, array.dtype, array.shape, array.tobytes()) for name, array in sorted(arrays.items())]

    return told(one) == told(other)


KINDS: dict[str, Kind] = {
    kind.__name__: Kind(kind, _write, _read) for kind in (EnsembleRegressor, EnsembleClassifier)
}
