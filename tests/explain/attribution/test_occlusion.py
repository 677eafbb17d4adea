"""Occlusion is the difference that leaving an input out makes, asked one by one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from tests.explain.attribution.conftest import Known

from lamina.errors import SpecificationError
from lamina.explain import Occlusion, attribute


def test_a_column_is_replaced_by_the_backgrounds(regression: Known) -> None:
    model, X = regression
    found = attribute(model, X, Occlusion(background=X))
    for column in range(4):
        without = []
        for value in X[:, column]:
            changed = X.copy()
            changed[:, column] = value
            without.append(model.predict(changed))
        np.testing.assert_allclose(
            found.attributions[:, column], model.predict(X) - np.mean(without, axis=0), atol=1e-9
        )
    assert found.base_value is None


def test_a_linear_model_has_its_coefficients() -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = LinearRegression().fit(X, X @ [1.0, 2.0, 3.0])
    found = attribute(model, X, "occlusion")
    np.testing.assert_allclose(found.attributions, (X - X.mean(axis=0)) * [1, 2, 3], atol=1e-10)


def test_a_window_covers_an_image(pictures: Known) -> None:
    model, images = pictures
    found = attribute(model, images[:2], Occlusion(window=4, stride=4))
    z = model.decision_function(images[:2])
    for row, label in enumerate(z.argmax(axis=1)):
        for top in (0, 4):
            for left in (0, 4):
                covered = images[row : row + 1].copy()
                covered[:, top : top + 4, left : left + 4] = 0
                lost = z[row, label] - model.decision_function(covered)[0, label]
                np.testing.assert_allclose(
                    found.attributions[row, top : top + 4, left : left + 4], lost, atol=1e-9
                )
    assert attribute(model, images[0], "occlusion").attributions.shape == (1, 8, 8, 1)
    whole = attribute(model, images[:1], Occlusion(window=8))
    assert len(np.unique(whole.attributions.round(12))) == 1


def test_a_word_is_left_out(sequences: Known, bag: Known) -> None:
    found = attribute(sequences.model, ["a fine film"], "occlusion", target="good")
    text = sequences.model.features_.text
    words = [word for word in found.words[0] if word]  # type: ignore[index]
    assert words == ["a", "fine", "film"]
    assert text.length_ == 4
    assert found.attributions[0, 0] == 0
    found = attribute(bag.model, ["a fine film"], "occlusion", target="good")
    without = bag.model.decision_function(["a film"])[0]
    place = found.names.index("fine")  # type: ignore[union-attr]
    np.testing.assert_allclose(
        found.attributions[0, place], bag.model.decision_function(["a fine film"])[0] - without, rtol=1e-5
    )


def test_options_that_mean_nothing(pictures: Known) -> None:
    for options, words in [
        ({"window": 2, "stride": 3}, "would never be covered"),
        ({"stride": 2}, "give the window"),
        ({"window": (2, 3, 4)}, "two of them"),
        ({"window": 2, "stride": 0}, "stride must be a whole number"),
    ]:
        with pytest.raises(SpecificationError, match=words):
            Occlusion(**options)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="larger than the image, 8 × 8"):
        attribute(pictures.model, pictures.X, Occlusion(window=9))


def test_words_have_no_background(sequences: Known, bag: Known) -> None:
    for known in (sequences, bag):
        with pytest.raises(SpecificationError, match="an unknown word is left out"):
            attribute(known.model, known.X, Occlusion(background=["a"]))
