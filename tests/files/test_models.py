"""What is no model of Lamina's is refused when saving; what no Lamina wrote is refused when loading."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from safetensors import safe_open
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lamina
from lamina import NeuralClassifier, NeuralRegressor, load, save
from lamina.errors import ArgumentTypeError, FileFormatError, SpecificationError
from lamina.files import register
from lamina.files.container import Content
from lamina.files.models import from_content, to_content
from lamina.layers import Dense
from lamina.layers.base import Layer, ParameterFreeLayer
from lamina.layers.values import Specification
from lamina.training import Loss

FILE = "model.lamina"


def test_an_unfitted_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        NeuralRegressor().save(tmp_path / FILE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (make_pipeline(StandardScaler(), NeuralRegressor()), r"\.Pipeline: save its network, pipeline\[-1\]"),
        (LinearRegression(), r"takes a fitted NeuralRegressor or NeuralClassifier.*\.LinearRegression"),
        (NeuralRegressor, r"was given .*\.NeuralRegressor"),
        (None, "NoneType"),
        (MLPRegressor(), r"sklearn\..*\.MLPRegressor"),
    ],
    ids=["pipeline", "linear", "class", "none", "perceptron"],
)
def test_what_is_no_network_is_refused(estimator: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        save(estimator, tmp_path / FILE)


def test_a_search_and_a_class_derived_from_ours_are_refused(
    regressor: NeuralRegressor, tmp_path: Path
) -> None:
    search = GridSearchCV(regressor, {})
    search.best_estimator_ = regressor
    with pytest.raises(ArgumentTypeError, match=r"\.GridSearchCV: save its best_estimator_"):
        save(search, tmp_path / FILE)
    mine = copy.copy(regressor)
    mine.__class__ = type("Mine", (NeuralRegressor,), {})
    with pytest.raises(ArgumentTypeError, match="Mine"):
        save(mine, tmp_path / FILE)


@pytest.mark.parametrize("path", [None, 3, "", b""])
def test_a_path_that_is_none_is_refused(path: Any, regressor: NeuralRegressor) -> None:
    with pytest.raises(ArgumentTypeError, match="give the name of a file"):
        save(regressor, path)
    with pytest.raises(ArgumentTypeError, match="give the name of a file"):
        load(path)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"layers": [Dense(3, lambda z: z)]}, r"cannot save layers\[0\]\.activation=<lambda>"),
        ({"loss": lambda z, y: (y - z) ** 2}, "cannot save loss=<lambda>"),
    ],
    ids=["activation", "loss"],
)
def test_functions_of_the_users_are_refused_and_nothing_is_written(
    parameters: dict[str, Any], words: str, x: np.ndarray, y: np.ndarray, tmp_path: Path
) -> None:
    model = NeuralRegressor(**parameters, epochs=1).fit(x, y)
    with pytest.raises(SpecificationError, match=words):
        model.save(tmp_path / FILE)
    assert list(tmp_path.iterdir()) == []


@dataclasses.dataclass(frozen=True)
class Shift(Layer):
    """y = factor·x + b, with b learnt and a count of nothing in its state."""

    factor: float = 1.0
    name: str = "shift"

    def output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Any) -> Any:
        return {"inner": {"bias": np.zeros(input_shape)}}, {"seen": np.ones(2)}

    def apply(self, parameters: Any, state: Any, x: Any, context: Any) -> Any:
        return self.factor * x + parameters["inner"]["bias"], state


@dataclasses.dataclass(frozen=True)
class SquareRootLoss(Loss):
    """sqrt(1 + (y - z)²)."""

    def row(self, z: Any, y: Any, value: Any) -> Any:
        return jax.numpy.sqrt(1 + jax.numpy.square(y - z)).mean(axis=-1)


@pytest.fixture
def unregister(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forget what a test registers, at its end or when called."""
    from lamina.files import registry

    before = dict(registry._KNOWN), dict(registry._NAMES)

    def forget() -> None:
        monkeypatch.setattr(registry, "_KNOWN", dict(before[0]))
        monkeypatch.setattr(registry, "_NAMES", dict(before[1]))

    forget()
    return forget


