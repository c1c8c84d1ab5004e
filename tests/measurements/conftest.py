"""A small dataset with real files."""

from __future__ import annotations

import pytest

from tests.factories import make_dataset, make_user
from tests.measurements.images import add_radiograph, add_volume


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.WORKERS = 1
    return settings.DATA_FOLDER


@pytest.fixture
def coordinator(db):
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def dataset(coordinator, tmp_path):
    """A-PXI: radiographs 0 to 3, the first two labelled; 3D: volumes 0 labelled and 1."""
    dataset = make_dataset(owner=coordinator, name="Teeth")
    for number in range(4):
        add_radiograph(dataset, tmp_path / "source", number, labelled=number < 2)
    for number in range(2):
        add_volume(dataset, tmp_path / "source", number, labelled=number < 1)
    return dataset
