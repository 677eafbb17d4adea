"""What a fit keeps of its call, so that intervals can be asked for afterwards: references, never saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lamina.errors import SpecificationError

INDIFFERENT = ("verbose", "warm_start")
"""Parameters that change nothing in what a fit gives."""
NOT_SAVED = ("_learnt_from", "_answers")
"""Attributes that a pickle leaves out."""


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """The rows of a fit and the parameters at that time.

    Attributes
    ----------
    X, y
        As they were given: no copy.
    fit_params
        ``sample_weight``, ``X_val`` and ``y_val``.
    parameters
        Those of the estimator, by name.
    """

    X: Any
    y: Any
    fit_params: dict[str, Any]
    parameters: dict[str, Any]

    def check_unchanged(self, parameters: dict[str, Any]) -> None:
        """Raise SpecificationError if a parameter was set since: the model and its intervals would be of two kinds."""
        for name, value in parameters.items():
            if name not in INDIFFERENT and not _same(value, self.parameters[name]):
                raise SpecificationError(
                    f"{name} was set to {value!r} since the model was fitted with {self.parameters[name]!r}: call fit again, "
                    "so that model and intervals belong together."
                )


def _same(left: Any, right: Any) -> bool:
    """Whether two parameters are equal; arrays and what else has no plain equality only if they are one object."""
    if left is right:
        return True
    try:
        return bool(left == right)
    except ValueError:
        return False
