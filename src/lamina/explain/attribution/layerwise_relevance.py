"""Layer-wise relevance propagation: the output handed back from layer to layer, and nothing lost on the way."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from lamina.explain.attribution.method import Method
from lamina.explain.attribution.network_input import check_network
from lamina.explain.attribution.path import Named, Path
from lamina.explain.attribution.relevance_known import refuse_layers
from lamina.explain.attribution.relevance_layers import Surroundings, chain
from lamina.explain.attribution.relevance_rules import Rule, resolve_rule
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.running import asked
from lamina.layers.base import Array, Context, Parameters, State, children
from lamina.layers.containers import Sequential
from lamina.layers.embedding import CategoryEmbedding, Embedding
from lamina.networks.output import linear_predictor
from lamina.training.cache import keep_few_programs


@dataclass(frozen=True, eq=False, repr=False)
class LayerwiseRelevance(Method):
    r"""The output as relevance, handed back from layer to layer by what each unit contributed to the next.

    .. math:: \sum_i R_i^{(0)} + R_{\text{biases}} = \dots = \sum_j R_j^{(l)} + R_{\text{biases}} = f(x)

    The base value is what biases took, and the residual what epsilon took. Weighted sums share by the rule; so do means and the
    two ways of a residual block; what is largest in a window takes all of it; an activation hands on what it has; a BatchNorm
    is folded into the weights before it.

    Parameters
    ----------
    rule : str or rule
        "epsilon", "alpha_beta" or "z_plus", or with options ``Epsilon(0.01)``, ``AlphaBeta(2, 1)``, ``ZPlus()``.

    Raises
    ------
    SpecificationError
        For an unknown rule. When it explains: for a network with recurrence, attention, or another layer without a rule.

    Source: Bach et al., "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation",
    2015.

    >>> LayerwiseRelevance("z_plus")
    LayerwiseRelevance(rule='z_plus')
    """

    name: ClassVar[str] = "layerwise_relevance"

    rule: str | Rule = "epsilon"

    def __post_init__(self) -> None:
        resolve_rule(self.rule)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        refuse_layers(_behind_the_codes(check_network(model, self.name).network_))
        question = asked(model, X, target, self.name)
        given = question.given
        keep_few_programs(_handed_back)
        program = functools.partial(_handed_back, given.path, resolve_rule(self.rule))
        relevance, taken, output = question.in_blocks(program, given.values, given.mask, question.seeds)
        return question.result(self, given.back(relevance), output=output, base_value=taken)


def _behind_the_codes(network: Sequential) -> list[Named]:
    """The layers up to the linear predictor, without the one that makes vectors of codes: their vectors get the relevance."""
    named = children(linear_predictor(network))
    return [item for item in named if not isinstance(item[1], (CategoryEmbedding, Embedding))]


@functools.partial(jax.jit, static_argnums=(0, 1))
def _handed_back(
    path: Path,
    rule: Rule,
    parameters: Parameters,
    state: State,
    hyperparameters: Any,
    x: Array,
    mask: Array | None,
    seeds: Array,
) -> tuple[Array, Array, Array]:
    """Relevance of the inputs, what biases took, and the output."""
    around = Surroundings(rule, Context(hyperparameters=hyperparameters, mask=mask))
    z, back = chain(path.layers, parameters, state, x, around)
    relevance, taken = back(z * seeds)
    return relevance, taken, jnp.sum(z * seeds, axis=1)
