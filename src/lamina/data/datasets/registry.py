"""The data sets Lamina knows: what they hold, where they come from, under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lamina.data.datasets.sources import Embedded, FromScikitLearn, Kept, Outside, Source
from lamina.errors import DataError, nearest_name


@dataclass(frozen=True)
class Entry:
    """One data set; rows and columns (the target included) are those `load_dataset` gives."""

    name: str
    title: str
    task: str
    target: str
    rows: int
    columns: int
    size_bytes: int
    licence: str
    source: str
    kept: Source


_ISLP = "BSD-3-Clause"
_FROM_ISLP = "ISLP package 0.6.0, An Introduction to Statistical Learning"
_SKLEARN = "BSD-3-Clause, as shipped by scikit-learn"
_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"


def _table(
    name: str, title: str, task: str, target: str, shape: tuple[int, int], size: int, kept: Source
) -> Entry:
    licence = _SKLEARN if isinstance(kept, FromScikitLearn) else _ISLP
    source = "scikit-learn" if isinstance(kept, FromScikitLearn) else _FROM_ISLP
    return Entry(name, title, task, target, *shape, size, licence, source, kept)


def _islp(file: str) -> Kept:
    return Kept((Outside((f"islp/{file}",)),))


def _mnist(file: str, sha256: str) -> Outside:
    names = (f"mnist/{file}.gz", f"mnist/{file}")
    return Outside(names, f"{_MNIST}{file}.gz", f"sha256:{sha256}")


_MNIST_FILES = (
    _mnist("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    _mnist("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    _mnist("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    _mnist("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
_IMDB_FILES = (
    Outside(
        ("imdb/aclImdb_v1.tar.gz", "imdb/aclImdb.tar.xz"),
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        "sha256:c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
        of_payload=False,
    ),
)
_CIFAR100_FILES = (
    Outside(
        ("cifar100/cifar-100-binary.tar.gz", "cifar100/cifar-100-binary.tar.xz"),
        "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        "md5:03b5dce01913d631647c71ecec9e9cb8",  # the publisher gives no other
        of_payload=False,
    ),
)

_ENTRIES = (
    _table(
        "hitters",
        "Salaries of baseball players, 1987",
        "regression",
        "Salary",
        (263, 20),
        21_003,
        Embedded("Hitters.csv"),
    ),
    _table(
        "nyse",
        "Trading volume of the New York Stock Exchange, 1962-1986",
        "regression",
        "log_volume",
        (6051, 6),
        371_105,
        Embedded("NYSE.csv"),
    ),
    _table(
        "boston",
        "House values in Boston's suburbs",
        "regression",
        "medv",
        (506, 13),
        31_378,
        Embedded("Boston.csv"),
    ),
    _table(
        "iris",
        "Three species of iris",
        "classification",
        "species",
        (150, 5),
        2_734,
        FromScikitLearn("load_iris", named_classes=True),
    ),
    _table(
        "diabetes",
        "Progression of diabetes",
        "regression",
        "progression",
        (442, 11),
        8_123,
        FromScikitLearn("load_diabetes"),
    ),
    _table(
        "breast_cancer",
        "Malignant and benign breast tumours",
        "classification",
        "diagnosis",
        (569, 31),
        119_913,
        FromScikitLearn("load_breast_cancer", named_classes=True),
    ),
    _table(
        "wine",
        "Three cultivars of wine",
        "classification",
        "cultivar",
        (178, 14),
        11_157,
        FromScikitLearn("load_wine", named_classes=True),
    ),
    _table(
        "digits",
        "Handwritten digits of 8 x 8 pixels",
        "classification",
        "digit",
        (1797, 65),
        57_523,
        FromScikitLearn("load_digits"),
    ),
    _table(
        "default",
        "Default on credit cards",
        "classification",
        "default",
        (10_000, 4),
        404_710,
        _islp("Default.csv"),
    ),
    _table("auto", "Fuel consumption of cars", "regression", "mpg", (392, 9), 19_004, _islp("Auto.csv")),
    _table(
        "carseats",
        "Sales of child car seats",
        "regression",
        "Sales",
        (400, 11),
        16_628,
        _islp("Carseats.csv"),
    ),
    _table(
        "oj",
        "Choice between two orange juices",
        "classification",
        "Purchase",
        (1070, 18),
        82_975,
        _islp("OJ.csv"),
    ),
    _table(
        "caravan",
        "Buyers of caravan insurance",
        "classification",
        "Purchase",
        (5822, 86),
        1_013_001,
        _islp("Caravan.csv"),
    ),
    _table(
        "smarket",
        "Daily moves of the S&P 500, 2001-2005",
        "classification",
        "Direction",
        (1250, 9),
        94_850,
        _islp("Smarket.csv"),
    ),
    Entry(
        name="mnist",
        title="Handwritten digits of 28 x 28 pixels",
        task="classification",
        target="digit",
        rows=70_000,
        columns=785,
        size_bytes=11_594_722,
        licence="often quoted as CC BY-SA 3.0 (unverified)",
        source="LeCun, Cortes and Burges",
        kept=Kept(_MNIST_FILES),
    ),
    Entry(
        name="imdb",
        title="Film reviews, positive and negative",
        task="classification",
        target="sentiment",
        rows=50_000,
        columns=2,
        size_bytes=84_125_825,
        licence="none stated; cite Maas et al. 2011",
        source="Large Movie Review Dataset v1.0",
        kept=Kept(_IMDB_FILES),
    ),
    Entry(
        name="cifar100",
        title="Photographs of 100 kinds of things, 32 x 32 pixels",
        task="classification",
        target="fine_label",
        rows=60_000,
        columns=3074,
        size_bytes=168_513_733,
        licence="none stated; cite Krizhevsky 2009",
        source="CIFAR-100, binary version",
        kept=Kept(_CIFAR100_FILES),
    ),
)

REGISTRY: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})


def entry_named(name: str) -> Entry:
    """Look a data set up.

    Raises
    ------
    DataError
        It is unknown; the message names the nearest.

    >>> entry_named("boston").target
    'medv'
    """
    if name not in REGISTRY:
        raise DataError(f"there is no data set {name!r}: {nearest_name(name, REGISTRY)}")
    return REGISTRY[name]
