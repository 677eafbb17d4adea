"""Every schedule follows its formula, alone and through a fit."""

from collections.abc import Callable

import numpy as np
import pytest
from small_fits import fit_rows

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import Dense, Sequential
from lamina.training import SGD
from lamina.training.losses import FunctionLoss
from lamina.training.precision import precision
from lamina.training.schedules import (
    Constant,
    Cosine,
    CosineWaves,
    Exponential,
    InverseScaling,
    Schedule,
    Step,
    WarmUp,
    resolve_schedule,
)

FORMULAS: dict[Schedule, Callable[[float, float], float]] = {
    Constant(0.3): lambda t, total: 0.3,
    InverseScaling(0.2, power=0.7): lambda t, total: 0.2 / (1 + t) ** 0.7,
    Step(0.1, drop=0.5, every=3): lambda t, total: 0.1 * 0.5 ** (t // 3),
    Exponential(0.1, decay=0.9): lambda t, total: 0.1 * 0.9**t,
    Cosine(0.2, floor=0.1): lambda t, total: 0.2 * (0.1 + 0.9 * (1 + np.cos(np.pi * t / total)) / 2),
    CosineWaves(0.3, waves=3): lambda t, total: 0.15 * (1 - np.cos(2 * np.pi * np.log2(1 + 7 * t / total))),
    WarmUp(Constant(0.3), epochs=4): lambda t, total: 0.3 * min(t / 4, 1),
    WarmUp(Cosine(0.2), epochs=2): lambda t, total: (
        0.2 * min(t / 2, 1) * (1 + np.cos(np.pi * max(t - 2, 0) / (total - 2))) / 2
    ),
}
EPOCHS = 8


def slope(z: object, y: object) -> object:
    """A loss with gradient one, so that a bias moves by the learning rate."""
    return z


def test_every_schedule_has_a_formula_here() -> None:
    assert {type(schedule) for schedule in FORMULAS} == set(Schedule.__subclasses__())


@pytest.mark.parametrize("schedule", FORMULAS, ids=repr)
def test_follows_its_formula(schedule: Schedule) -> None:
    times = np.linspace(0, EPOCHS, 33)
    with precision(np.float64):
        rates = schedule.rate * np.array([float(schedule.factor(np.float64(t), EPOCHS)) for t in times])
    np.testing.assert_allclose(rates, [FORMULAS[schedule](t, EPOCHS) for t in times], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("schedule", "batch_size"), [(list(FORMULAS)[-1], None), *((each, 2) for each in FORMULAS)]
)
def test_a_fit_moves_by_the_rates(schedule: Schedule, batch_size: int | None) -> None:
    fitted = fit_rows(
        Sequential([Dense(1)]),
        np.zeros((6, 1)),
        np.zeros(6),
        loss=FunctionLoss(slope),
        optimizer=SGD(schedule),
        epochs=EPOCHS,
        batch_size=batch_size,
    )
    steps = 1 if batch_size is None else 3
    rates = [FORMULAS[schedule](k / steps, EPOCHS) for k in range(EPOCHS * steps)]
    np.testing.assert_allclose(fitted.parameters["dense_1"]["bias"], -sum(rates), rtol=1e-10)


def test_a_warm_up_that_takes_every_epoch_stays_finite() -> None:
    schedule = WarmUp(Cosine(0.1), epochs=EPOCHS)
    for t in (0.0, 4.0, 8.0):
        assert float(schedule.factor(np.float32(t), np.float32(EPOCHS))) == pytest.approx(t / EPOCHS)


def test_a_number_is_a_constant_rate() -> None:
    assert resolve_schedule(0.1) == Constant(0.1)
    assert WarmUp(0.1) == WarmUp(Constant(0.1))  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match=r"give a number such as 0.001, or a schedule such as Cosine"):
        resolve_schedule("fast")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constant(-0.1),
        lambda: Cosine(float("nan")),
        lambda: Exponential(0.1, decay="0.9"),  # type: ignore[arg-type]
        lambda: InverseScaling(0.1, power=float("inf")),
        lambda: Step(0.1, every=0),
        lambda: WarmUp(Constant(0.1), epochs=-1),
        lambda: SGD(-0.1),
    ],
)
def test_numbers_that_mean_nothing_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(SpecificationError):
        make()
