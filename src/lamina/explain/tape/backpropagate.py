"""A forward and a backward pass with nothing hidden."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.explain.tape.modules import modules_of
from lamina.explain.tape.program import Pass, cut, output_point, run
from lamina.explain.tape.question import Question, question_of
from lamina.explain.tape.tape import Outcome, Tape
from lamina.explain.tape.updates import rate_of


def backpropagate(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    loss: Any = None,
    optimizer: Any = None,
    parameters: Any = None,
    training: bool = False,
    seed: int = 0,
) -> Tape:
    r"""Every value and every derivative of one forward and one backward pass.

    The risk of rows i with weights w is :math:`R = \sum_i w_i L_i / \sum_i w_i`, to which penalties are added. Forward, each
    layer makes :math:`z = xW + b` and :math:`a = g(z)` (or what its own equation says); backward, the error
    :math:`\partial R / \partial a` arrives from above, :math:`\partial R / \partial z = g'(z)\, \partial R / \partial a`
    gives the gradients :math:`x' \,\partial R / \partial z` of W and its sum over rows of b, and
    :math:`\partial R / \partial z\, W'` is handed down.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralRegressor`, :class:`lamina.NeuralClassifier`, model of texts, images, sequences or series;
        or a network of layers with its output layer, such as ``[Dense(2, "sigmoid"), Dense(1)]``.
    X, y
        Rows and outcomes as in the fit, standardised as there; sources and targets of a :class:`lamina.SequenceToSequence`; a
        table, and no y, of a :class:`lamina.SeriesForecaster` (its first member). Of a network: arrays (n, ...) and what the
        loss takes, for softmax the number of the class.
    sample_weight
        Weight of each row; rows of weight zero are left out.
    loss
        Another one than the model's; of a network by default the one that goes with its output activation: cross-entropies for
        sigmoid and softmax, else the squared error. Under a loss that brings no activation of its own, such as the squared error,
        the network's output activation is a layer as any other, with a linear one behind it.
    optimizer
        Whose first step the updates are; by default the model's own, of a network ``SGD(0.1)``.
    parameters
        Of a network, as ``{"dense_1": {"weights": ..., "bias": ...}}``; None draws them as a fit with this ``seed`` does.
    training
        Whether the pass is one of training: dropout and noise are drawn with ``seed``, and normalisations take the batch's own
        statistics. Otherwise it is one of prediction, the same each time.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    DataError
        If rows or outcomes are not like those of the fit, empty or not finite.
    ArgumentTypeError, SpecificationError
        If the model is no network; if parameters, loss or optimizer do not fit it.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986; ISLP equations 10.27
    to 10.31.

    >>> from lamina.layers import Dense
    >>> parameters = {
    ...     "dense_1": {"weights": [[0.5, -1.0]], "bias": [0.0, 1.0]}, "dense_2": {"weights": [[2.0], [1.0]], "bias": [0.5]}
    ... }
    >>> tape = backpropagate([Dense(2, "relu"), Dense(1)], [[2.0]], [1.0], loss="half_squared_error", parameters=parameters)
    >>> tape["dense_1"].z.tolist(), tape["dense_1"].error.tolist(), tape.gradients["dense_1/weights"].tolist()
    ([[1.0, -1.0]], [[3.0, 1.5]], [[6.0, 0.0]])
    """
    question = question_of(
        model,
        X,
        y,
        sample_weight=sample_weight,
        loss=loss,
        optimizer=optimizer,
        parameters=parameters,
        seed=seed,
    )
    found = run(question, training=training, seed=seed)
    return Tape(
        modules=modules_of(question, found),
        outcome=_outcome(question, found),
        risk=float(found.risk),
        penalty=float(found.penalty),
        network=question.network,
        loss=question.loss,
        optimizer=question.settings.optimizer,
        rate=rate_of(question),
        training=training,
        inputs=question.inputs,
        outputs=question.outputs,
        standardised=question.standardised,
        penalty_gradients=jax.tree.map(np.asarray, found.penalty_gradients),
    )


def _outcome(question: Question, found: Pass) -> Outcome:
    n, rows = int(question.rows.n), question.rows
    last = output_point(question.network)
    z = cut(found.values[last], n, len(rows.weights))
    return Outcome(
        y=rows.y[:n],
        z=z,
        prediction=cut(found.prediction, n, len(rows.weights)),
        losses=np.asarray(found.losses[:n]),
        error=cut(found.errors[last], n, len(rows.weights)),
        weights=rows.weights[:n],
    )
