"""What the inputs and outputs of a fitted model are called."""

from __future__ import annotations

from typing import Any

import numpy as np


def input_names(model: Any, count: int) -> list[str]:
    """Names of the columns that a network is given: those of the encoded table, of the data frame, or x1, x2, …"""
    features = getattr(model, "features_", None)
    if features is not None and features.encoder is not None:
        names = [str(name) for name in features.encoder.get_feature_names_out()]
    elif features is not None and features.text is not None:
        names = [str(word) for word in getattr(features.text, "words_", ())]
    else:
        names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    return names if len(names) == count else [f"x{place + 1}" for place in range(count)]


def output_names(model: Any, count: int) -> list[str]:
    """Names of the output units: classes, that of a single unit being the second class, or y, or y1, y2, …"""
    classes = getattr(model, "classes_", None)
    if classes is not None and not isinstance(classes, list):
        if len(classes) == count:
            return [str(each) for each in np.asarray(classes)]
        if len(classes) == 2 and count == 1:
            return [str(classes[1])]
    return ["y"] if count == 1 else [f"y{place + 1}" for place in range(count)]
