"""A study shows its images as its dataset said when it started."""

import pytest

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Category, Dataset
from sts_qa.studies.queries.viewing import viewing_of

pytestmark = pytest.mark.django_db

SQUARE = {"pixel_height": 1.0, "pixel_width": 1.0, "source": "square"}
PRESET = {"name": {"en": "Root tips"}, "kind": "volume", "percentiles": ["0.5", "99.5"]}


def test_without_settings_pixels_are_square(people):
    assert viewing_of(people.study) == {
        "categories": {"A-PXI": SQUARE, "STS-3D-Tooth": SQUARE},
        "presets": [],
        "hounsfield": False,
    }


def test_a_draft_follows_its_dataset(people, dataset):
    categories = Category.objects.filter(dataset=dataset)
    categories.filter(name="A-PXI").update(pixel_ratio=1.097)
    categories.filter(name="STS-3D-Tooth").update(pixel_height_mm=0.25, pixel_width_mm=0.5)
    Dataset.objects.update(window_presets=[PRESET], values_are_hounsfield=True)
    assert viewing_of(people.refresh()) == {
        "categories": {
            "A-PXI": {"pixel_height": 1.097, "pixel_width": 1.0, "source": "ratio"},
            "STS-3D-Tooth": {"pixel_height": 0.25, "pixel_width": 0.5, "source": "spacing"},
        },
        "presets": [PRESET],
        "hounsfield": True,
    }


def test_a_started_study_keeps_the_settings_of_its_start(
    drawn, dataset, request, django_assert_num_queries
):
    Category.objects.filter(name="A-PXI").update(pixel_ratio=1.097)
    request.getfixturevalue("running")
    Category.objects.filter(dataset=dataset).update(pixel_ratio=2)
    Dataset.objects.update(window_presets=[PRESET], values_are_hounsfield=True)
    study = drawn.refresh()
    with django_assert_num_queries(0):
        viewing = viewing_of(study)
    assert viewing["categories"]["A-PXI"]["pixel_height"] == 1.097
    assert viewing["categories"]["STS-3D-Tooth"] == SQUARE
    assert (viewing["presets"], viewing["hounsfield"]) == ([], False)
    assert Event.objects.get(action="study.started").details["viewing"] == viewing
