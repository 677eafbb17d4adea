"""Data sets are listed without loading, found where they are, downloaded with their digests, refused if damaged."""

from __future__ import annotations

import functools
import gzip
import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from lamina.data.datasets import list_datasets, load_dataset, load_mnist, locate, locations, registry
from lamina.data.datasets.idx import read_idx
from lamina.data.datasets.locations import state
from lamina.data.datasets.sources import Kept, Outside
from lamina.errors import DataError, FileFormatError

HERE = [data for data in list_datasets() if data.where in ("embedded", "with scikit-learn")]
ISLP = ("default", "auto", "carseats", "oj", "caravan", "smarket")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing under LAMINA_DATA."""
    monkeypatch.setattr(locations, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("LAMINA_DATA", raising=False)
    return tmp_path / "cache"


def idx(array: np.ndarray) -> bytes:
    """Write the IDX format, independently of its reader."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("data", HERE, ids=lambda data: data.name)
def test_what_is_listed_is_what_is_loaded(data: object) -> None:
    table = load_dataset(data.name)  # type: ignore[attr-defined]
    assert table.frame.shape == (data.rows, data.columns)  # type: ignore[attr-defined]
    assert (table.target, table.task) == (data.target, data.task)  # type: ignore[attr-defined]
    assert not table.frame[table.target].isna().any()


@pytest.mark.parametrize("name", ISLP)
def test_further_tables_of_the_book_are_as_listed(name: str) -> None:
    if state(name) != "found under LAMINA_DATA":
        pytest.skip(f"{name} is not under LAMINA_DATA")
    data = next(data for data in list_datasets() if data.name == name)
    assert load_dataset(name).frame.shape == (data.rows, data.columns)


def test_published_facts_of_the_embedded_tables() -> None:
    assert load_dataset("hitters").frame["Salary"].mean() == pytest.approx(
        535.9, abs=0.05
    )  # ISLP, section 6.5
    assert load_dataset("nyse").frame["train"].sum() == 4281
    assert load_dataset("boston").frame["medv"].median() == pytest.approx(21.2)
    assert load_dataset("iris").frame["species"].value_counts().tolist() == [50, 50, 50]


def test_listing_needs_neither_numpy_nor_the_network() -> None:
    code = (
        "import sys; from lamina.data.datasets import list_datasets; list_datasets()\n"
        "assert not {'numpy', 'pandas', 'sklearn', 'pooch', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'hitters'"):
        load_dataset("hiters")
    with pytest.raises(DataError, match="did you mean 'mnist'"):
        locate("mnst")


@pytest.mark.parametrize("name", ["mnist", "imdb", "cifar100"])
def test_what_is_no_table_says_how_it_is_had(name: str) -> None:
    with pytest.raises(DataError, match=name):
        load_dataset(name)


def test_what_is_nowhere_says_where_to_put_it(cache: Path) -> None:
    assert state("auto").startswith("absent")
    with pytest.raises(DataError, match=r"islp/Auto\.csv.*LAMINA_DATA"):
        load_dataset("auto")
    assert state("mnist") == "to download"
    with pytest.raises(DataError, match=r"not on this machine.*ossci-datasets"):
        locate("mnist", download=False)


def test_the_folders_of_the_variable_come_before_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (cache, tmp_path / "second"):
        (folder / "imdb").mkdir(parents=True)
        (folder / "imdb" / "aclImdb.tar.xz").touch()
    assert state("imdb") == "cached"
    assert locate("imdb") == cache / "imdb" / "aclImdb.tar.xz"
    monkeypatch.setenv("LAMINA_DATA", f"{tmp_path / 'first'}{locations.os.pathsep}{tmp_path / 'second'}")
    assert state("imdb") == "found under LAMINA_DATA"
    assert locate("imdb") == tmp_path / "second" / "imdb" / "aclImdb.tar.xz"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine, and the folder it serves."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *parts: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}/", folder
        httpd.shutdown()


