"""The study as tables: answers, true gains, power, regrets and coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.calibration_coverage import by_size
from lamina.experiments.calibration_draws import METRICS
from lamina.experiments.calibration_engine import NETWORK, SIMPLE
from lamina.experiments.calibration_rules import ANSWERS, RECOMMENDERS, Judged, Share
from lamina.experiments.calibration_summary import Rate, Study, false_alarms, power
from lamina.experiments.calibration_truths import Array, Cell, short
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.report import Row, counted

Cells = dict[Cell, Judged]
PERCENT = 100


def rates(study: Study) -> Iterator[Row]:
    """False *worth it* pooled and in the worst cell, by both metrics."""
    for metric, name in enumerate(METRICS):
        section = f"False *worth it*, per cent by {name} (promised: 5 at most); the network is no better than"
        for what, rate in false_alarms(study.grid(metric)).items():
            yield from _rate_rows(section, what, rate)
        section = f"True *worth it*, per cent by {name}; the network is better than"
        better = [each for each in study.grid(metric).values() if not each.null]
        share = Share(
            sum(each.count(ANSWERS[0]) for each in better), sum(len(each.answers) for each in better)
        )
        yield Row(section, "the reference", _percent(share), form=".1f", note=_note(share, len(better)))


def _rate_rows(section: str, what: str, rate: Rate) -> Iterator[Row]:
    if not rate.cells or rate.worst_cell is None:
        return
    yield Row(section, what, _percent(rate.pooled), form=".1f", note=_note(rate.pooled, rate.cells))
    low, high = (PERCENT * bound for bound in rate.worst.interval)
    beyond = ", above 5" if rate.above else ""
    cell = rate.worst_cell
    note = f"{low:.1f} to {high:.1f}{beyond}; {cell.name} {cell.n:,} {short(cell.r2)}"
    yield Row(section, "  worst cell", _percent(rate.worst), form=".1f", note=note)


def _percent(share: Share) -> tuple[float, ...]:
    return (PERCENT * share.rate,)


def _note(share: Share, cells: int) -> str:
    low, high = (PERCENT * bound for bound in share.interval)
    return f"{low:.1f} to {high:.1f}; {share.number:,} draws, {counted(cells, 'cell')}"


def tables(study: Study) -> tuple[CrossTable, ...]:
    """All tables, by squared error but for coverage."""
    cells = study.grid(0)
    made = [
        _gain_table(study, cells),
        _answer_table(study, cells, "worth it"),
        _answer_table(study, cells, "not worth it"),
        _power_table(study, cells),
        _tie_table(study),
        _regret_table(study, cells),
        *(_coverage_table(study, metric) for metric in range(len(METRICS))),
    ]
    if study.extra:
        made.append(_small_table(study))
    return tuple(made)


def _sizes(sizes: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"n = {n:,}" for n in sizes)


def _by_cell(
    study: Study, cells: Cells, value: Callable[[Judged], Estimate]
) -> tuple[tuple[str, tuple[Estimate | None, ...]], ...]:
    def cell_of(name: str, r2: float, n: int) -> Estimate | None:
        found = cells.get(Cell(name, n, r2))
        return None if found is None else value(found)

    return tuple(
        (f"{name}: R² {short(r2)}", tuple(cell_of(name, r2, n) for n in study.sizes))
        for name, r2 in study.rows
    )


def _answer_table(study: Study, cells: Cells, answer: str) -> CrossTable:
    def value(each: Judged) -> Estimate:
        share = Share(each.count(answer), len(each.answers))
        return Estimate(PERCENT * share.rate, PERCENT * share.error, not each.null)

    title = f"Told *{answer}*, per cent of draws ± standard error; * where the network is truly better"
    return CrossTable(title, _sizes(study.sizes), _by_cell(study, cells, value), ".0f")


def _gain_table(study: Study, cells: Cells) -> CrossTable:
    def value(each: Judged) -> Estimate:
        lost = Estimate.of(-each.true / each.reference_error.mean())
        error = None if lost.error is None else PERCENT * lost.error
        return Estimate(PERCENT * lost.mean, error, not each.null)

    title = "How much lower the network's expected squared error truly is than the reference's, per cent; * where it is"
    return CrossTable(title, _sizes(study.sizes), _by_cell(study, cells, value), "+.1f")


def _power_table(study: Study, cells: Cells) -> CrossTable:
    rows = tuple(
        (_range(low, high), tuple(_as_percent(by_n[n]) for n in study.sizes))
        for (low, high), by_n in power(cells, study.sizes).items()
    )
    title = "Power: told *worth it*, per cent, by how much better the network truly is"
    return CrossTable(title, _sizes(study.sizes), rows, ".0f")


def _range(low: float, high: float) -> str:
    if not low:
        return f"better by up to {PERCENT * high:.0f} %"
    return (
        f"by {PERCENT * low:.0f} % and more"
        if np.isinf(high)
        else f"by {PERCENT * low:.0f} to {PERCENT * high:.0f} %"
    )


def _as_percent(share: Share) -> Estimate | None:
    return Estimate(PERCENT * share.rate, PERCENT * share.error) if share.number else None


def _tie_table(study: Study) -> CrossTable:
    """The rule's size where it is hardest to keep: were the network exactly as good as the reference."""

    def line(cells: Cells, wrong: Callable[[Judged], NDArray[np.bool_]]) -> tuple[Estimate | None, ...]:
        made = []
        for n in study.sizes:
            counted = np.concatenate([wrong(each) for cell, each in cells.items() if cell.n == n])
            made.append(_as_percent(Share(int(counted.sum()), len(counted))))
        return tuple(made)

    rows = []
    for metric, name in enumerate(METRICS):
        cells = study.grid(metric)
        rows.append((f"{name}: worth it", line(cells, lambda each: each.high < each.difference)))
        rows.append((f"{name}: not worth it", line(cells, lambda each: each.low > each.difference)))
    title = "What would be said at a tie, per cent of the draws of all truths and signals: 2.5 each were the intervals exact"
    return CrossTable(title, _sizes(study.sizes), tuple(rows), ".1f")