def test_registered_classes_are_saved_by_name(
    unregister: Callable[[], None], x: np.ndarray, y: np.ndarray, round_trip: Any, tmp_path: Path
) -> None:
    layers = [Shift(2.0), Dense(3, "tanh"), Shift()]
    model = NeuralRegressor(layers, loss=SquareRootLoss(), epochs=2, random_state=0).fit(x, y)
    with pytest.raises(
        SpecificationError, match=r"Shift is not a class that files know\. Call .*register\(Shift\)"
    ):
        model.save(tmp_path / FILE)
    assert register(Shift) is Shift
    register(SquareRootLoss)
    again = round_trip(model)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    jax.tree.map(np.testing.assert_array_equal, again.fitted_.state, model.fitted_.state)
    for estimator in (model, again):
        estimator.partial_fit(x, y)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    unregister()
    with pytest.raises(FileFormatError, match=r"call lamina\.files\.register\(Shift\) before loading"):
        load(tmp_path / FILE)


def test_what_cannot_be_registered_is_told(unregister: Callable[[], None]) -> None:
    class Thawed(ParameterFreeLayer):
        pass

    with pytest.raises(ArgumentTypeError, match=r"register\(Thawed\): write @dataclass\(frozen=True\)"):
        register(Thawed)
    for foreign in (int, Shift(), lambda: None):
        with pytest.raises(ArgumentTypeError, match="register takes a class"):
            register(foreign)  # type: ignore[type-var]
    register(Shift)
    register(Shift)
    namesake = dataclasses.make_dataclass("Shift", [], bases=(Specification,), frozen=True)
    with pytest.raises(SpecificationError, match="rename one"):
        register(namesake)


@dataclasses.dataclass(frozen=True, init=False)
class Odd(ParameterFreeLayer):
    """Its constructor does not take its field as it is."""

    size: int

    def __init__(self, size: int) -> None:
        object.__setattr__(self, "size", size + 1)

    def output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def apply(self, parameters: Any, state: Any, x: Any, context: Any) -> Any:
        return x, state


def test_a_class_whose_constructor_changes_its_fields_is_refused(
    unregister: Callable[[], None], x: np.ndarray, y: np.ndarray, tmp_path: Path
) -> None:
    register(Odd)
    model = NeuralRegressor([Odd(1), Dense(2)], epochs=1).fit(x, y)
    with pytest.raises(SpecificationError, match="made again from its fields it is not the same"):
        model.save(tmp_path / FILE)


def test_versions_and_date_are_in_the_header(regressor: NeuralRegressor, tmp_path: Path) -> None:
    regressor.save(tmp_path / FILE)
    with safe_open(tmp_path / FILE, framework="numpy") as file:
        saved = json.loads(file.metadata()["lamina"])["saved"]
        names = set(file.keys())
    assert saved["lamina"] == lamina.__version__
    assert saved["jax"] == jax.__version__
    assert saved.keys() >= {"numpy", "scikit-learn", "python"}
    assert datetime.fromisoformat(saved["date"]).tzinfo is not None
    assert {"dense_1/weights", "dense_1/bias", "dense_2/weights", "dense_2/bias"} <= names


