"""Pictures of every kind become the bytes they show: by colours known beforehand, not by a second decoder."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lamina.data.images import Images, cache, read_images, reading
from lamina.errors import DataError, DataWarning, FileFormatError, SpecificationError

RED = (250, 10, 20)


def one(path: Path, **wanted: object) -> np.ndarray:
    return read_images([path], **wanted).pixels[0]  # type: ignore[arg-type]


def test_a_folder_of_classes(photos: Path) -> None:
    images = read_images(photos)
    assert images.shape == (6, 10, 12, 3)
    assert images.pixels.dtype == np.uint8
    assert images.labels is not None
    assert images.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    assert images.class_names == ("cat", "dog")
    assert images.counts() == {"cat": 3, "dog": 3}
    assert images.pixels[:, 5, 5, 1].tolist() == [40, 41, 42, 200, 201, 202]
    assert images.paths[4] == photos / "dog" / "1.png"
    assert images.notes == ()
    assert np.asarray(images) is images.pixels or np.array_equal(np.asarray(images), images.pixels)
    assert repr(images) == "Images(6 of 10 × 12 × 3, 2 classes)"


@pytest.mark.parametrize("ending", ["png", "webp", "bmp", "tif", "ppm", "gif", "jpg"])
def test_formats(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    lossless = {"lossless": True} if ending == "webp" else {}
    Image.new("RGB", (9, 7), RED).save(path, **lossless)
    np.testing.assert_allclose(one(path)[3, 4].astype(int), RED, atol=3 if ending == "jpg" else 0)


def test_grey_stays_grey_and_joins_colour(tmp_path: Path) -> None:
    Image.new("L", (8, 8), 77).save(tmp_path / "grey.png")
    Image.new("RGB", (8, 8), RED).save(tmp_path / "red.png")
    Image.new("1", (8, 8), 1).save(tmp_path / "bit.png")
    assert read_images([tmp_path / "grey.png", tmp_path / "bit.png"]).pixels[:, 0, 0].tolist() == [
        [77],
        [255],
    ]
    with pytest.warns(DataWarning, match="1 of 2 pictures is grey"):
        both = read_images([tmp_path / "grey.png", tmp_path / "red.png"])
    assert both.pixels[:, 0, 0].tolist() == [[77] * 3, list(RED)]
    # Luma of ITU-R 601: 0.299 R + 0.587 G + 0.114 B
    assert one(tmp_path / "red.png", channels=1)[0, 0, 0] == pytest.approx(
        0.299 * 250 + 0.587 * 10 + 2.28, abs=1
    )


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("RGBA", (4, 4), (255, 0, 0, 128)).save(tmp_path / "half.png")
    Image.new("LA", (4, 4), (0, 51)).save(tmp_path / "la.png")
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.save(tmp_path / "p.png", transparency=0)
    with pytest.warns(DataWarning, match="3 of 3 pictures have transparency: laid on white"):
        seen = read_images([tmp_path / f"{name}.png" for name in ("clear", "half", "p")]).pixels[:, 0, 0]
    assert seen.tolist() == [[255, 255, 255], [255, 127, 127], [255, 255, 255]]
    with pytest.warns(DataWarning):
        assert one(tmp_path / "la.png").tolist()[0][0] == [204]


def test_palettes_and_the_colours_of_print(tmp_path: Path) -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.save(tmp_path / "p.png")
    images = read_images([tmp_path / "p.png"])
    assert images.pixels[0, 0, 0].tolist() == [40, 50, 60]
    assert "palette" in images.notes[0]
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "c.jpg")  # magenta and yellow ink is red
    with pytest.warns(DataWarning, match="CMYK"):
        np.testing.assert_allclose(one(tmp_path / "c.jpg")[4, 4].astype(int), [255, 0, 0], atol=3)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = np.array([[0, 257, 65535], [128, 129, 32768]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(deep).save(tmp_path / "deep.tif")
    with pytest.warns(DataWarning, match="more than 8 bits"):
        seen = read_images([tmp_path / "deep.png", tmp_path / "deep.tif"]).pixels[..., 0]
    # 16-bit v stands for v / 65535 of white, as 8-bit v does for v / 255, and 65535 = 257 · 255.
    assert seen.tolist() == [[[0, 1, 255], [0, 1, 128]]] * 2


def deep_png(path: Path, values: np.ndarray) -> None:
    """A PNG of 16 bits a channel, which Pillow does not write: its chunks, and rows that no filter changed."""
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0),
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def test_sixteen_bits_of_colour_are_cut_down_with_one_warning(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (4, 5, 4), dtype=np.uint16)
    values[..., 3] = 65535
    Image.fromarray((values[..., :3] >> 8).astype(np.uint8)).save(tmp_path / "a.png")
    deep_png(tmp_path / "b.png", values[..., :3])
    deep_png(tmp_path / "c.png", values)
    names = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for _ in range(2):  # decoded, and from the cache
        with pytest.warns(DataWarning) as heard:
            images = read_images(names)
        told = [str(each.message) for each in heard if "16 bits" in str(each.message)]
        assert len(told) == 1
        assert "2 of 3 pictures have 16 bits a channel" in told[0]
        assert f"the first is {names[1]}" in told[0]
        assert told[0] in images.notes
        np.testing.assert_array_equal(images.pixels[1], images.pixels[0])
    deep_png(tmp_path / "grey.png", values[..., :1])
    with pytest.warns(DataWarning, match="has more than 8 bits: scaled to 8") as heard:
        read_images([tmp_path / "grey.png"])
    assert len(heard) == 1


def test_numbers_of_32_bits(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)).save(tmp_path / "unit.tif")
    Image.fromarray(np.array([[0, 7, 255]], np.int32)).save(tmp_path / "small.tif")
    Image.fromarray(np.array([[0, 7, 70_000]], np.int32)).save(tmp_path / "large.tif")
    with pytest.warns(DataWarning):
        seen = read_images([tmp_path / "unit.tif", tmp_path / "small.tif"]).pixels[:, 0, :, 0]
    assert seen.tolist() == [[0, 128, 255], [0, 7, 255]]
    with pytest.raises(FileFormatError, match="go from 0 to 70000: 8 or 16 bits"):
        one(tmp_path / "large.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_pictures_are_shown_the_way_the_camera_was_held(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    # What EXIF stores for a picture that shows `upright` (the tag's definition, row 0 and column 0 in words).
    upright = np.zeros((16, 32), np.uint8)
    upright[:8, :16] = 240
    upright[8:, :16] = 120
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{ending}", exif=exif)
    seen = one(tmp_path / f"a.{ending}")
    assert seen.shape == (16, 32, 1)
    np.testing.assert_allclose(seen[..., 0].astype(int), upright.astype(int), atol=6)


def test_a_turned_jpeg_that_is_decoded_small_keeps_its_sides(tmp_path: Path) -> None:
    stored = np.zeros((64, 256), np.uint8)
    stored[:, :128] = 200  # turned by a quarter to the right, the bright half is at the top
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(stored).save(tmp_path / "a.jpg", exif=exif, quality=95)
    seen = one(tmp_path / "a.jpg", size=(32, 8))[..., 0].astype(int)
    np.testing.assert_allclose(seen[:14], 200, atol=8)
    np.testing.assert_allclose(seen[18:], 0, atol=8)


def test_mixed_sizes_become_squares_of_the_median_and_are_told(tmp_path: Path) -> None:
    for number, size in enumerate([(20, 30), (40, 16), (50, 60)]):
        Image.new("RGB", size, RED).save(tmp_path / f"{number}.png")
    with pytest.warns(DataWarning, match=r"3 sizes, from 16 × 40 to 60 × 50 .*cover 20 × 20"):
        images = read_images(tmp_path)
    assert images.shape == (3, 20, 20, 3)
    assert (images.pixels == RED).all()
    assert read_images(tmp_path, size=8).shape == (3, 8, 8, 3)  # asked for: no word
    assert read_images(tmp_path, size=(4, 6)).shape == (3, 4, 6, 3)


def test_large_pictures_of_one_size_are_scaled_in_proportion(tmp_path: Path) -> None:
    Image.new("L", (448, 112), 9).save(tmp_path / "a.png")
    with pytest.warns(DataWarning, match="112 × 448 .*cover 56 × 224"):
        assert read_images(tmp_path).shape == (1, 56, 224, 1)


def test_the_part_around_the_centre_is_kept(tmp_path: Path) -> None:
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    assert (one(tmp_path / "wide.png", size=10) == 200).all()
    assert one(tmp_path / "wide.png", size=(10, 30))[..., 0].tolist() == wide.tolist()
    # Halving averages: a chequered picture becomes even.
    chequered = np.indices((20, 20)).sum(0) % 2 * 200
    Image.fromarray(chequered.astype(np.uint8)).save(tmp_path / "c.png")
    inner = one(tmp_path / "c.png", size=10)[1:-1, 1:-1]
    np.testing.assert_allclose(inner.astype(int), 100, atol=1)


def damaged(photos: Path) -> Path:
    (photos / "cat" / "empty.png").touch()
    whole = (photos / "cat" / "0.png").read_bytes()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(
        photos / "dog" / "cut.png"
    )
    (photos / "dog" / "cut.png").write_bytes((photos / "dog" / "cut.png").read_bytes()[:900])
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(
        photos / "dog" / "cut.jpg"
    )
    (photos / "dog" / "cut.jpg").write_bytes((photos / "dog" / "cut.jpg").read_bytes()[:900])
    (photos / "dog" / "text.png").write_text("no picture")
    assert whole
    return photos


@pytest.mark.filterwarnings("ignore:pictures have")
def test_what_cannot_be_read_is_named_with_the_reason(photos: Path) -> None:
    damaged(photos)
    for _ in range(2):  # decoded, then from the cache
        with pytest.raises(FileFormatError, match="4 of 10 pictures cannot be read") as caught:
            read_images(photos)
        told = str(caught.value)
        assert "empty.png (the file is empty)" in told
        assert "cut.png" in told
        assert "truncated" in told
        assert "text.png (no picture, or damaged at its beginning)" in told
        with pytest.warns(DataWarning, match="4 of 10 pictures cannot be read.*left out"):
            images = read_images(photos, on_error="skip", size=(10, 12))
        assert images.pixels[:, 5, 5, 1].tolist() == [40, 41, 42, 200, 201, 202]
        assert [path.name for path in images.paths] == ["0.png", "1.png", "2.png"] * 2
        assert images.labels is not None
        assert images.labels.tolist() == ["cat"] * 3 + ["dog"] * 3


def test_nothing_that_can_be_read_is_an_error_even_when_skipping(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    for wanted in ({}, {"size": 4, "channels": 3}):
        with pytest.raises(
            FileFormatError, match=r"1 of 1 pictures cannot be read.*None would be left: mend"
        ):
            read_images(tmp_path, on_error="skip", **wanted)  # type: ignore[arg-type]


def test_a_second_reading_decodes_nothing_and_a_changed_file_is_decoded_anew(
    photos: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_images(photos)
    assert sorted(path.suffix for path in own_cache.iterdir()) == [".json", ".npy"]

    def refuse(*_: object) -> None:
        raise AssertionError("decoded again")

    with monkeypatch.context() as patched:
        patched.setattr(reading, "_by_threads", refuse)
        again = read_images(photos)
        np.testing.assert_array_equal(again.pixels, first.pixels)
        assert again.paths == first.paths
        with pytest.raises(AssertionError, match="decoded again"):
            read_images(photos, size=4)
    Image.new("RGB", (12, 10), RED).save(photos / "cat" / "0.png")
    assert read_images(photos).pixels[0, 0, 0].tolist() == list(RED)


def test_a_damaged_cache_is_not_believed(photos: Path, own_cache: Path) -> None:
    read_images(photos)
    for path in own_cache.iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert read_images(photos).pixels[:, 0, 0, 0].tolist() == [40, 41, 42, 200, 201, 202]


def test_the_cache_lets_go_of_what_was_not_used_for_longest(
    photos: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 2 * 6 * 8 * 8 * 3 + 500)
    kept = []
    for step, size in enumerate([(8, 8), (8, 7), (7, 8)]):
        before = set(own_cache.glob("*.npy"))
        read_images(photos, size=size)
        kept += list(set(own_cache.glob("*.npy")) - before)
        for path in own_cache.iterdir():
            if path.stat().st_mtime > 1000:
                reading.os.utime(path, (step + 1, step + 1))
    assert [path.exists() for path in kept] == [False, True, True]
    assert not list(own_cache.glob("*.part"))


def test_what_does_not_fit_in_memory_is_a_read_only_map(
    photos: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_images(photos).pixels
    for file in own_cache.iterdir():
        file.unlink()
    monkeypatch.setattr(cache, "most_in_memory", lambda: 100)
    for _ in range(2):
        images = read_images(photos)
        assert isinstance(images.pixels, np.memmap)
        np.testing.assert_array_equal(images.pixels, whole)
        with pytest.raises(ValueError, match="read-only"):
            images.pixels[0] = 0
    monkeypatch.setattr(cache, "cache_folder", lambda: None)  # LAMINA_CACHE=off
    temporary = read_images(photos)
    np.testing.assert_array_equal(temporary.pixels, whole)
    assert isinstance(temporary.pixels, np.memmap)


def test_a_disk_too_small_says_what_to_do(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "most_in_memory", lambda: 100)
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 5}))
    with pytest.raises(DataError, match="smaller size=, make room"):
        read_images(photos)
    monkeypatch.setattr(cache, "most_in_memory", lambda: 1 << 30)
    assert len(read_images(photos)) == 6  # in memory it needs no room


def test_the_variable_turns_the_cache_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("LAMINA_CACHE", "off")
    assert cache.cache_folder() is None


def test_a_path_named_twice_is_two_pictures(photos: Path) -> None:
    path = photos / "dog" / "0.png"
    assert read_images([path, photos / "cat" / "0.png", path]).pixels[:, 0, 0, 0].tolist() == [200, 40, 200]


def test_several_frames_give_the_first(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (6, 6), colour) for colour in (RED, (0, 0, 255))]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.warns(DataWarning, match="several frames"):
        assert one(tmp_path / "a.gif")[0, 0].tolist() == list(RED)


@pytest.mark.parametrize("size", [0, -3, 2.5, "large", (4, 5, 6), True, (4, 0)])
def test_sizes_that_mean_nothing(photos: Path, size: object) -> None:
    with pytest.raises(DataError, match="size="):
        read_images(photos, size=size)  # type: ignore[arg-type]


def test_settings_that_mean_nothing(photos: Path) -> None:
    with pytest.raises(SpecificationError, match="on_error='ignore'"):
        read_images(photos, on_error="ignore")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="channels=2"):
        read_images(photos, channels=2)  # type: ignore[arg-type]


def test_the_bar_is_drawn_on_a_terminal_alone(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read_images(photos, verbose=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    read_images(photos, size=5, verbose=True)
    assert "pictures" in capsys.readouterr().err


def test_images_are_a_value_that_pickles(photos: Path) -> None:
    import pickle

    images = pickle.loads(pickle.dumps(read_images(photos)))
    assert isinstance(images, Images)
    assert images.class_names == ("cat", "dog")


def test_some_of_the_pictures(photos: Path) -> None:
    from sklearn.model_selection import train_test_split

    images = read_images(photos)
    assert images[4].shape == (10, 12, 3)
    for which in (slice(1, 5, 2), np.array([1, 3]), np.arange(6) % 4 == 1):
        some = images[which]
        np.testing.assert_array_equal(some.pixels, images.pixels[which])
        assert [path.name for path in some.paths] == [
            images.paths[place].name for place in np.arange(6)[which]
        ]
        assert some.class_names == ("cat", "dog")
    train, test, y_train, _ = train_test_split(images, images.labels, test_size=2, random_state=0)
    assert (len(train), len(test)) == (4, 2)
    assert train.labels.tolist() == y_train.tolist()


def test_broken_links_and_damaged_metadata(photos: Path) -> None:
    (photos / "cat" / "link.png").symlink_to("nowhere.png")
    with pytest.raises(FileFormatError, match=r"link.png \(a link to a file that is not there\)"):
        read_images(photos)
    Image.new("L", (8, 8), 77).save(photos / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff nonsense")
    np.testing.assert_allclose(one(photos / "a.jpg").astype(int), 77, atol=1)


def test_looking_at_a_png_does_not_decode_it(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFile

    from lamina.data.images.headers import look

    def refuse(self: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert (look(photos / "cat" / "0.png").height, look(photos / "cat" / "0.png").width) == (10, 12)