def _regret_table(study: Study, cells: Cells) -> CrossTable:
    """Pooled over truths and signals, then by truth."""

    def line(place: int, name: str | None) -> tuple[Estimate | None, ...]:
        chosen = {cell: each.regret[place] for cell, each in cells.items() if name in (None, cell.name)}
        by_n = [[values for cell, values in chosen.items() if cell.n == n] for n in study.sizes]
        return tuple(_mean_percent(values) for values in (*by_n, list(chosen.values())))

    names = dict.fromkeys(name for name, _ in study.rows)
    rows = [(label, line(place, None)) for place, label in enumerate(RECOMMENDERS)]
    rows += [
        (f"{name}: {label}", line(place, name)) for name in names for place, label in enumerate(RECOMMENDERS)
    ]
    title = "Regret: by how many per cent the recommended model's expected squared error is above that of the best contender"
    return CrossTable(title, (*_sizes(study.sizes), "all"), tuple(rows), ".1f")


def _mean_percent(values: Sequence[Array]) -> Estimate | None:
    return Estimate.of(PERCENT * np.concatenate(values)) if values else None


def _coverage_table(study: Study, metric: int) -> CrossTable:
    cells = {cell: measured for cell, measured in study.cells.items() if cell not in study.extra}
    rows = tuple(
        (label, tuple(_as_percent(shares[n]) for n in study.sizes))
        for label, shares in by_size(cells, study.grid(metric), metric).items()
    )
    title = (
        f"Coverage of 95 % intervals, {METRICS[metric]}, per cent: of what, how, and what they should hold"
    )
    return CrossTable(title, _sizes(study.sizes), rows, ".1f")


def _small_table(study: Study) -> CrossTable:
    """Where the one-standard-error rule chooses nothing."""
    names = [*SIMPLE, NETWORK]
    rows = []
    for cell in study.extra:
        judged = study.judged[0][cell]
        for place, label in enumerate(RECOMMENDERS):
            chosen = Share(int(np.sum(judged.recommended[place] == names.index("mean"))), len(judged.answers))
            rows.append(
                (f"{cell.label}: {label}", (_as_percent(chosen), _mean_percent([judged.regret[place]])))
            )
    title = "A weak signal in few rows: how often a rule recommends the mean, and its regret, per cent"
    return CrossTable(title, ("takes the mean", "regret"), tuple(rows), ".1f")
