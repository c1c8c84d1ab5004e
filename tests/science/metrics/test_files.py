"""Metrics of one item from its files, as a process without a database computes them."""

import hashlib
import math
import pickle

import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.metrics import files
from sts_qa.science.metrics.compute import MetricValue, compute
from sts_qa.science.metrics.files import (
    OVERFLOW,
    MeasuredValue,
    MetricUnit,
    SourceFile,
    measure_files,
    measure_radiograph,
)
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.volumes import SliceSummary, SliceValues


def source(path) -> SourceFile:
    return SourceFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def image(tmp_path, teeth_image):
    Image.fromarray(teeth_image.pixels).save(tmp_path / "image.png")
    return source(tmp_path / "image.png")


def test_unit_and_result_survive_pickling(image, teeth_image):
    unit = pickle.loads(
        pickle.dumps(MetricUnit(1, "image", "radiograph", image, None, ("noise_sigma",)))
    )
    found = pickle.loads(pickle.dumps(measure_files(unit)))

    expected = compute(["noise_sigma"], teeth_image.pixels)["noise_sigma"].value
    assert found == {"noise_sigma": MeasuredValue(expected)}


def test_a_palette_mask_marks_teeth_by_index_and_not_by_colour(tmp_path, image, teeth_image):
    palette = Image.fromarray((teeth_image.mask != 0).astype(np.uint8), mode="P")
    # Index 0 is white, index 1 black
    palette.putpalette([255, 255, 255, 0, 0, 0])
    palette.save(tmp_path / "mask.png")

    found = measure_radiograph(image, source(tmp_path / "mask.png"), ["tooth_background_auc"])
    expected = compute(["tooth_background_auc"], *teeth_image)["tooth_background_auc"].value
    assert found["tooth_background_auc"].value == expected


def test_other_bytes_than_those_imported_are_refused(image):
    with pytest.raises(UnreadableFile, match=r"image\.png has changed since it was imported"):
        measure_radiograph(SourceFile(image.path, "0" * 64), None, ["noise_sigma"])


def test_an_infinite_value_is_missing_with_its_reason(image, monkeypatch):
    monkeypatch.setattr(files, "compute", lambda *arguments: {"noise_sigma": MetricValue(math.inf)})
    assert measure_radiograph(image, None, ["noise_sigma"]) == {
        "noise_sigma": MeasuredValue(None, OVERFLOW)
    }


def test_a_volume_without_any_value_gives_the_reason_of_its_slices_with_content():
    reasons = (Reason.NO_CONTENT,) * 3 + (Reason.NO_MASK,) * 2
    found = files._of_slices(
        SliceValues(np.full(5, np.nan), tuple(r.value for r in reasons), SliceSummary(0))
    )
    assert (found.value, found.reason) == (None, "no mask")
    assert found.slice_values == [None] * 5
    assert found.summary["missing"] == {"slice without content": [0, 1, 2], "no mask": [3, 4]}
