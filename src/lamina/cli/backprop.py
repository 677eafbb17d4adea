"""``lamina backprop``: a worked example of back-propagation, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lamina.cli.options import SeedOption
from lamina.cli.outputs import require_writable
from lamina.errors import SpecificationError

if TYPE_CHECKING:
    from lamina.explain import Tape


def backprop(
    network: Annotated[
        str,
        typer.Option(metavar="2-2-1", help="Inputs, units of each hidden layer, outputs."),
    ] = "2-2-1",
    inputs: Annotated[
        str, typer.Option("--input", metavar="A,B", help="A row's inputs; several rows by semicolons.")
    ] = "1,0",
    target: Annotated[
        str, typer.Option(metavar="Y", help="Its outcome; for softmax the number of its class.")
    ] = "1",
    parameters: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,...",
            help="All parameters, unit by unit: its bias, then its weights. None draws the weights.",
        ),
    ] = None,
    activation: Annotated[str, typer.Option(metavar="NAME", help="Of the hidden units.")] = "sigmoid",
    output: Annotated[str, typer.Option(metavar="NAME", help="linear, sigmoid or softmax.")] = "linear",
    loss: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="By default half the squared error, or the cross-entropy."),
    ] = None,
    rate: Annotated[float, typer.Option(metavar="NUMBER", help="Learning rate.")] = 0.1,
    steps: Annotated[int, typer.Option(metavar="N", min=1, help="Steps of gradient descent.")] = 1,
    no_bias: Annotated[bool, typer.Option("--no-bias", help="Units without a bias.")] = False,
    seed: SeedOption = 0,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the first step there as a page.")
    ] = None,
) -> None:
    """Show every number of a forward and a backward pass."""
    require_writable(html, (".html", ".htm"))
    widths = _widths(network)
    X, y = _rows(inputs, "--input"), _rows(target, "--target")

    from lamina.explain.tape.worked import Worked

    worked = Worked.of(
        widths,
        activation=activation,
        output=output,
        loss=loss,
        numbers=None if parameters is None else _rows(parameters, "--parameters")[0],
        use_bias=not no_bias,
        rate=rate,
        seed=seed,
    )
    tapes = worked.steps(X, y, steps)
    typer.echo(str(tapes[0]))
    if steps > 1:
        typer.echo(_course(tapes))
    if html is not None:
        tapes[0].to_html(html)


def _widths(network: str) -> list[int]:
    parts = network.replace("x", "-").split("-")
    if not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise SpecificationError(
            f"--network {network!r}: write the widths from inputs to outputs, such as 2-2-1."
        )
    return [int(part) for part in parts]


def _rows(text: str, option: str) -> list[list[float]]:
    """Rows of numbers, parted by semicolons."""
    try:
        return [[float(entry) for entry in row.split(",")] for row in text.split(";")]
    except ValueError:
        raise SpecificationError(
            f"{option} {text!r}: write numbers parted by commas, and rows by semicolons, such as 1,0 or '1,0;0,1'."
        ) from None


def _course(tapes: list[Tape]) -> str:
    """The risk before each step, at most twenty of them."""
    stride = max(1, len(tapes) // 20)
    shown = [*range(0, len(tapes), stride)]
    shown += [len(tapes) - 1] if shown[-1] != len(tapes) - 1 else []
    lines = [f"  {place + 1:>6}  {tapes[place].risk:.6g}" for place in shown]
    return "\n".join(["Risk R before each step", *lines])
