"""How the default network of images is trained, where the user names neither layers nor an optimizer.

Adam with a rate that falls along half a cosine, the best epoch on a tenth of the images, and fewer epochs the more images there
are. Nothing of it was chosen on a test set of the experiments; docs/images.md says what it gives.
"""

from __future__ import annotations

from typing import Any

from lamina.layers.containers import Sequential
from lamina.training import Adam, EarlyStopping
from lamina.training.schedules import Cosine

RATE = 0.001
IMAGES_SEEN = 600_000
"""Images that a training goes through, about, those of every epoch counted."""
FEWEST_EPOCHS, MOST_EPOCHS = 10, 30
LEAST_IMAGES = 50
"""Images from which on some are held back to find the best epoch."""
BEST_IMAGE_EPOCH = EarlyStopping(patience=None, validation_fraction=0.1)
BATCHES = ((2_000, 32), (20_000, 64))
LARGEST_BATCH = 128


def image_optimizer(_: Sequential, __: tuple[int, ...]) -> Adam:
    """Adam whose rate begins at 0.001 and ends at zero.

    >>> image_optimizer(Sequential([]), (28, 28))
    Adam(Cosine(0.001))
    """
    return Adam(Cosine(RATE))


def image_epochs(n_rows: int, _: int) -> int:
    """Epochs for so many training images: 30 up to 20,000, fewer for more, never below 10.

    >>> [image_epochs(rows, 1) for rows in (800, 20_000, 48_000, 1_000_000)]
    [30, 30, 12, 10]
    """
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, IMAGES_SEEN // n_rows))


def image_batch(n_rows: int) -> int:
    """Images of a step: 32 below 2,000, 64 below 20,000, else 128.

    >>> [image_batch(rows) for rows in (500, 5_000, 48_000)]
    [32, 64, 128]
    """
    return next((size for below, size in BATCHES if n_rows < below), LARGEST_BATCH)


def image_settings(n_rows: int) -> dict[str, Any]:
    """The settings that train another network for so many images, before some are held back, as the default one is.

    >>> image_settings(30)["early_stopping"], image_settings(800)["batch_size"]
    (None, 32)
    """
    watches = n_rows >= LEAST_IMAGES
    learnt = n_rows - round(BEST_IMAGE_EPOCH.validation_fraction * n_rows) if watches else n_rows
    return {
        "optimizer": Adam(Cosine(RATE)),
        "epochs": image_epochs(learnt, 1),
        "batch_size": image_batch(learnt),
        "early_stopping": BEST_IMAGE_EPOCH if watches else None,
    }
