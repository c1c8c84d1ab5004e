"""From a ZIP file on a coordinator's computer to items that can be looked through, in a browser."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from sts_qa.catalogue.actions import create_dataset
from sts_qa.catalogue.models import Dataset, ImportRun
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import do_units_here, mask_png, mask_volume, png, volume
from tests.factories import make_user

TREE = {
    "A/labelled/image/1.png": png(1, (160, 320)),
    "A/labelled/mask/1.png": mask_png((160, 320)),
    "A/unlabelled/2.png": b"no image",
    **{f"A/unlabelled/{number}.png": png(number, (160, 320)) for number in range(3, 9)},
    "V/labelled/image/9.nii.gz": volume(9),
    "V/labelled/mask/9.nii.gz": mask_volume(),
    "V/unlabelled/10.nii.gz": volume(10),
}


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path, monkeypatch):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    do_units_here(monkeypatch)


@pytest.fixture
def coordinator(transactional_db):
    return make_user("cora", coordinator=True)


@pytest.fixture
def dataset(coordinator) -> Dataset:
    return create_dataset(name="Teeth", acting_user=coordinator)


@pytest.fixture
def archive(tmp_path) -> Path:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as target:
        for name, content in TREE.items():
            target.writestr(name, content)
    path = tmp_path / "Teeth.zip"
    path.write_bytes(memory.getvalue())
    return path


@pytest.fixture
def filled(coordinator, dataset, open_page, archive) -> tuple[Page, Dataset]:
    """The page behind the import of TREE, all of it done through the pages."""
    page = open_page(coordinator)
    page.goto(reverse("catalogue:start_import", args=[dataset.pk]))
    page.get_by_label("ZIP file", exact=True).set_input_files(archive)
    page.get_by_role("button", name="Send and make a plan").click()
    page.wait_for_url("**/imports/*/")
    run_job(ImportRun.objects.get().job)
    page.get_by_role("link", name="Show the plan").click()
    page.get_by_role("button", name="Apply the plan").click()
    expect(page.locator(".job")).to_be_visible()
    run_job(ImportRun.objects.get().job)
    page.get_by_role("link", name="Show what was imported").click()
    expect(page.get_by_text("This plan was applied.")).to_be_visible()
    return page, dataset


def are_drawn(page: Page, selector: str) -> None:
    """Wait until all images of the selector are there and hold pixels."""
    page.wait_for_function(
        "selector => [...document.querySelectorAll(selector)]"
        ".every((image) => image.complete && image.naturalWidth > 0)",
        arg=selector,
    )


def test_from_an_archive_to_a_decision(filled):
    page, dataset = filled
    page.get_by_role("link", name="Show the dataset").click()
    expect(page.get_by_role("row", name=re.compile("^All"))).to_contain_text("10")

    page.get_by_role("navigation", name="Pages of this dataset").get_by_text("Items").click()
    expect(page.locator(".thumbnail img")).to_have_count(9)
    page.mouse.wheel(0, 10_000)
    are_drawn(page, ".thumbnail img")

    page.get_by_label("State").select_option("Unreadable")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("standing=unreadable"))
    page.get_by_role("link", name="2.png").click()
    page.get_by_label("Reason").select_option("Invalid or incomplete")
    page.get_by_label("Note").fill("Cut off while copying.")
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("Cut off while copying.")).to_be_visible()
    assert dataset.items.get(key="A/unlabelled/2.png").screening_decisions.count() == 1
    # The filter is still there behind the decision
    expect(page).to_have_url(re.compile("standing=unreadable"))


def test_the_outline_of_the_mask_can_be_switched(filled):
    page, dataset = filled
    item = dataset.items.get(key="A/labelled/image/1.png")
    page.goto(reverse("catalogue:show_item", args=[dataset.pk, item.pk]))
    are_drawn(page, ".preview img")
    image = page.locator(".preview img")
    expect(image).not_to_have_attribute("src", re.compile(r"\?plain$"))
    page.get_by_label("Outline of the mask").uncheck()
    expect(image).to_have_attribute("src", re.compile(r"\?plain$"))
    are_drawn(page, ".preview img")


def test_a_picture_that_cannot_be_drawn_says_why(filled, browser_errors):
    page, dataset = filled
    item = dataset.items.get(key="A/unlabelled/3.png")
    version = item.current_version
    kept = Path(version.location)
    kept.write_bytes(b"\0" * version.size_bytes)
    page.goto(reverse("catalogue:show_item", args=[dataset.pk, item.pk]))
    expect(page.get_by_role("alert").filter(has_text="The picture cannot be drawn")).to_be_visible()
    assert all("404" in error for error in browser_errors)
    browser_errors.clear()


def test_where_no_picture_can_be_had_words_stand(filled, browser_errors):
    page, dataset = filled
    for key in ("A/unlabelled/3.png", "V/unlabelled/10.nii.gz"):
        Path(dataset.items.get(key=key).current_version.location).unlink()
    page.goto(reverse("catalogue:list_items", args=[dataset.pk]))
    page.mouse.wheel(0, 10_000)
    # These two, and the unreadable one, which is not even asked for
    expect(page.get_by_text("No picture")).to_have_count(3)
    are_drawn(page, ".thumbnail img")
    assert all("404" in error for error in browser_errors)
    browser_errors.clear()


def test_a_refused_archive_says_why_on_the_same_page(
    coordinator, dataset, open_page, tmp_path, browser_errors
):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("../x.png", b"x")
    page = open_page(coordinator)
    address = reverse("catalogue:start_import", args=[dataset.pk])
    page.goto(address)
    page.get_by_label("ZIP file", exact=True).set_input_files(path)
    page.get_by_role("button", name="Send and make a plan").click()
    expect(page.get_by_text("its name leads out of the folder")).to_be_visible()
    assert page.url.endswith(address)
    assert all("422" in error for error in browser_errors)
    browser_errors.clear()


def test_a_file_above_the_limit_is_not_even_sent(
    coordinator, dataset, open_page, archive, settings
):
    settings.UPLOAD_LIMIT_BYTES = 1000
    page = open_page(coordinator)
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.goto(reverse("catalogue:start_import", args=[dataset.pk]))
    page.get_by_label("ZIP file", exact=True).set_input_files(archive)
    page.get_by_role("button", name="Send and make a plan").click()
    expect(page.get_by_text("The file is larger than the")).to_be_visible()
    assert sent == []


def test_the_bar_shows_how_much_has_arrived(coordinator, dataset, open_page, tmp_path):
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("A/1.png", png(1, (1000, 1500)))
    page = open_page(coordinator)
    page.goto(reverse("catalogue:start_import", args=[dataset.pk]))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 700_000},
    )
    page.get_by_label("ZIP file", exact=True).set_input_files(path)
    page.get_by_role("button", name="Send and make a plan").click()
    expect(page.get_by_text(re.compile(r"^\d+ % sent$"))).to_be_visible()
    page.wait_for_url("**/imports/*/")
