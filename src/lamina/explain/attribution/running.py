"""What the methods that differentiate a network share: rows and question together, block by block through one program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.data.text import BagOfWords
from lamina.estimators.base import NeuralEstimator
from lamina.explain.attribution.network_input import NetworkInput, as_batch, check_network, network_input
from lamina.explain.attribution.question import Question, network_answers, question_of
from lamina.explain.attribution.result import Attribution
from lamina.layers.base import traced_values
from lamina.networks.summary import rows_at_a_time
from lamina.training.padding import pad_block
from lamina.training.precision import precision

MOST_ROWS = 1024


@dataclass(frozen=True)
class Asked:
    """A network, the rows as it differentiates them, and what is asked of each.

    Attributes
    ----------
    rows
        X, with one image as a batch of one.
    """

    model: NeuralEstimator
    rows: Any
    given: NetworkInput
    question: Question

    def in_blocks(
        self, program: Callable[..., tuple[Any, ...]], *arrays: np.ndarray | None
    ) -> tuple[np.ndarray, ...]:
        """What ``program(parameters, state, hyperparameters, *blocks)`` gives for all rows, in the precision of the model."""
        dtype = self.model._precision()
        numbers = {
            name: np.asarray(value, dtype) for name, value in traced_values(self.model.network_).items()
        }
        with precision(dtype):
            parts = [
                tuple(
                    np.asarray(each)[:count]
                    for each in program(self.model.parameters_, self.model.fitted_.state, numbers, *blocks)
                )
                for count, blocks in self._blocks(arrays)
            ]
        return tuple(np.concatenate(each) for each in zip(*parts, strict=True))

    def _blocks(self, arrays: tuple[np.ndarray | None, ...]) -> Iterator[tuple[int, list[Any]]]:
        n = len(self.given.values)
        most = rows_at_a_time(self.model.network_, tuple(self.model.input_shape_), MOST_ROWS)
        for first in range(0, n, most):
            rows = slice(first, first + most)
            yield (
                min(most, n - first),
                [None if each is None else pad_block(each[rows]) for each in arrays],
            )

    @property
    def seeds(self) -> np.ndarray:
        """Weights of the units, in the model's precision."""
        return np.asarray(self.question.seeds, self.model._precision())

    def result(
        self,
        method: Any,
        attributions: np.ndarray,
        *,
        output: np.ndarray | None = None,
        base_value: np.ndarray | None = None,
        baseline: np.ndarray | None = None,
    ) -> Attribution:
        """The attribution of these rows; ``output`` and ``base_value`` without the question's offset."""
        question, text = self.question, self.model.features_.text
        offset = question.offset
        is_image = self.given.names is None and self.given.words is None and not self.given.has_vectors
        return Attribution(
            attributions,
            question.output if output is None else output + offset,
            None if base_value is None else base_value + offset,
            question.target,
            question.scale,
            method,
            baseline=baseline,
            names=self.given.names,
            words=self.given.words,
            images=self.given.values if is_image and self.given.values.ndim > 2 else None,
            index=getattr(self.rows, "index", None) if hasattr(self.rows, "columns") else None,
            present=self.given.values != 0 if isinstance(text, BagOfWords) else None,
        )


def asked(model: Any, X: Any, target: Any, method: str) -> Asked:
    """Check model, rows and target, and bring them together."""
    network = check_network(model, method)
    rows = as_batch(network, X)
    question = question_of(network_answers(network, rows), target)
    return Asked(network, rows, network_input(network, rows), question)
