"""The shipped radiographs: what was done to them, and that nothing else is inside."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from sts_qa.science.phantoms.radiographs_cc0 import (
    FOLDER,
    NAMES,
    radiograph_bytes,
    reduce_radiograph,
)

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = Path(os.environ.get("STS_QA_SAMPLE_DATA", ROOT.parent / "shared" / "data")) / "panoramic"


def decoded(name):
    return cv2.imdecode(np.frombuffer(radiograph_bytes(name), np.uint8), cv2.IMREAD_UNCHANGED)


def png_chunks(content):
    position, names = 8, []
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        names.append(content[position + 4 : position + 8].decode())
        position += length + 12
    return names


@pytest.mark.parametrize("name", NAMES)
def test_grey_640_by_320_without_metadata(name):
    assert decoded(name).shape == (320, 640)
    assert decoded(name).dtype == np.uint8
    assert set(png_chunks(radiograph_bytes(name))) == {"IHDR", "IDAT", "IEND"}


@pytest.mark.parametrize("name", NAMES)
def test_no_burned_in_text_at_the_borders(name):
    # The burned-in text is pure white on black; only the side letters at rows 265-295 may be.
    pixels = decoded(name)
    assert (pixels[300:] < 250).all()
    text_corner = pixels[:20, :90].astype(float)
    assert np.abs(np.diff(text_corner, axis=1)).max() < 60


@pytest.mark.parametrize("name", NAMES)
def test_reducing_the_source_gives_the_shipped_pixels(name):
    source = SAMPLES / f"hitl_{int(name[10:13])}.jpg"
    if not source.exists():
        pytest.skip("the sample data folder is not here")
    reduced = reduce_radiograph(cv2.imread(str(source), cv2.IMREAD_GRAYSCALE))
    # JPEG decoders may differ by one grey level.
    assert np.abs(reduced.astype(int) - decoded(name).astype(int)).max() <= 1


def test_another_size_is_refused():
    with pytest.raises(ValueError, match=r"1,024 rows"):
        reduce_radiograph(np.zeros((900, 1800), np.uint8))


def test_licence_note_names_every_file_and_the_licence():
    note = (FOLDER / "LICENSE-CC0.md").read_text()
    assert "CC0 1.0" in note
    assert all(path.name in note for path in FOLDER.glob("*.png"))
    assert sorted(path.name for path in FOLDER.glob("*.png")) == sorted(NAMES)
