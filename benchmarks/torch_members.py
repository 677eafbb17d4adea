"""Many networks in PyTorch: a plain loop over them, and the strongest rival of a population, stacked by ``torch.func.vmap``.

A stack has groups of members: those of a group share rows and mini-batches (the settings of a search on one fold; a group of
one for an ensemble), so that the first layer of a group is one matrix product. Adam is written out, as ``torch.optim`` has
no learning rate by member. Batches are padded with rows of weight zero, so that one compiled step serves all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.func import grad, vmap

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
State = tuple[list[torch.Tensor], list[torch.Tensor], list[torch.Tensor]]


def squared_error(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return ((z - y) ** 2).sum(-1)


def cross_entropy(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(z, y[:, 0], reduction="none")


def network(parameters: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Dense layers with ReLU between: parameters are W, b, W, b, …"""
    for place in range(0, len(parameters), 2):
        if place:
            x = torch.relu(x)
        x = x @ parameters[place] + parameters[place + 1]
    return x


def one_by_one(
    x: torch.Tensor, y: torch.Tensor, widths: Sequence[int], loss: Loss, batch: int, epochs: int, members: int
) -> list[torch.nn.Sequential]:
    """A plain loop over members, each by a plain loop over mini-batches."""
    networks = []
    for _ in range(members):
        layers: list[torch.nn.Module] = []
        for p, k in itertools.pairwise(widths):
            layers += [torch.nn.Linear(p, k), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1]).to(x.device)
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(epochs):
            order = torch.randperm(len(x), device=x.device)
            for first in range(0, len(x), batch):
                chosen = order[first : first + batch]
                optimizer.zero_grad()
                loss(model(x[chosen]), y[chosen]).mean().backward()
                optimizer.step()
        networks.append(model)
    return networks


@dataclass
class Stack:
    """Groups × members of one structure.

    Attributes
    ----------
    widths
        Inputs, hidden units, outputs.
    rates, penalties
        One of each for every member of a group.
    loss
        Of each row, from outputs (rows, q) and outcome (rows, q).
    compiled
        Whether the step, from row indices to Adam's update, goes through ``torch.compile``.
    """

    widths: tuple[int, ...]
    rates: torch.Tensor
    penalties: torch.Tensor
    loss: Loss
    batch: int
    compiled: bool = False

    def __post_init__(self) -> None:
        self.step = self._step()
        if self.compiled:
            self.step = torch.compile(self.step, dynamic=False)

    def start(self, groups: int, seed: int = 0) -> State:
        """Glorot's uniform weights, the same for every member of a group, and Adam's moments."""
        rng, device, members = np.random.default_rng(seed), self.rates.device, len(self.rates)
        parameters = []
        for p, k in itertools.pairwise(self.widths):
            bound = np.sqrt(6 / (p + k))
            weights = torch.from_numpy(rng.uniform(-bound, bound, (groups, 1, p, k)).astype(np.float32))
            parameters.append(weights.expand(groups, members, p, k).contiguous().to(device))
            parameters.append(torch.zeros(groups, members, k, device=device))
        zeros = [torch.zeros_like(p) for p in parameters]
        return parameters, zeros, [torch.zeros_like(p) for p in parameters]

    def fit(
        self, x: torch.Tensor, y: torch.Tensor, sizes: Sequence[int], epochs: int, seed: int = 0
    ) -> State:
        """Train on x (groups, rows, p), y (groups, rows, q), of which a group's first ``sizes`` are its own."""
        state, t = self.start(len(sizes), seed), 0
        torch.manual_seed(seed)
        for _ in range(epochs):
            picks = self._order(sizes)
            for first in range(0, picks.shape[1], self.batch):
                t += 1
                corrections = torch.tensor([1 - 0.9**t, 1 - 0.999**t], device=x.device)
                state = self.step(state, x, y, picks[:, first : first + self.batch], corrections)
        return state

    def predict(self, parameters: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        """Outputs of every member on its group's rows, shape (groups, members, rows, q)."""
        with torch.no_grad():
            return vmap(vmap(network, in_dims=(0, None)))(list(parameters), x)

    def _order(self, sizes: Sequence[int]) -> torch.Tensor:
        """A new order of each group's rows, filled up to whole batches with -1."""
        device, width = self.rates.device, -(-max(sizes) // self.batch) * self.batch
        if device.type == "cpu":
            order = torch.full((len(sizes), width), -1)
            for group, n in enumerate(sizes):
                order[group, :n] = torch.randperm(n)
            return order
        spare = torch.arange(width, device=device) >= torch.tensor(sizes, device=device)[:, None]
        order = (torch.rand(spare.shape, device=device) + 2 * spare).argsort(1)
        return torch.where(spare, -1, order)

    def _step(self) -> Callable[..., State]:
        def objective(
            parameters: list[torch.Tensor],
            x: torch.Tensor,
            y: torch.Tensor,
            weights: torch.Tensor,
            penalty: torch.Tensor,
        ) -> torch.Tensor:
            error = (self.loss(network(parameters, x), y) * weights).sum() / weights.sum()
            return error + penalty * sum((w * w).sum() for w in parameters[::2])

        of_group = vmap(grad(objective), in_dims=(0, None, None, None, 0))
        of_all = vmap(of_group, in_dims=(0, 0, 0, 0, None))

        def step(
            state: State, x: torch.Tensor, y: torch.Tensor, chosen: torch.Tensor, corrections: torch.Tensor
        ) -> State:
            parameters, first, second = state
            groups = torch.arange(len(x), device=x.device)[:, None]
            rows, weights = chosen.clamp(min=0), (chosen >= 0).float()
            gradients = of_all(parameters, x[groups, rows], y[groups, rows], weights, self.penalties)
            for p, g, m, v in zip(parameters, gradients, first, second, strict=True):
                rate = self.rates.view(-1, *[1] * (p.ndim - 2))
                m.lerp_(g, 0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                scale = v.sqrt().div_(corrections[1].sqrt()).add_(1e-8)
                p.sub_((m * (rate / corrections[0])).div_(scale))
            return state

        return step