Change = Callable[[dict[str, Any], dict[str, np.ndarray]], Any]
CHANGES: list[tuple[str, Change, str]] = [
    ("no array", lambda s, a: a.pop("dense_1/weights"), "'dense_1/weights' is not in the file"),
    ("extra array", lambda s, a: a.update({"dense_9/bias": np.zeros(1)}), "arrays that .* dense_9/bias"),
    ("shape", lambda s, a: a.update({"dense_1/bias": np.zeros(9, np.float32)}), r"\(9,\) .* asks for \(4,\)"),
    ("type", lambda s, a: a.update({"dense_1/bias": np.zeros(4, np.int32)}), "holds int32"),
    ("types", lambda s, a: a.update({"dense_1/bias": np.zeros(4, np.float64)}), "of several types"),
    ("units", lambda s, a: layer(s, 0).update(units=5), r"asks for \((3, )?5,?\)"),
    ("outputs", lambda s, a: layer(s, 1).update(units=2), "outputs of shape"),
    ("layer", lambda s, a: s["network"]["fields"]["layers"]["items"][0].update(type="layers.New"), "layers.New"),
    ("network", lambda s, a: s.update(network=s["loss"]), "should be a Sequential"),
    ("loss", lambda s, a: s.update(loss=s["network"]), "should be a Loss"),
    ("no loss", lambda s, a: s.pop("loss"), "loss is None"),
    ("estimator", lambda s, a: s.update(estimator="NeuralSorter"), "'NeuralSorter', .* newer version"),
    ("parameter", lambda s, a: s["parameters"].update(colour=1), "cannot be made.*newer version"),
    ("input shape", lambda s, a: s.update(input_shape=[7]), r"\(7,\)"),
    ("no shape", lambda s, a: s.update(input_shape=["x"]), "input shape"),
    ("flat shape", lambda s, a: s.update(input_shape=[3, 1]), r"\(3, 1\)"),
    ("columns", lambda s, a: s["features"].update(count=4), "names 4 columns"),
    ("names", lambda s, a: s["features"].update(names=["a", "b"]), "names 2 columns"),
    ("number names", lambda s, a: s["features"].update(names=[1, 2, 3]), "list of texts"),
    ("scale", lambda s, a: a.pop("@features/scale"), "@features/scale"),
    ("encoder", lambda s, a: s["features"].update(encoder={"parameters": {}}), "encoder's state"),
    ("outcome", lambda s, a: s.pop("outcome"), "'outcome'"),
    ("history", lambda s, a: a.pop("@history/loss"), "@history/loss"),
    ("memory", lambda s, a: a.pop("@optimizer/count"), "@optimizer/count"),
    ("optimizer", lambda s, a: s["parameters"].update(optimizer="adma"), "'adma' cannot be made"),
    ("other optimizer", lambda s, a: s["parameters"].update(optimizer="momentum"), "@optimizer/"),
]  # fmt: skip


def layer(specification: dict[str, Any], index: int) -> dict[str, Any]:
    """The fields of one layer of the network."""
    found: dict[str, Any] = specification["network"]["fields"]["layers"]["items"][index]["fields"]
    return found


@pytest.mark.parametrize(
    ("change", "words"), [item[1:] for item in CHANGES], ids=[item[0] for item in CHANGES]
)
@pytest.mark.parametrize("kind", ["regressor", "classifier"])
def test_parts_that_do_not_fit_are_refused(
    change: Change, words: str, kind: str, request: pytest.FixtureRequest
) -> None:
    content = to_content(request.getfixturevalue(kind))
    specification, arrays = copy.deepcopy(content.specification), dict(content.arrays)
    change(specification, arrays)
    with pytest.raises(FileFormatError, match=words):
        from_content(Content(specification, arrays))


@pytest.mark.parametrize(
    "classes",
    [
        {"dtype": "<U3", "values": ["a"]},
        {"dtype": "<f8", "values": ["a", "b", "c"]},
        {"dtype": "|b1,f8", "values": [1, 2, 3]},
        {"dtype": "|V8", "values": [1, 2, 3]},
        {"values": [1, 2, 3]},
    ],
)
def test_classes_that_do_not_fit_are_refused(classes: Any, classifier: NeuralClassifier) -> None:
    content = to_content(classifier)
    content.specification["outcome"]["classes"] = classes
    with pytest.raises(FileFormatError):
        from_content(content)


def test_classes_of_other_types_are_refused(classifier: NeuralClassifier) -> None:
    dated = copy.copy(classifier)
    dated.classes_ = np.array(["2020", "2021", "2022"], dtype="datetime64[Y]")
    with pytest.raises(SpecificationError, match="classes_ of type datetime64"):
        to_content(dated)


def test_a_bad_file_is_told_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("a,b\n1,2\n" * 40)
    code = (
        "import sys, lamina\nfrom lamina.errors import FileFormatError\n"
        f"try: lamina.load({str(tmp_path / FILE)!r})\nexcept FileFormatError: print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"jax", "sklearn", "pandas", "scipy", "skrub"}.isdisjoint(run.stdout.split())


def test_a_network_of_plain_numbers_is_loaded_without_what_tables_need(
    regressor: NeuralRegressor, tmp_path: Path
) -> None:
    regressor.save(tmp_path / FILE)
    code = f"import sys, lamina\nlamina.load({str(tmp_path / FILE)!r})\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"skrub", "matplotlib", "rich", "typer", "lamina.data.tables", "lamina.drop_in"}.isdisjoint(
        run.stdout.split()
    )
