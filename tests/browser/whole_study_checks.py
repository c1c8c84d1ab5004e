"""What must be true when a whole study was rated: its numbers, and what nobody got to see."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from sts_qa.rating.models import Rating
from tests.browser.marked_images import MarkedItem
from tests.browser.reading_room import (
    ADA,
    COORDINATOR,
    DATASET,
    DORA,
    EVE,
    PANEL,
    UNJUDGED,
    ReadingRoom,
    score_table,
)
from tests.browser.table_by_hand import CRITERIA, Opinion
from tests.browser.traffic import Exchange, pixels_in

COLUMN_TITLES = {
    "Contrast": "contrast",
    "Sharpness": "sharpness",
    "Artifacts": "artifacts",
    "Pixel accuracy": "pixel_accuracy",
    "Boundary accuracy": "boundary_accuracy",
    "Image subtotal of 60": "image_subtotal",
    "Annotation subtotal of 40": "annotation_subtotal",
    "Total of 100": "total",
}


def check_what_was_rated(room: ReadingRoom, drawn: set[int], reported: int) -> None:
    """Every rater saw the same images, the replacing one too, and the same of them twice."""
    strata = Counter((room.images[n].category, room.images[n].labelled) for n in drawn)
    assert strata == {
        ("A-PXI", True): 2,
        ("A-PXI", False): 2,
        ("C-PXI", True): 1,
        ("C-PXI", False): 1,
        ("STS-3D-Tooth", True): 1,
        ("STS-3D-Tooth", False): 1,
    }
    assert reported not in drawn
    for name in PANEL:
        rated = Counter(room.raters[name].rated)
        if name == DORA:
            assert rated.pop(reported) >= 1
        assert rated == room.raters[ADA].rated
    assert max(room.raters[ADA].rated.values()) == 2
    counted = Rating.objects.filter(
        is_current=True, assignment__membership__user__username__in=PANEL
    ).exclude(assignment__kind="practice")
    assert counted.count() == sum(room.raters[name].rated.total() for name in PANEL)


def opinions(room: ReadingRoom, drawn: set[int]) -> list[Opinion]:
    """Return what the raters of the panel meant to say, from their score tables."""
    return [
        Opinion(
            rater=name,
            number=number,
            category=item.category,
            labelled=item.labelled,
            weight=5 / 2 if item.category == "A-PXI" and not item.labelled else 1,
            scores={
                code: score
                for code, score in score_table(name, 1)[number].items()
                if (name, number, code) != (DORA, UNJUDGED, "sharpness")
            },
        )
        for name in PANEL
        for number in drawn
        for item in [room.images[number]]
    ]


def category_of(group: str, category: str) -> str:
    return group if category == "-" else category


def check_page(room: ReadingRoom, page: Page, expected: dict) -> None:
    """The table on the page shows the numbers worked out by hand, to two decimals."""
    page.get_by_role("link", name="Reports").first.click()
    page.get_by_role("link", name="Quality scores").click()
    table = page.locator("table", has=page.locator("#block-means"))
    rows = table.locator("tbody tr")
    assert len(expected) == 3
    expect(rows).to_have_count(3)
    room.picture(page, "20-table-5")
    titles = table.locator("thead tr").last.locator("th").all_inner_texts()
    for row in rows.all():
        texts = row.locator("td").all_inner_texts()
        columns = expected[category_of(*texts[:2])]
        shown = [text for text in texts[4:] if text != ""]
        codes = [*CRITERIA[:3], "image_subtotal", *CRITERIA[3:], "annotation_subtotal"]
        for code, text in zip([*codes, "total", "sum_of_means"], shown, strict=True):
            assert float(text) == pytest.approx(columns[code]["mean"], abs=0.00501), (code, titles)


def downloaded(page: Page) -> pd.DataFrame:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return pd.read_csv(io.StringIO(text), comment="#")


def check_file(table: pd.DataFrame, expected: dict) -> None:
    """The file holds the numbers worked out by hand, in full precision."""
    means = table[table["block"] == "means"]
    assert len(means) == 3
    for _, row in means.iterrows():
        for code, cell in expected[category_of(row["group"], row["category"])].items():
            assert row[code] == pytest.approx(cell["mean"], rel=1e-12), (row["category"], code)
    spread = table[table["block"] == "spread"]
    assert len(spread) == 3 * len(COLUMN_TITLES)
    for _, row in spread.iterrows():
        code = COLUMN_TITLES[row["criterion"]]
        cell = expected[category_of(row["group"], row["category"])][code]
        for name, value in cell.items():
            assert row[name] == pytest.approx(value, rel=1e-12, nan_ok=True), (code, name)
        unjudged = (row["category"], code) == ("C-PXI", "sharpness")
        assert (row["cannot_judge"], row["not_rated"]) == (int(unjudged), 0)
    sample = table[table["block"] == "sample"].set_index("category")
    counts = sample.loc["A-PXI", ["frame", "drawn", "withdrawn", "added", "rated"]]
    assert list(counts) == [7, 4, 1, 1, 4]


def check_blinding(room: ReadingRoom, folder: Path) -> None:
    """No rater's browser got a word that tells one image from another, in whatever place."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    secrets = {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    secrets |= {file.name.split(".")[0] for file in files} | {DATASET, str(folder), COORDINATOR}
    secrets |= {"A-PXI", "C-PXI", "STS-3D-Tooth", "STS-2D-Tooth", "unlabelled", "Integrity"}
    for name in (*PANEL, EVE):
        others = {other for other in (*PANEL, EVE) if other != name}
        traffic = room.traffic_of(name)
        found = {
            (exchange.url, word)
            for exchange in traffic
            if "/static/" not in exchange.path
            for word in exchange.shows(secrets | others)
        }
        assert found == set()
        assert any(exchange.shows([name, "Reading room"]) for exchange in traffic)
        check_pixels(room.images, folder, list(pixels_in(traffic)))


def check_pixels(images: dict[int, MarkedItem], folder: Path, pixels: list[Exchange]) -> None:
    """Radiographs arrive as stored, bare; each showing has its own address and tag."""
    stored = {
        np.asarray(Image.open(folder / item.key)).tobytes(): number
        for number, item in images.items()
        if not item.is_volume
    }
    radiographs = [one for one in pixels if one.path.endswith("/image")]
    assert len(radiographs) >= 4
    tags = {}
    for one in radiographs:
        assert one.body in stored
        assert not {"content-disposition", "last-modified"} & set(one.response_headers)
        tags.setdefault(one.response_headers["etag"], set()).add(stored[one.body])
    assert all(len(numbers) == 1 for numbers in tags.values())
    assert len({one.path for one in radiographs}) == len(tags)
