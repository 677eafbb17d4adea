"""The experiments by name: one module a table of the literature."""

from __future__ import annotations

import datetime
import importlib
import os
import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from types import MappingProxyType

from lamina.errors import SpecificationError, nearest_name
from lamina.experiments.report import Findings, Report

PACKAGES = ("lamina", "jax", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Experiment:
    """Where an experiment is, what it shows, and how long it takes on two cores."""

    module: str
    shows: str
    takes: str


EXPERIMENTS = MappingProxyType(
    {
        "hitters": Experiment(
            "lamina.experiments.hitters",
            "Baseball salaries: linear model, lasso and a network (ISLP, Table 10.2)",
            "half a minute",
        ),
        "backprop-minimal": Experiment(
            "lamina.experiments.backprop_minimal",
            "Two weights: derivatives on paper, by the tape, by differences; the way down",
            "a few seconds",
        ),
        "vanishing-gradients": Experiment(
            "lamina.experiments.vanishing_gradients",
            "What arrives at the first of many layers: sigmoid, tanh, ReLU; Xavier, He; residual, normalised",
            "2 minutes",
        ),
        "boston": Experiment(
            "lamina.experiments.boston",
            "House values: five hidden units by BFGS, as R's nnet fits them, and by Adam",
            "half a minute",
        ),
        "nyse": Experiment(
            "lamina.experiments.nyse",
            "Trading volume a day ahead: last value, AR(5), networks on lags, RNN, LSTM (ISLP, section 10.5.2)",
            "2 minutes",
        ),
        "mnist": Experiment(
            "lamina.experiments.mnist",
            "Handwritten digits: two networks and linear models (ISLP, Table 10.1), a Keras network",
            "10 minutes",
        ),
        "mnist-cnn": Experiment(
            "lamina.experiments.mnist_cnn",
            "Handwritten digits: six filters and 32 units (a lecture's 98.45 %), and the filters as pictures",
            "10 minutes",
        ),
        "cifar100": Experiment(
            "lamina.experiments.cifar100",
            "A hundred kinds of photographs: the book's network, augmentation, batch norm, ResNet-20",
            "an hour",
        ),
        "transfer": Experiment(
            "lamina.experiments.transfer",
            "Features learnt on half of CIFAR's classes, for the other half: few labelled images a class",
            "25 minutes",
        ),
        "residual-depth": Experiment(
            "lamina.experiments.residual_depth",
            "Plain and residual networks of 8 to 56 layers: training error and gradients (He et al. 2016)",
            "25 minutes",
        ),
        "imdb": Experiment(
            "lamina.experiments.imdb",
            "Film reviews as bags of words: the lasso's path, a network's epochs (ISLP, Figure 10.11)",
            "5 minutes",
        ),
        "imdb-rnn": Experiment(
            "lamina.experiments.imdb_rnn",
            "Film reviews read word by word by a simple recurrent network (ISLP, section 10.5)",
            "20 minutes",
        ),
        "imdb-lstm": Experiment(
            "lamina.experiments.imdb_lstm",
            "Film reviews read by LSTM, both ways, filters, attention; pairs of words (ISLP, section 10.5)",
            "an hour",
        ),
        "iris": Experiment(
            "lamina.experiments.iris",
            "Three species of iris: a multi-layer perceptron with early stopping",
            "10 seconds",
        ),
        "perceptron-logic": Experiment(
            "lamina.experiments.perceptron_logic",
            "The perceptron on AND, OR, NAND, NOR and XOR: mistakes beside the theorem's bound",
            "10 seconds",
        ),
        "xor": Experiment(
            "lamina.experiments.xor",
            "XOR by back-propagation: from how many random starts, by method, error and hidden units",
            "half a minute",
        ),
        "genz": Experiment(
            "lamina.experiments.genz",
            "Functions without noise in 2, 5 and 10 dimensions: depth, activation, optimizer (Genz)",
            "10 minutes",
        ),
        "universal-approximation": Experiment(
            "lamina.experiments.universal_approximation",
            "One function by networks of many widths and depths, and by bumps of sigmoids, untrained",
            "10 minutes",
        ),
        "hidden-layer-geometry": Experiment(
            "lamina.experiments.hidden_geometry",
            "Circles and spirals layer by layer: how far each layer makes a straight line suffice",
            "3 minutes",
        ),
        "double-descent": Experiment(
            "lamina.experiments.double_descent",
            "Interpolation and beyond: natural splines (ISLP, Figures 10.20, 10.21), network widths",
            "a minute",
        ),
        "dropout-as-ridge": Experiment(
            "lamina.experiments.dropout_ridge",
            "Dropout on the inputs of a linear network, beside ridge regression",
            "half a minute",
        ),
        "noise-as-ridge": Experiment(
            "lamina.experiments.noise_ridge",
            "Gaussian noise on the inputs of a linear network, beside ridge regression",
            "half a minute",
        ),
        "tuning": Experiment(
            "lamina.experiments.tuning",
            "Width, dropout and ridge on Hitters: the whole surface, and nested choices on it",
            "2 minutes",
        ),
        "coverage": Experiment(
            "lamina.experiments.coverage",
            "How often conformal intervals and sets hold the outcome, on simulated data",
            "4 minutes",
        ),
        "validation-overfitting": Experiment(
            "lamina.experiments.validation_overfitting",
            "Best of k settings by validation error: how much better it looks than it is, as k grows",
            "2 minutes",
        ),
        "sgd-minimum-norm": Experiment(
            "lamina.experiments.sgd_minimum_norm",
            "Wide linear models: small steps reach the minimum-norm solution; SGD's path beside ridge",
            "2 minutes",
        ),
        "credit": Experiment(
            "lamina.experiments.credit",
            "Default on credit cards: logistic, LDA, network; ROC, calibration, costs (ISLP, Tables 4.1-4.5)",
            "2 minutes",
        ),
        "dates": Experiment(
            "lamina.experiments.dates",
            "Human dates to ISO by sequence to sequence: attention or not, a Transformer, a parser",
            "5 minutes",
        ),
        "copy": Experiment(
            "lamina.experiments.copy",
            "What SimpleRNN, GRU and LSTM remember as a gap of noise grows; gradients by distance",
            "10 minutes",
        ),
        "default-tables": Experiment(
            "lamina.experiments.default_tables",
            "Default networks on 26 tables, beside scikit-learn's network, boosting, forest, linear model",
            "20 minutes",
        ),
        "verdict-calibration": Experiment(
            "lamina.experiments.calibration",
            "How often the verdict is right: simulated truths, false alarms, power, regret, coverage",
            "an hour",
        ),
        "gradient-descent": Experiment(
            "lamina.experiments.gradient_descent",
            "Steps on a parabola and on two minima (ISLP, Figure 10.17), step sizes, condition numbers",
            "half a minute",
        ),
        "optimizers": Experiment(
            "lamina.experiments.optimizers",
            "Seven optimizers on the MNIST network and in Rosenbrock's valley, each at its best rate",
            "3 minutes",
        ),
        "initialisation": Experiment(
            "lamina.experiments.initialisation",
            "Seven ways to begin: variances by layer, errors after training (Glorot and Bengio, He et al.)",
            "4 minutes",
        ),
        "swish": Experiment(
            "lamina.experiments.swish",
            "Swish beside relu and others: six tables, digits by depth (Ramachandran et al. 2017)",
            "4 minutes",
        ),
        "loss-landscape": Experiment(
            "lamina.experiments.loss_landscape",
            "The loss around plain and residual networks of 2 to 40 layers (Li et al. 2018)",
            "2 minutes",
        ),
    }
)


def names() -> list[tuple[str, str, str]]:
    """Name, what it shows and how long it takes, of every experiment.

    >>> [name for name, _, _ in names()]
    ['hitters', 'backprop-minimal', 'vanishing-gradients', 'boston', 'nyse', 'mnist', 'mnist-cnn', 'cifar100', 'transfer',
     'residual-depth', 'imdb', 'imdb-rnn', 'imdb-lstm', 'iris', 'perceptron-logic', 'xor', 'genz', 'universal-approximation',
     'hidden-layer-geometry', 'double-descent',
     'dropout-as-ridge', 'noise-as-ridge', 'tuning', 'coverage', 'validation-overfitting', 'sgd-minimum-norm', 'credit',
     'dates', 'copy', 'default-tables', 'verdict-calibration', 'gradient-descent', 'optimizers', 'initialisation', 'swish',
     'loss-landscape']
    """
    return [(name, experiment.shows, experiment.takes) for name, experiment in EXPERIMENTS.items()]


def run(name: str, quick: bool = False, progress: bool = True) -> Report:
    """Run an experiment.

    Parameters
    ----------
    name
        One of :func:`names`.
    quick
        Fewer seeds, splits and epochs: a look, not a result.
    progress
        Show on standard error how far it is.

    Raises
    ------
    SpecificationError
        If there is no such experiment.
    DataError
        If its data are not on this machine and cannot be downloaded.
    """
    if name not in EXPERIMENTS:
        raise SpecificationError(f"{name!r} is not an experiment: {nearest_name(name, EXPERIMENTS)}")
    module = importlib.import_module(EXPERIMENTS[name].module)
    start = time.perf_counter()
    findings: Findings = module.run(quick, progress)
    return Report(
        name=name,
        title=module.TITLE,
        source=module.SOURCE,
        quick=quick,
        findings=findings,
        versions={"Python": platform.python_version()} | {each: version(each) for each in PACKAGES},
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        date=datetime.date.today().isoformat(),
        seconds=time.perf_counter() - start,
    )
