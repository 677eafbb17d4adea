"""A history is a table by epoch that later fits extend."""

import matplotlib
import pytest

from lamina.training import History

matplotlib.use("agg")


def test_a_later_fit_counts_on() -> None:
    history = History([3.0, 2.0], [0.1, 0.1], [4.0, 3.0], best_epoch=2)
    history.extend(History([1.0], [0.2], [2.0], best_epoch=1, stopped="interrupted"))
    assert history == History([3.0, 2.0, 1.0], [0.1, 0.1, 0.2], [4.0, 3.0, 2.0], 3, "interrupted")
    assert len(history) == 3


def test_frame_has_a_row_an_epoch_from_one() -> None:
    frame = History([3.0, 2.0], [0.1, 0.2], [4.0, 3.0]).frame()
    assert frame.index.tolist() == [1, 2]
    assert frame.index.name == "epoch"
    assert frame.to_dict("list") == {"loss": [3.0, 2.0], "penalty": [0.1, 0.2], "validation_loss": [4.0, 3.0]}
    assert list(History([1.0]).frame()) == ["loss", "penalty"]


@pytest.mark.parametrize(("validation", "lines"), [([], 1), ([4.0, 5.0], 3)])
def test_plot_draws_each_curve_and_the_best_epoch(validation: list[float], lines: int) -> None:
    import matplotlib.pyplot as plt

    ax = History([3.0, 2.0], validation_loss=validation, best_epoch=1 if validation else None).plot()
    assert len(ax.get_lines()) == lines
    assert ax.get_lines()[0].get_ydata().tolist() == [3.0, 2.0]
    assert ax.get_xlabel() == "epoch"
    own = plt.subplots()[1]
    assert History([1.0]).plot(own) is own
    plt.close("all")
