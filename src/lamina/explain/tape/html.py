"""A tape as a page: a table of all modules, and the numbers of each behind a click."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

from lamina.errors import DataError
from lamina.explain.tape.norms import norm, rms
from lamina.explain.tape.rendering import as_text, heading
from lamina.explain.tape.tape import Module, Tape

MOST_SHOWN = 400
"""Numbers of an array that are written out; of larger ones a summary."""
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
pre, td, th { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; }
pre { background: #f5f5f2; padding: 1rem; overflow-x: auto; }
table { border-collapse: collapse; margin: .3rem 0 1rem; }
td, th { border: 1px solid #d5d5d0; padding: .15rem .5rem; text-align: right; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
summary { cursor: pointer; padding: .25rem 0; }
.pair { display: flex; flex-wrap: wrap; gap: 1.5rem; overflow-x: auto; }
.scale { display: inline-block; height: .6em; background: #0072b2; vertical-align: baseline; }
@media (prefers-color-scheme: dark) { body { background: #161616; color: #e8e8e8; } pre { background: #232323; }
  td, th { border-color: #444; } .scale { background: #56b4e9; } }
"""
MEANING = {
    "x": "input x",
    "z": "before the activation, z",
    "slope": "local derivative g'(z)",
    "a": "output a",
    "standard": "standardised input",
    "mean": "mean",
    "variance": "variance",
    "gates": "gates",
    "memory": "memory c of each step",
    "steps": "output h of each step",
    "candidate_z": "candidate before tanh",
    "candidate": "candidate",
    "candidate_slope": "local derivative of the candidate",
    "queries": "queries Q",
    "keys": "keys K",
    "values": "values V",
    "scores": "scores QK'/√d",
    "weights": "attention weights",
    "heads": "what each head found",
    "hidden": "hidden units",
}


def as_html(tape: Tape) -> str:
    """A page without anything from elsewhere."""
    largest = max([rms(module.errors.get("a")) for module in tape if "a" in module.errors], default=0.0)
    modules = "\n".join(_module(module, largest) for module in tape)
    title = escape(heading(tape).splitlines()[0])
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>Back-propagation</h1>\n<pre>{escape(as_text(tape))}</pre>\n"
        f"<h2>Modules</h2>\n{modules}\n<h2>Loss</h2>\n{_loss(tape)}\n</body></html>\n"
    )


def written(page: str, path: str | Path) -> str:
    """Write the page; a place that cannot be written raises DataError."""
    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that exists."
        ) from None
    return page


def _module(module: Module, largest: float) -> str:
    error = rms(module.errors.get("a"))
    share = error / largest if largest > 0 and error == error else 0.0
    bar = f'<span class="scale" style="width:{max(share, 0.0) * 8:.2f}rem"></span> {error:.3g}'
    return (
        f"<details><summary><b>{escape(module.path)}</b> {escape(repr(module.layer))} · error from above {bar} · "
        f"gradient {norm(module.gradients):.3g}</summary>\n{''.join(_parts(module))}</details>"
    )


def _parts(module: Module) -> Iterator[str]:
    for name, value in module.values.items():
        below = _array(value, MEANING.get(name, name))
        if name in module.errors:
            below += _array(module.errors[name], f"error there, ∂R/∂{name}")
        yield f'<div class="pair">{below}</div>'
    for name, value in module.parameters.items():
        below = _array(value, f"parameter {name}") + _array(module.gradients[name], f"gradient ∂R/∂{name}")
        if name in module.updates:
            below += _array(module.updates[name], "update")
        yield f'<div class="pair">{below}</div>'


def _loss(tape: Tape) -> str:
    outcome = tape.outcome
    parts = (
        (outcome.y, "outcome y"),
        (outcome.z, "linear predictor z"),
        (outcome.prediction, "prediction f"),
        (outcome.losses, "loss of each row"),
        (outcome.error, "error ∂R/∂z"),
    )
    return f'<div class="pair">{"".join(_array(value, name) for value, name in parts)}</div>'


def _array(value: np.ndarray, name: str) -> str:
    """A table of an array of few numbers, the summary of others."""
    shape = " × ".join(map(str, value.shape)) or "one number"
    caption = f"<caption>{escape(name)} ({shape})</caption>"
    if value.size > MOST_SHOWN or value.ndim > 2:
        wide = np.asarray(value, float)
        cells = (
            f"smallest {wide.min():.4g}",
            f"largest {wide.max():.4g}",
            f"root mean square {rms(wide):.4g}",
        )
        return f"<table>{caption}<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
    rows = "".join(
        f"<tr>{''.join(f'<td>{float(entry):.4g}</td>' for entry in row)}</tr>" for row in np.atleast_2d(value)
    )
    return f"<table>{caption}{rows}</table>"
