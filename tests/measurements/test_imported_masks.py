"""From a folder of a second annotator's masks to their agreement with the items' own."""

from __future__ import annotations

import numpy as np
import pytest

from sts_qa.catalogue.actions import start_mask_import
from sts_qa.jobs.running import run_job
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.models import Measurement
from tests.catalogue.conftest import bring_in, owner, plan, units_here, write  # noqa: F401
from tests.catalogue.folders import mask_png, png
from tests.factories import make_dataset
from tests.measurements.images import write_png


@pytest.fixture
def imported(owner, write, bring_in):  # noqa: F811
    dataset = make_dataset(owner=owner)
    bring_in(dataset, write({"A/images/1.png": png(1), "A/masks/1.png": mask_png()}))
    return dataset


def test_half_of_the_own_mask_has_a_dice_of_two_thirds(imported, owner, tmp_path):  # noqa: F811
    half = np.zeros((16, 32), np.uint8)
    half[4:8, 10:15] = 1
    write_png(tmp_path / "second" / "1_mask.png", half)
    job = start_mask_import(
        dataset=imported, root=str(tmp_path / "second"), name="Annotator 2", acting_user=owner
    )
    assert run_job(job).result["added"] == 1
    job = run_job(start_metrics(dataset=imported, acting_user=owner, only=["dice"]))
    assert job.state == "done", job.error
    measured = Measurement.objects.get(metric="dice")
    assert (measured.mask.name, measured.mask.number) == ("Annotator 2", 1)
    # 20 of 40 pixels: 2 * 20 / (40 + 20)
    assert measured.value == pytest.approx(2 / 3, rel=1e-12)
