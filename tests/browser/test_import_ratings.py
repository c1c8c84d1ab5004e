"""Old ratings are checked and imported with the keyboard and one choice of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from sts_qa.studies.models import Study
from tests.factories import make_user

pytestmark = pytest.mark.browser
FILE = Path(__file__).resolve().parents[1] / "data" / "ratings" / "nflx_public_raw.csv"


@pytest.fixture
def coordinator(live_address: str):
    return make_user("lin", coordinator=True)


def test_a_file_is_corrected_checked_and_imported(
    open_page, coordinator, tmp_path, browser_errors
) -> None:
    page = open_page(coordinator)
    page.goto("/studies/")
    page.get_by_role("link", name="Import ratings").click()
    page.get_by_label("Name of the new study").fill("Video 2016")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(FILE.read_text().replace("9,0,1.0", "9,0,bad", 1))
    page.get_by_label("File of ratings").set_input_files(wrong)
    page.get_by_role("button", name="Check the file").press("Enter")
    row = page.locator("table:has(#import-errors) tbody tr")
    expect(row).to_have_count(1)
    assert row.all_inner_texts() == [
        "2\trater_01\tThis is neither a number nor a code. Give a number, or leave the cell empty."
    ]
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)

    # The answer to a file with errors
    browser_errors[:] = [error for error in browser_errors if "422" not in error]

    page.get_by_label("File of ratings").set_input_files(FILE)
    page.get_by_label("Lowest possible score").fill("1")
    page.get_by_label("Highest possible score").fill("5")
    page.get_by_role("button", name="Check the file").press("Enter")
    page.wait_for_selector("text=No errors.")
    expect(page.get_by_label("Name of the new study")).to_have_value("Video 2016")
    page.get_by_role("button", name="Import", exact=True).press("Enter")
    page.wait_for_url("**/studies/*-*/")
    expect(page.locator("main")).to_contain_text("not collected with this program")
    page.get_by_role("link", name="Reports").first.click()
    page.get_by_role("link", name="Quality scores").click()
    expect(page.locator("table").first).to_contain_text("3.54")
    assert Study.objects.get().imported
