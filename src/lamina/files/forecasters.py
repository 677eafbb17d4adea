"""Forecasters of series: their networks, what was learnt of the columns, and the last rows, to a file and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lamina.data.series.panel import Panel, Series
from lamina.data.series.reader import SeriesReader
from lamina.data.series.roles import Roles
from lamina.data.series.scale import SeriesScale
from lamina.data.series.times import Clock
from lamina.errors import FileFormatError
from lamina.estimators.forecasting import SeriesForecaster
from lamina.estimators.forecasting.least_squares import LeastSquares
from lamina.files.checked import get, get_optional
from lamina.files.kind import Kind
from lamina.files.networks import KINDS as NETWORKS
from lamina.files.shelf import Arrays, Shelf
from lamina.files.values import decode, encode

Plain = dict[str, Any]


def _write(model: SeriesForecaster, arrays: Arrays) -> Plain:
    arrays |= {"@scale/mean": model.scale_.mean, "@scale/deviation": model.scale_.deviation}
    if model.carrier_ is not None:
        arrays["@carrier"] = model.carrier_.coefficients
    for number, series in enumerate(model.history_):
        own = {"values": series.values, "known": series.known, "broken": series.broken}
        arrays |= {f"@history/{number}/{name}": array for name, array in own.items()}
    scores = getattr(model, "scores_", {})
    arrays |= {f"@scores/{place}": np.asarray(found) for place, found in enumerate(scores.values())}
    return {
        "reader": _write_reader(model.reader_),
        "carrier_rank": None if model.carrier_ is None else model.carrier_.rank,
        "history": [{"name": each.name, "times": _plain_times(each.times)} for each in model.history_],
        "scores": [[name, step] for name, step in scores],
        "members": [_write_member(member, place, arrays) for place, member in enumerate(model.networks_)],
    }


def _read(model: SeriesForecaster, plain: Plain, shelf: Shelf) -> None:
    model.reader_ = _read_reader(get(plain, "reader", dict, "file"))
    rank = get_optional(plain, "carrier_rank", int, "file")
    model.carrier_ = None if rank is None else LeastSquares(shelf.take("@carrier"), rank)
    model.scale_ = SeriesScale(shelf.take("@scale/mean"), shelf.take("@scale/deviation"))
    history = get(plain, "history", list, "file")
    members = get(plain, "members", list, "file")
    if not history or not members or len(model.scale_.mean) != len(history):
        raise FileFormatError("the file's forecaster has no networks or series: it was not saved by Lamina.")
    model.networks_ = [_read_member(model, item, place, shelf) for place, item in enumerate(members)]
    model.history_ = Panel(
        tuple(_read_series(model.reader_, each, number, shelf) for number, each in enumerate(history))
    )
    scores = get(plain, "scores", list, "file")
    if scores:
        model.scores_ = {
            (str(name), int(step)): shelf.take(f"@scores/{place}").tolist()
            for place, (name, step) in enumerate(scores)
        }


def _write_member(member: Any, place: int, arrays: Arrays) -> Plain:
    own: Arrays = {}
    plain = NETWORKS["NeuralRegressor"].write(member, own)
    arrays |= {f"@member_{place}/{name}": array for name, array in own.items()}
    return {"seed": int(member.random_state), **plain}


def _read_member(model: SeriesForecaster, plain: Plain, place: int, shelf: Shelf) -> Any:
    member = model._unfitted(get(plain, "seed", int, f"member {place}"))
    own = Shelf(shelf.take_below(f"@member_{place}"))
    NETWORKS["NeuralRegressor"].read(member, plain, own)
    own.check_empty()
    return member


def _read_series(reader: SeriesReader, plain: Plain, number: int, shelf: Shelf) -> Series:
    times = _index(reader.clock, get(plain, "times", list, "history"))
    values = shelf.take(f"@history/{number}/values", (len(times), 1 + len(reader.roles.exogenous)))
    known = shelf.take(f"@history/{number}/known", (len(times), reader.known_width))
    broken = shelf.take(f"@history/{number}/broken", (len(times),), "b")
    name = get_optional(plain, "name", str, "history")
    return Series(name, times, values, known, broken, np.full(len(times), -1))


def _plain_times(times: pd.Index) -> list[Any]:
    if isinstance(times, pd.DatetimeIndex):
        return [time.isoformat() for time in times]
    return list(times.to_numpy().tolist())


def _index(clock: Clock, times: list[Any]) -> pd.Index:
    try:
        if clock.kind == "date":
            return pd.DatetimeIndex(times)
        return pd.RangeIndex(times[0], times[0] + len(times)) if clock.kind == "rows" else pd.Index(times)
    except (ValueError, TypeError, IndexError) as error:
        raise FileFormatError(f"the file's times cannot be read: {error}.") from error


def _write_reader(reader: SeriesReader) -> Plain:
    roles, clock = reader.roles, reader.clock
    return {
        "target": roles.target,
        "date": roles.date,
        "id": roles.id,
        "exogenous": list(roles.exogenous),
        "known": list(roles.known),
        "calendar": list(roles.calendar),
        "gaps": reader.gaps,
        "layout": reader.layout,
        "clock": {"kind": clock.kind, "step": float(clock.step), "frequency": clock.frequency},
        "levels": encode({name: list(levels) for name, levels in reader.levels.items()}, "levels"),
        "scales": encode({name: list(scale) for name, scale in reader.scales.items()}, "scales"),
    }


def _read_reader(plain: Plain) -> SeriesReader:
    def names(name: str) -> tuple[str, ...]:
        return tuple(map(str, get(plain, name, list, "reader")))

    clock = get(plain, "clock", dict, "reader")
    kind = get(clock, "kind", str, "clock")
    if kind not in ("rows", "number", "date"):
        raise FileFormatError(f"the file's clock is {kind!r}: it was not saved by Lamina.")
    levels, scales = decode(plain.get("levels"), "levels"), decode(plain.get("scales"), "scales")
    return SeriesReader(
        Roles(
            get(plain, "target", str, "reader"),
            get_optional(plain, "date", str, "reader"),
            get_optional(plain, "id", str, "reader"),
            names("exogenous"),
            names("known"),
            names("calendar"),
        ),
        get(plain, "gaps", str, "reader"),
        Clock(kind, get(clock, "step", float, "clock"), get_optional(clock, "frequency", str, "clock")),  # type: ignore[arg-type]
        {name: tuple(found) for name, found in levels.items()},
        {name: (float(mean), float(deviation)) for name, (mean, deviation) in scales.items()},
        get_optional(plain, "layout", str, "reader") if "layout" in plain else None,
    )


KINDS: dict[str, Kind] = {"SeriesForecaster": Kind(SeriesForecaster, _write, _read)}
