"""From an estimator's parameters to network, loss and settings: what is chosen where the user has not."""

from __future__ import annotations

import dataclasses
import itertools
from abc import abstractmethod
from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from lamina.errors import SpecificationError
from lamina.estimators.augment import augmentation
from lamina.estimators.checks import check_early_stopping, refuse_dense_first, refuse_step
from lamina.estimators.features import Features
from lamina.estimators.recipes import Recipe, recipe_for
from lamina.layers.base import Layer, Shape, check_positive_integer, template
from lamina.layers.containers import Sequential, check_layers, check_precision
from lamina.layers.embedding import CategoryEmbedding
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.networks.default import default_batch_size, default_epochs
from lamina.networks.output import with_output
from lamina.training import LBFGS, EarlyStopping, Loss, Settings
from lamina.training.factors import factor_of_each
from lamina.training.losses import resolve_loss
from lamina.training.optimizers import Optimizer, resolve_optimizer


class Plans(BaseEstimator):  # type: ignore[misc]
    """Base of the estimators: the choices of a fit that follow from parameters and shapes alone."""

    layers: Any
    augment: Any = None
    precision: str | None = None
    loss: Any
    optimizer: Any
    epochs: int | None
    batch_size: int | None
    penalty: Any
    early_stopping: Any
    scale: bool | str
    weights: Any
    loss_: Loss
    network_: Sequential
    input_shape_: Shape
    features_: Features

    @abstractmethod
    def _default_loss(self) -> Loss:
        """The loss that follows the outcome."""

    @abstractmethod
    def _check_loss(self, loss: Loss) -> Loss:
        """The user's loss, if it fits the outcome."""

    @abstractmethod
    def _output_units(self) -> int:
        """Units of the output layer."""

    @property
    def _by_recipe(self) -> bool:
        """Whether how to train follows the recipe of the default network: the user named neither layers nor an optimizer."""
        return self.layers is None and self.optimizer is None

    @property
    def _recipe(self) -> Recipe:
        """That of the rows that were planned for."""
        return recipe_for(self.input_shape_, sparse=self.features_.sparse)

    def _early_stopping(
        self, n_rows: int, shape: Shape = (), *, sparse: bool = False
    ) -> EarlyStopping | None:
        """What the user asked for; where nothing, the recipe for rows of a shape finds the best epoch, given rows enough."""
        recipe = recipe_for(shape, sparse=sparse)
        if self.early_stopping is None and self._by_recipe and n_rows >= recipe.least_rows:
            return recipe.best_epoch
        return check_early_stopping(self.early_stopping)

    def _scales_robustly(self) -> bool:
        """Whether columns are scaled by median and quartiles, as the default network's are."""
        return self.scale == "robust" or (self.layers is None and self.scale != "standard")

    def _plan(self, x: np.ndarray) -> None:
        """Choose loss and network."""
        self.loss_ = self._chosen_loss()
        self.input_shape_ = tuple(x.shape[1:])
        self.network_ = self._network(x)
        self.network_.output_shape(self.input_shape_)
        if factors := getattr(self._chosen_optimizer(), "factors", ()):
            # A name that stands for nothing is refused before anything runs.
            factor_of_each(self.network_.init(np.random.default_rng(0), self.input_shape_)[0], factors)

    def _go_on(self, x: np.ndarray) -> None:
        """Take over the rates and penalties that were set since the last fit; another structure needs a new fit."""
        if self.loss is not None:
            loss, before = self._check_loss(self._named_loss()), self.loss_
            units, self.loss_ = self._output_units(), loss
            if type(loss) is not type(before) or self._output_units() != units:
                self.loss_ = before
                raise _structure_changed("loss", loss, before)
        network = self._network(x) if self.layers is not None else self._same_network(x)
        if template(network) != template(self.network_):
            raise _structure_changed("layers, augment or precision", network, self.network_)
        self.network_ = network

    def _same_network(self, x: np.ndarray) -> Sequential:
        """The default network as it was fitted, however many rows there are now, with today's augmentation."""
        kept = itertools.dropwhile(lambda layer: layer.draws, self.network_.layers)
        layers = (*augmentation(self.augment, tuple(x.shape[1:])), *kept)
        return dataclasses.replace(self.network_, layers=layers, precision=self.precision)

    def _chosen_loss(self) -> Loss:
        return self._default_loss() if self.loss is None else self._check_loss(self._named_loss())

    def _named_loss(self) -> Loss:
        return resolve_loss(self.loss)

    def _network(self, x: np.ndarray) -> Sequential:
        hidden = self._recipe.layers(len(x), self.input_shape_) if self.layers is None else self._own_layers()
        levels = self.features_.embedding_levels
        if levels:
            hidden = [CategoryEmbedding(levels), *hidden]
        hidden = [*augmentation(self.augment, tuple(x.shape[1:])), *hidden]
        refuse_step(hidden)
        if self.features_.sparse:
            refuse_dense_first(hidden)
        init = self._recipe.output_init if self._by_recipe else None
        precision = check_precision(type(self).__name__, self.precision)
        return with_output(hidden, self._output_units(), self.loss_.output_activation, init, precision)

    def _own_layers(self) -> list[Layer]:
        """The hidden layers that the user named."""
        return list(check_layers(self.layers, "layers"))

    def _reading(self) -> Hashable:
        """Parameters on which it depends how X is read."""
        return ()

    def _chosen_optimizer(self) -> Optimizer | LBFGS:
        if self._by_recipe:
            return self._recipe.optimizer(self.network_, self.input_shape_)
        optimizer = resolve_optimizer("adam" if self.optimizer is None else self.optimizer)
        if isinstance(optimizer, LBFGS) and self.precision is not None:
            raise SpecificationError(
                f"L-BFGS compares losses that differ in their last digits, which precision={self.precision!r} does not have: "
                "take precision=None, or Adam."
            )
        return optimizer

    def _chosen_penalty(self) -> Penalty:
        if self.penalty is None and self._by_recipe:
            return resolve_penalty(self._recipe.penalty)
        return resolve_penalty(self.penalty)

    def _chosen_batch_size(self, n_rows: int) -> int | None:
        if self.batch_size is not None:
            return self.batch_size
        return self._recipe.batch(n_rows) if self._by_recipe else default_batch_size(n_rows)

    def _settings(self, stopping: EarlyStopping | None, n_rows: int, epochs: int | None) -> Settings:
        """How to train the network that was planned."""
        if self.epochs is not None:
            check_positive_integer(type(self).__name__, "epochs", self.epochs)
        settings = Settings(
            optimizer=self._chosen_optimizer(),
            batch_size=self._chosen_batch_size(n_rows),
            penalty=self._chosen_penalty(),
            patience=None if stopping is None else stopping.patience,
            min_improvement=0.0 if stopping is None else stopping.min_improvement,
            clip_norm=self.clip_norm,
            shuffle=self.shuffle,
        )
        whole = self.epochs or self._default_epochs(n_rows, settings.steps(n_rows))
        return dataclasses.replace(settings, epochs=epochs or whole, horizon=whole if epochs else None)

    def _default_epochs(self, n_rows: int, steps: int) -> int:
        return self._recipe.epochs(n_rows, steps) if self._by_recipe else default_epochs(steps)


def _structure_changed(name: str, now: object, before: object) -> SpecificationError:
    return SpecificationError(
        f"the fit was to go on, but {name} changed since: {before!r} was fitted and now it is {now!r}. Set "
        "warm_start=False for a new fit."
    )
