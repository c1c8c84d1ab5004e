"""A volume that cannot be read for a while, as when a disk is full or a share is away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from sts_qa.catalogue import files
from sts_qa.rating.queries import volume_facts
from tests.browser.rating_page import open_fields, wait_for_image
from tests.browser.viewer_page import look, windowed

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_shown_in_the_standard_view_once_it_can_be_read(
    open_page, files_study, monkeypatch, browser_errors
):
    values = np.arange(16 * 16 * 16, dtype=np.int16).reshape(16, 16, 16)
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    files.store_path(unit.item_version).unlink()
    monkeypatch.setattr(volume_facts, "_known", volume_facts._Known())
    source, away = Path(unit.item_version.location), files_study.folder / "away"
    source.rename(away)

    page = open_page(rater.user)
    page.goto(f"/rating/{files_study.study.public_id}/")
    expect(page.get_by_role("heading", name="The image cannot be loaded")).to_be_visible()
    open_fields(page).first.fill("7")

    away.rename(source)
    monkeypatch.setattr(volume_facts, "RETRY_SECONDS", 0)
    wait_for_image(page)
    seen = look(page, "axial")
    low, high = np.percentile(values, [0.5, 99.5])
    assert (seen.centre, seen.width) == pytest.approx(((low + high) / 2, high - low))
    # Left, posterior, superior as stored: only rows and columns change places
    shown = seen.pixels[seen.top :: int(seen.down), seen.left :: int(seen.across), 0][:16, :16]
    assert np.array_equal(shown, windowed(values[:, :, 8].T, seen.centre, seen.width))
    expect(open_fields(page).first).to_have_value("7")
    browser_errors[:] = [error for error in browser_errors if "503" not in error]
