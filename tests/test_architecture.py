"""Data flow is the layout: no stage imports a later one, files stay short, heavy imports come late."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lamina

SOURCE = Path(lamina.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted(Path(__file__).parent.rglob("*.py"))

# Where each part stands in the flow from the user's data to the verdict; some parts are still to come.
STAGES = {
    "errors": 0.0,
    "classics": 0.5,
    "data": 1.0,
    "numerics": 2.0,
    "layers": 3.0,
    "networks": 4.0,
    "training": 5.0,
    "estimators": 6.0,
    "drop_in": 6.0,
    "files": 6.5,
    "model_selection": 7.0,
    "evaluation": 8.0,
    "explain": 9.0,
    "report": 10.0,
    "experiments": 11.0,
    "cli": 12.0,
    "playground": 12.0,
    "__main__": 13.0,
    "__init__": 13.0,
}
# A method that saves or draws may import these when it is called.
WHEN_CALLED = ("files", "explain")
# By hand, with NumPy alone: these import no other part at all but the errors.
ALONE = ("classics", "errors")

LONGEST_FILE = 500
HEAVY = ("jax", "sklearn", "pandas", "skrub", "matplotlib", "scipy", "numpy", "PIL")


def part_of(module: str) -> str:
    """The part of the package that a dotted name lies in; public names count as what they stand for."""
    names = module.split(".")[1:]
    if not names or names[0].startswith("__version"):
        return "errors"
    if names[0] in lamina._HOMES:
        return lamina._HOMES[names[0]].split(".")[1]
    return names[0]


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every part of Lamina that a file imports, and whether only inside a function."""
    package = ["lamina", *path.relative_to(SOURCE).parent.parts]

    def dotted_names(node: ast.AST) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            # `from lamina import data` names a part; `from lamina.data import x` lies in one.
            return [f"{base}.{alias.name}" for alias in node.names] if base == "lamina" else [base]
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            return [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        return []

    def walk(node: ast.AST, inside: bool) -> Iterator[tuple[str, bool]]:
        for name in dotted_names(node):
            if name.split(".")[0] == "lamina":
                yield part_of(name), inside
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    return walk(ast.parse(path.read_text(encoding="utf-8")), False)


def forbidden(path: Path) -> list[str]:
    """The parts that a file imports and may not."""
    own = part_of(".".join(["lamina", *path.relative_to(SOURCE).with_suffix("").parts]))
    wrong = []
    for other, inside in imports(path):
        if other == own or (inside and other in WHEN_CALLED):
            continue
        if (own in ALONE and other != "errors") or STAGES[other] > STAGES[own]:
            wrong.append(f"{own} imports {other}")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_stage_imports_a_later_one(path: Path) -> None:
    assert forbidden(path) == []


def test_every_part_has_a_stage() -> None:
    parts = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in MODULES}
    assert parts <= STAGES.keys(), "a new part of the package needs a place in STAGES"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("from lamina.training.fit import fit", ["layers imports training"]),
        ("import lamina.cli.app", ["layers imports cli"]),
        ("from lamina import compare", ["layers imports evaluation"]),
        ("def f():\n    from lamina.evaluation import compare", ["layers imports evaluation"]),
        ("from ..estimators import base", ["layers imports estimators"]),
        ("import importlib\nimportlib.import_module('lamina.report')", ["layers imports report"]),
        ("from lamina.files import save", ["layers imports files"]),
        ("class C:\n    def save(self):\n        from lamina.files import save", []),
        ("def plot():\n    from lamina.explain.plots import curves", []),
        (
            "from lamina.numerics import x\nfrom lamina.errors import DataError\nfrom . import dense",
            [],
        ),
    ],
)
def test_the_rule_finds_what_it_should(
    text: str, wrong: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    file = tmp_path / "layers" / "example.py"
    file.parent.mkdir()
    file.write_text(text)
    assert forbidden(file) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("from lamina.errors import DataError\nimport numpy", []),
        ("from lamina.data import targets", ["classics imports data"]),
        ("def f():\n    import lamina.layers", ["classics imports layers"]),
    ],
)
def test_the_classics_stand_alone(
    text: str, wrong: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    file = tmp_path / "classics" / "example.py"
    file.parent.mkdir()
    file.write_text(text)
    assert forbidden(file) == wrong


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: path.name)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize(
    "statement",
    [
        "import lamina",
        "import lamina; dir(lamina)",
        "import lamina.cli.app",
        "import lamina.errors",
        "import sys; sys.argv = ['lamina', '--help']\ntry:\n    import lamina.cli\n"
        "    lamina.cli.main()\nexcept SystemExit: pass",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str) -> None:
    ask = f"{statement}\nimport sys; print('|'.join(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.splitlines()[-1].split("|"))
    assert "lamina" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", lamina.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(lamina, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compere'"):
        lamina.compere  # noqa: B018
