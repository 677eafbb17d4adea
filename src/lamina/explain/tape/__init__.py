"""Back-propagation in the open: every value and every derivative of a network's forward and backward pass."""

from lamina.explain.tape.backpropagate import backpropagate
from lamina.explain.tape.finite import GradientCheck, check_gradients
from lamina.explain.tape.tape import Module, Outcome, Tape

__all__ = ["GradientCheck", "Module", "Outcome", "Tape", "backpropagate", "check_gradients"]
