"""To whom scikit-learn's metadata go: splitter, estimator, scorer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection._validation import _check_groups_routing_disabled
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, _routing_enabled, process_routing


@dataclass(frozen=True)
class Routed:
    """Keywords for ``split``, ``fit`` and the scorer."""

    split: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    score: dict[str, Any] = field(default_factory=dict)


def route(
    owner: str,
    estimator: Any,
    cv: Any,
    scorer: Any,
    params: dict[str, Any] | None,
    groups: Any,
    also: str | None = None,
) -> Routed:
    """Part ``params`` as scikit-learn does: all to ``fit``, or with metadata routing to whoever asked for them.

    Parameters
    ----------
    owner
        The function that was called, for messages.
    also
        Another method of the estimator that may take them.

    >>> from lamina import NeuralRegressor
    >>> route("cross_validate", NeuralRegressor(), None, None, {"sample_weight": [1, 2]}, None).fit
    {'sample_weight': [1, 2]}
    """
    _check_groups_routing_disabled(groups)
    params = params or {}
    if not _routing_enabled():
        return Routed({"groups": groups}, params)
    to_estimator = MethodMapping().add(caller="fit", callee="fit")
    if also is not None:
        to_estimator.add(caller="fit", callee=also)
    router = (
        MetadataRouter(owner=owner)
        .add(splitter=cv, method_mapping=MethodMapping().add(caller="fit", callee="split"))
        .add(estimator=estimator, method_mapping=to_estimator)
    )
    if scorer is not None:
        router.add(scorer=scorer, method_mapping=MethodMapping().add(caller="fit", callee="score"))
    try:
        routed = process_routing(router, "fit", **params)
    except UnsetMetadataPassedError as error:
        # The user did not call fit, of which the message speaks.
        raise UnsetMetadataPassedError(
            message=str(error).replace(f"{owner}.fit", owner),
            unrequested_params=error.unrequested_params,
            routed_params=error.routed_params,
        ) from None
    score = routed.scorer.score if scorer is not None else {}
    return Routed(routed.splitter.split, routed.estimator.fit, score)