def offer(monkeypatch: pytest.MonkeyPatch, url: str, payload: bytes) -> None:
    """Let the data set 'mnist' be one file at that address, known by the digest of its payload."""
    file = Outside(("mnist/x.gz", "mnist/x"), url + "x.gz", f"sha256:{hashlib.sha256(payload).hexdigest()}")
    entry = registry.Entry("mnist", "", "", "", 0, 0, 0, "", "", Kept((file,)))
    monkeypatch.setattr(locations, "entry_named", lambda name: entry)


def test_a_download_is_known_by_its_payload_however_it_was_packed(
    cache: Path, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    offer(monkeypatch, url, b"digits")
    (folder / "x.gz").write_bytes(gzip.compress(b"digits", 1))
    assert gzip.decompress(locate("mnist").read_bytes()) == b"digits"
    assert state("mnist") == "cached"
    (folder / "x.gz").unlink()
    assert locate("mnist") == cache / "mnist" / "x.gz"  # no second download
    assert [path.name for path in (cache / "mnist").iterdir()] == ["x.gz"]


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"other", mtime=0), gzip.compress(b"digits", mtime=0)[:-9], b"<html>sorry</html>"],
)
def test_a_download_that_is_not_what_it_should_be_is_not_kept(
    cache: Path, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    url, folder = server
    offer(monkeypatch, url, b"digits")
    (folder / "x.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"not what was published.*Nothing was kept"):
        locate("mnist")
    assert list((cache / "mnist").iterdir()) == []


def test_a_download_that_fails_says_what_to_do(
    cache: Path, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, server[0], b"digits")
    with pytest.raises(DataError, match=r"could not be downloaded.*404.*other means"):
        locate("mnist")
    offer(monkeypatch, "http://127.0.0.1:9/", b"digits")
    with pytest.raises(DataError, match="could not be downloaded"):
        locate("mnist")


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 28, 28)])
@pytest.mark.parametrize("packed", [False, True])
def test_idx_arrays_come_back(tmp_path: Path, shape: tuple[int, ...], packed: bool) -> None:
    array = np.arange(np.prod(shape)).reshape(shape) % 256
    path = tmp_path / ("x.gz" if packed else "x")
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    np.testing.assert_array_equal(read_idx(path), array)


WHOLE = idx(np.arange(24).reshape(2, 3, 4))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x", b"", "no IDX file"),
        ("x", b"\x89PNG\r\n", "no IDX file"),
        ("x", WHOLE[:10], "damaged or truncated"),
        ("x", WHOLE[:-1], "39 bytes.*40"),
        ("x", WHOLE + b"\0", "41 bytes.*40"),
        ("x.gz", gzip.compress(WHOLE, mtime=0)[:-12], "damaged or truncated"),
        ("x.gz", WHOLE, "damaged or truncated"),
        (
            "x.gz",
            gzip.compress(WHOLE, mtime=0)[:14] + b"\xff\xff\xff" + gzip.compress(WHOLE, mtime=0)[17:],
            "damaged or truncated",
        ),
    ],
)
def test_damaged_idx_files_are_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        read_idx(tmp_path / name)


def test_files_in_each_others_place_are_refused(cache: Path) -> None:
    (cache / "mnist").mkdir(parents=True)
    for file in registry.entry_named("mnist").kept.files:  # type: ignore[union-attr]
        (cache / file.paths[1]).write_bytes(idx(np.zeros((4, 2))))
    with pytest.raises(FileFormatError, match=r"shape \(4, 2\).*\(60000, 28, 28\)"):
        load_mnist()


def test_mnist_is_the_original() -> None:
    if state("mnist") not in ("found under LAMINA_DATA", "cached"):
        pytest.skip("MNIST is neither under LAMINA_DATA nor cached")
    (X_train, y_train), (X_test, y_test) = load_mnist()
    assert X_train.shape == (60_000, 28, 28)
    assert X_test.shape == (10_000, 28, 28)
    assert X_train.dtype == y_test.dtype == np.uint8
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert X_train.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
