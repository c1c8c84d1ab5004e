"""What the viewer shows is the data: canvases are read back and compared with the source arrays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import nibabel
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from scipy import ndimage

from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.models import Rating
from tests.browser.rating_page import (
    open_fields,
    open_study,
    saved,
    wait_for_image,
    wait_for_view,
)
from tests.browser.viewer_page import expected_canvas, look, windowed

Item = TypeVar("Item")
STATE = "() => document.querySelector('#viewer').state()"
TOKEN = "() => document.querySelector('#viewer').assignment?.token"
SLICES = "() => document.querySelector('#viewer').slices"
FETCH = """async ({ src }) => {
  const answer = await fetch(src);
  return [...new Uint8Array(await answer.arrayBuffer())];
}"""
# Right to left, front to back, foot to head: as the axes of a screen run, in cubes
AS_ON_SCREEN = np.diag([-0.3, -0.3, 0.3, 1.0])
# Steps along the axes of the body, in millimetres
DIRECTIONS = {
    "R": (0.2, 0, 0),
    "A": (0, 0.3, 0),
    "S": (0, 0, 0.5),
    "L": (-0.2, 0, 0),
    "P": (0, -0.3, 0),
    "I": (0, 0, -0.5),
}
AMBER = (255, 176, 0)


def open_viewer(files_study, open_page, **options) -> Page:
    files_study.start()
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720}, **options)
    open_study(page, files_study.study)
    return page


def next_item(page: Page) -> None:
    """Leave the item for later; the next one is on screen then."""
    before = page.evaluate(TOKEN)
    page.keyboard.press("Shift+N")
    page.wait_for_function(f"(before) => ({TOKEN})() !== before", arg=before)
    wait_for_image(page)


def through_items(page: Page, items: Iterable[Item]) -> Iterator[Item]:
    """Go through the items, each of them on screen in its turn."""
    for number, item in enumerate(items):
        if number:
            next_item(page)
        yield item


def cubes(files_study, name: str, values, *, affine=AS_ON_SCREEN, **fields):
    """A volume of cubes, unless the affine says otherwise."""
    unit = files_study.volume(name, values, affine=affine, **fields)
    unit.item_version.spacing = np.linalg.norm(affine[:3, :3], axis=0).tolist()
    unit.item_version.save()
    return unit


def scale_stored_values(unit, slope: float, intercept: float) -> None:
    """Write slope and intercept into the NIfTI header, where nibabel would apply them itself."""
    path = Path(unit.item_version.location)
    raw = bytearray(path.read_bytes())
    raw[112:120] = np.array([slope, intercept], "<f4").tobytes()
    path.write_bytes(raw)
    unit.item_version.sha256 = hashlib.sha256(raw).hexdigest()
    unit.item_version.save()


def fetched_picture(image: Locator):
    """What the server sends for an image on the page."""
    picture_bytes = np.frombuffer(bytes(image.evaluate(FETCH)), np.uint8)
    return cv2.imdecode(picture_bytes, cv2.IMREAD_UNCHANGED)


def test_every_pixel_follows_the_formula_at_whole_zooms_and_between(
    transactional_db, files_study, open_page
) -> None:
    random = files_study.random
    radiographs = {
        "a.png": random.integers(0, 256, (60, 90), dtype=np.uint8),
        "b.png": random.integers(0, 65536, (60, 90), dtype=np.uint16),
        "c.png": random.integers(0, 256, (60, 90, 3), dtype=np.uint8),
    }
    for name, values in radiographs.items():
        files_study.radiograph(name, values)
    page = open_viewer(files_study, open_page)
    for name, values in through_items(page, radiographs.items()):
        most = float(np.iinfo(values.dtype).max)
        # Never stretched to the image's own range
        standard = look(page)
        assert (standard.centre, standard.width) == (most / 2, most)
        windows = [(most / 2, most), (most / 3, most / 7), (100.3, 33.7), (41.5, 1), (0, 2 * most)]
        for centre, width in windows:
            greys = windowed(values, centre, width)
            for scale in (1, 2, 3, 1.7):
                seen = look(page, window=[centre, width], scale=scale, smooth=False)
                assert seen.across == seen.down == scale
                assert (seen.pixels == expected_canvas(seen, greys)).all(), (name, centre, scale)
        inverted = look(page, window=[100.3, 33.7], scale=2, inverted=True)
        greys = 255 - windowed(values, 100.3, 33.7)
        assert (inverted.pixels == expected_canvas(inverted, greys)).all(), name
        moved = look(page, scale=4, pan=[31, -17])
        assert (moved.pixels == expected_canvas(moved, greys)).all(), name


def test_every_type_of_volume_follows_the_formula_in_real_values(
    transactional_db, files_study, open_page
) -> None:
    shape = (24, 18, 6)
    random = files_study.random
    floats = random.normal(0, 1, shape).astype(np.float32)
    floats[3, 4, :] = np.nan
    volumes = {
        "int16.nii": random.integers(-1024, 3071, shape, dtype=np.int16),
        "uint16.nii": random.integers(0, 60000, shape, dtype=np.uint16),
        "uint8.nii": random.integers(0, 256, shape, dtype=np.uint8),
        "float32.nii": floats,
        "scaled.nii": random.integers(-2000, 2000, shape, dtype=np.int16),
    }
    for name, values in volumes.items():
        unit = cubes(files_study, name, values)
        if name == "scaled.nii":
            scale_stored_values(unit, 0.1, -3.7)
    page = open_viewer(files_study, open_page)
    for name, stored in through_items(page, volumes.items()):
        values = stored
        if name == "scaled.nii":
            values = stored * np.float64(np.float32(0.1)) + np.float64(np.float32(-3.7))
        low, high = np.percentile(values[np.isfinite(values)].astype(np.float64), [0.5, 99.5])
        standard = look(page, "axial")
        assert np.allclose([standard.centre, standard.width], [(low + high) / 2, high - low]), name
        windows = [(standard.centre, standard.width), (low / 3, (high - low) / 5), (0.31, 0.7)]
        for centre, width in windows:
            for scale, number in ((1, 0), (2, 5)):
                settings = {"window": [centre, width], "scale": scale, "slice": number}
                seen = look(page, "axial", **settings, smooth=False)
                assert seen.slice == number
                greys = windowed(values[:, :, number].T, seen.centre, seen.width)
                assert (seen.pixels == expected_canvas(seen, greys)).all(), (name, centre, scale)


def test_what_is_left_for_later_stays_behind_what_the_server_still_holds(
    transactional_db, files_study, open_page
) -> None:
    values = np.arange(8 * 9 * 4, dtype=np.int16).reshape(8, 9, 4)
    units = [cubes(files_study, f"{number}.nii", number + values) for number in range(3)]
    files_study.start()
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720})
    held: list[Route] = []
    is_slow = True
    page.route(
        re.compile(r"/queue/"),
        lambda route: held.append(route) if is_slow else route.continue_(),
    )
    # Of volumes the page knows the current one and the next; more it learns only from the server
    open_study(page, files_study.study)
    first, second, third = (files_study.assignment(unit).token for unit in units)
    assert page.evaluate(TOKEN) == first
    next_item(page)
    assert page.evaluate(TOKEN) == second
    with page.expect_response(re.compile(r"/skip/")):
        page.keyboard.press("Shift+N")
    page.wait_for_timeout(300)
    assert page.evaluate(TOKEN) is None
    is_slow = False
    for route in held:
        route.continue_()
    wait_for_image(page)
    assert page.evaluate(TOKEN) == third


def test_the_three_planes_lie_as_a_radiologist_expects(
    transactional_db, files_study, open_page
) -> None:
    values = files_study.random.integers(0, 4000, (10, 14, 18), dtype=np.int16)
    volumes = []
    for number, codes in enumerate(("RAS", "LPS", "SPL", "AIR")):
        affine = np.eye(4)
        affine[:3, :3] = np.array([DIRECTIONS[code] for code in codes]).T
        assert "".join(nibabel.aff2axcodes(affine)) == codes
        volumes.append((values, affine))
        cubes(files_study, f"{number}.nii", values, affine=affine)
    unknown = cubes(files_study, "unknown.nii", values)
    unknown.item_version.affine = None
    unknown.item_version.save()
    page = open_viewer(files_study, open_page)
    letters = page.locator(".pane .edge")
    expect(letters).to_have_text(["A", "L", "P", "R", "S", "L", "I", "R", "S", "P", "I", "A"])
    for stored, affine in through_items(page, volumes):
        ras = nibabel.as_closest_canonical(nibabel.Nifti1Image(stored, affine)).get_fdata()
        shown = {
            "axial": lambda k, ras=ras: ras[::-1, ::-1, k].T,
            "coronal": lambda k, ras=ras: ras[::-1, k, ::-1].T,
            "sagittal": lambda k, ras=ras: ras[k, ::-1, ::-1].T,
        }
        steps = {"axial": (0.2, 0.3), "coronal": (0.2, 0.5), "sagittal": (0.3, 0.5)}
        for plane, arranged in shown.items():
            for number in (0, 4):
                seen = look(page, plane, slice=number, smooth=False)
                # As in the body, of each plane
                across, down = steps[plane]
                assert np.isclose(seen.down / seen.across, down / across)
                greys = windowed(arranged(number), seen.centre, seen.width)
                assert (seen.pixels == expected_canvas(seen, greys)).all(), (plane, number)
    next_item(page)
    expect(letters).to_have_text(["?"] * 12)
    as_stored = {"axial": values[:, :, 4], "coronal": values[:, 4], "sagittal": values[4]}
    for plane, section in as_stored.items():
        seen = look(page, plane, slice=4, smooth=False)
        greys = windowed(section.T, seen.centre, seen.width)
        assert (seen.pixels == expected_canvas(seen, greys)).all(), plane


def test_a_click_brings_the_three_planes_to_one_place(
    transactional_db, files_study, open_page
) -> None:
    values = files_study.random.integers(0, 4000, (40, 50, 30), dtype=np.int16)
    cubes(files_study, "v.nii", values)
    page = open_viewer(files_study, open_page)
    assert page.evaluate(SLICES) == {"axial": 15, "coronal": 25, "sagittal": 20}
    seen = look(page, "axial")
    place = page.locator(".pane").first.bounding_box()
    x = place["x"] + seen.x + seen.left + 7.5 * seen.across
    y = place["y"] + seen.y + seen.top + 11.5 * seen.down
    page.mouse.click(x, y)
    # Columns run from the patient's right to left, rows from front to back
    assert page.evaluate(SLICES) == {"axial": 15, "coronal": 38, "sagittal": 32}
    wait_for_view(page)
    crosshair = page.locator(".pane .crosshair").first.bounding_box()
    assert (crosshair["x"], crosshair["y"]) == pytest.approx((x, y), abs=1)
    page.mouse.wheel(0, -120)
    expect(page.locator("[data-part=caption]").first).to_have_text("Axial 17 of 30")
    page.keyboard.press("t")
    expect(page.locator("[data-part=caption]").first).to_have_text("Axial 17 of 30 · worst")
    page.keyboard.press("l")
    expect(page.locator(".pane .crosshair").first).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("Shift+K")
    expect(page.locator("[data-part=caption]").nth(1)).to_have_text("Coronal 49 of 50")
    page.keyboard.press("v")
    page.keyboard.press("v")
    expect(page.locator(".pane:visible")).to_have_count(1)
    wait_for_view(page)
    state = page.evaluate(STATE)
    assert state["layout"] == "coronal"
    assert state["worst_slice"] == {"plane": "axial", "slice": 16}
    assert state["slices"] == {"axial": 16, "coronal": 48, "sagittal": 32}
    assert state["slices_seen_share"] == pytest.approx(2 / 30, abs=1e-4)


def test_fingers_zoom_move_and_go_through_slices_on_a_fine_screen(
    transactional_db, files_study, open_page
) -> None:
    values = files_study.random.integers(0, 4000, (80, 100, 30), dtype=np.int16)
    cubes(files_study, "v.nii", values)
    page = open_viewer(files_study, open_page, has_touch=True, device_scale_factor=2)
    seen = look(page, "axial", smooth=False)
    greys = windowed(values[:, :, 15].T, seen.centre, seen.width)
    assert (seen.pixels == expected_canvas(seen, greys)).all()
    pane = page.locator(".pane").first
    place = pane.bounding_box()
    # One pixel of the canvas is one pixel of the screen
    width = pane.locator("canvas").evaluate("(canvas) => canvas.width")
    assert width == pytest.approx(2 * place["width"], abs=1)
    # And the panes take all of their place
    stage = page.locator(".stage").bounding_box()
    panes = [each.bounding_box() for each in page.locator(".pane:visible").all()]
    assert max(each["x"] + each["width"] for each in panes) == pytest.approx(
        stage["x"] + stage["width"], abs=1
    )
    assert max(each["y"] + each["height"] for each in panes) == pytest.approx(
        stage["y"] + stage["height"], abs=1
    )
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (x, y))
    for way in (10, 20, 30, 40):
        touch("touchMove", (x, y - way))
    touch("touchEnd")
    page.wait_for_function(f"() => ({SLICES})().axial === 20")
    zoom = page.evaluate(STATE)["zoom"]
    touch("touchStart", (x - 20, y), (x + 20, y))
    for way in (25, 30, 40):
        touch("touchMove", (x - way, y), (x + way, y))
    touch("touchEnd")
    page.wait_for_function(
        f"(wanted) => Math.abs(({STATE})().zoom / wanted - 1) < 0.02", arg=2 * zoom
    )
    assert page.evaluate(STATE)["slices"]["axial"] == 20
    before = look(page, "axial")
    top = before.y + before.top
    touch("touchStart", (x - 20, y), (x + 20, y))
    touch("touchMove", (x - 10, y + 20), (x + 30, y + 20))
    touch("touchEnd")
    page.wait_for_function(
        "(top) => document.querySelector('#viewer').pane.view.top > top + 37", arg=top
    )
    after = look(page, "axial")
    assert after.x + after.left - before.x - before.left == pytest.approx(20, abs=2)
    assert after.y + after.top - before.y - before.top == pytest.approx(40, abs=2)


def test_the_outline_is_the_inner_boundary_and_moves_nothing(
    transactional_db, files_study, open_page
) -> None:
    random = files_study.random
    cross = ndimage.generate_binary_structure(2, 1)
    values = random.integers(0, 250, (70, 100), dtype=np.uint8)
    mask = ndimage.gaussian_filter(random.normal(size=(70, 100)), 4) > 0.01
    voxels = random.integers(0, 250, (40, 30, 20), dtype=np.uint8)
    parts = ndimage.gaussian_filter(random.normal(size=voxels.shape), 3) > 0.005
    files_study.radiograph("r.png", values, mask=mask.astype(np.uint8) * 255)
    cubes(files_study, "v.nii", voxels, mask=parts.astype(np.uint8))
    page = open_viewer(files_study, open_page)

    def compare(plane: str, mask, scale: int, thickness: int) -> None:
        without = look(page, plane, scale=scale, smooth=False)
        page.keyboard.press("m")
        outline = mask & ~ndimage.binary_erosion(mask, cross, thickness, border_value=0)
        greys = outline.astype(np.uint8)
        on_canvas = expected_canvas(without, greys)[..., 0].astype(bool)
        seen = look(page, plane)
        assert (seen.pixels[on_canvas] == AMBER).all()
        assert (seen.pixels[~on_canvas] == without.pixels[~on_canvas]).all()
        assert on_canvas.any()
        page.keyboard.press("m")

    for scale, thickness in ((1, 1), (3, 1), (2, 2), (2, 3)):
        compare("image", mask, scale, thickness)
        if thickness in (1, 2) and scale != 1:
            page.keyboard.press("Shift+]")
    next_item(page)
    middle = {"axial": parts[:, :, 10].T, "coronal": parts[:, 14, ::-1].T}
    middle["sagittal"] = parts[19, :, ::-1].T
    slices = page.evaluate(SLICES)
    assert slices == {"axial": 10, "coronal": 15, "sagittal": 20}
    for plane, section in middle.items():
        compare(plane, section, 2, 1)


def test_the_mask_appears_with_the_first_annotation_criterion_and_is_the_raters_then(
    transactional_db, files_study, open_page
) -> None:
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    values = files_study.random.integers(0, 200, (60, 80), dtype=np.uint8)
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 20:60] = 255
    for name in ("one.png", "two.png"):
        files_study.radiograph(name, values, mask=mask)
    page = open_viewer(files_study, open_page)

    def is_amber() -> bool:
        return bool((look(page).pixels == AMBER).all(axis=2).any())

    for _ in range(3):
        assert not is_amber()
        page.keyboard.type("9")
        page.keyboard.press("Enter")
    assert is_amber()
    page.keyboard.down("n")
    assert not is_amber()
    page.keyboard.up("n")
    assert is_amber()
    page.keyboard.press("m")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Enter")
    assert not is_amber(), "it appears by itself only once"
    page.keyboard.press("Shift+M")
    page.keyboard.press("]")
    while open_fields(page).count() and page.locator("#counter").inner_text() == "1 of 2":
        page.keyboard.type("9")
        page.keyboard.press("Enter")
    wait_for_image(page)
    assert not is_amber()
    saved(page)
    state = Rating.objects.get().viewer_state
    assert (state["overlay_used"], state["overlay_changed"]) == (True, True)
    assert (state["overlay_shown"], state["overlay_fill"]) == (False, True)
    assert len(json.dumps(state)) < 8000


def test_the_standard_view_is_the_same_whatever_was_done_before_unless_the_study_carries_it(
    transactional_db, files_study, open_page
) -> None:
    for number in range(3):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    page = open_viewer(files_study, open_page)
    standard = page.evaluate(STATE)
    for key in ("u", "w", "e", "i", "+", "y", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    changed = page.evaluate(STATE)
    assert {name for name in standard if standard[name] != changed[name]} >= {
        *("window", "window_changed", "preset", "inverted", "inverted_used"),
        *("zoom", "zoom_changed", "interpolation"),
    }
    next_item(page)
    assert page.evaluate(STATE) == standard
    files_study.study.carries_window = True
    files_study.study.save()
    page.reload()
    wait_for_image(page)
    look(page, window=[90, 40], inverted=True)
    next_item(page)
    carried = page.evaluate(STATE)
    assert carried["window"] == [70, 110]
    assert carried["carried_window"] is True
    assert carried["inverted"] is False
    notes = page.locator(".view-notes")
    expect(notes).to_contain_text("kept from an item before")
    page.keyboard.press("r")
    expect(notes).not_to_contain_text("kept from an item before")
    assert page.evaluate(STATE)["carried_window"] is True


def test_a_locked_window_stays_and_says_so_while_zoom_and_slices_are_free(
    transactional_db, files_study, open_page
) -> None:
    files_study.study.view_policy = "locked"
    files_study.study.viewing = {"categories": {}, "presets": [], "hounsfield": True}
    files_study.study.save()
    cubes(files_study, "v.nii", files_study.random.integers(0, 3000, (20, 20, 20), dtype=np.int16))
    page = open_viewer(files_study, open_page)
    before = page.evaluate(STATE)
    for key in ("w", "e", "i", "u", "PageUp", "+"):
        page.keyboard.press(key)
    stage = page.locator(".pane").first.bounding_box()
    page.mouse.move(stage["x"] + 50, stage["y"] + 50)
    page.mouse.down(button="right")
    page.mouse.move(stage["x"] + 90, stage["y"] + 90)
    page.mouse.up(button="right")
    after = page.evaluate(STATE)
    assert after["window"] == before["window"]
    assert (after["inverted"], after["locked"]) == (False, True)
    assert after["slices"]["axial"] == before["slices"]["axial"] + 1
    assert after["zoom"] > before["zoom"]
    expect(page.locator(".view-notes")).to_contain_text("Window fixed by the study")
    page.keyboard.press("Shift+W")
    for control in ("preset", "centre", "width", "invert"):
        part = page.locator(f"[data-control={control}]")
        expect(part).to_be_disabled()
        expect(part).to_have_attribute("title", "Window fixed by the study")


def test_the_shape_of_pixels_and_an_oblique_volume_are_said_on_screen(
    transactional_db, files_study, open_page
) -> None:
    shape = {"pixel_height": 1.097, "pixel_width": 1.0, "source": "ratio"}
    viewing = {"categories": {"SECRET-CATEGORY": shape}, "presets": [], "hounsfield": True}
    files_study.study.viewing = viewing
    files_study.study.save()
    values = files_study.random.integers(1, 256, (100, 200), dtype=np.uint8)
    files_study.radiograph("r.png", values)
    turn = np.radians(12.5)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    cubes(files_study, "v.nii", np.zeros((8, 8, 8), np.int16), affine=affine)
    page = open_viewer(files_study, open_page)
    notes = page.locator(".view-notes")
    expect(notes).to_have_text("Pixels 1 : 1.097, set by the coordinator")
    seen = look(page, window=[0, 1], scale=2)
    lit = np.argwhere(seen.pixels.any(axis=2))
    height, width = lit.max(axis=0) - lit.min(axis=0) + 1
    assert (height, width) == (round(100 * 2 * 1.097), 400)
    next_item(page)
    expect(notes).to_have_text("Oblique by 12.5°, shown along the nearest axes")
    expect(page.locator("[data-control=levelsText]")).to_contain_text("HU")
    names = ["Standard", "Full range", "1–99 %", "Bone", "Soft tissue", "Tooth", "Own"]
    expect(page.locator("#preset option")).to_have_text(names)
    page.locator("#preset").select_option("bone")
    assert page.evaluate(STATE)["window"] == [-500, 1500]


def test_without_a_canvas_the_servers_picture_is_shown(
    transactional_db, files_study, open_page
) -> None:
    values = files_study.random.integers(0, 3000, (30, 20, 9), dtype=np.int16)
    mask = np.zeros(values.shape, np.uint8)
    mask[8:20, 5:15, 2:8] = 1
    cubes(files_study, "v.nii", values, mask=mask)
    files_study.start()
    page = open_page(files_study.rater.user)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    open_study(page, files_study.study)
    assert page.evaluate(STATE)["fallback"] is True
    page.evaluate("document.querySelector('#viewer').setWindow(1000, 2000)")
    page.keyboard.press("PageUp")
    picture = page.locator("img.server-picture").first
    expect(picture).to_have_js_property("complete", value=True)
    expect(picture).to_have_attribute("src", re.compile("slice=5"))
    greys = windowed(values[:, :, 5].T, 1000, 2000)
    assert (fetched_picture(picture) == greys).all()
    wait_for_view(page)
    assert page.evaluate(STATE)["slices_seen"]["axial"] == 2
    expect(page.locator(".view-notes")).to_contain_text("pictures from the server")
    page.keyboard.press("m")
    expect(picture).to_have_attribute("src", re.compile("mask=1"))
    inside = mask[:, :, 5].T > 0
    outlined = np.repeat(greys[..., None], 3, axis=2)
    outlined[inside & ~ndimage.binary_erosion(inside)] = AMBER
    assert (fetched_picture(picture)[..., ::-1] == outlined).all()
    page.keyboard.press("m")
    expect(picture).not_to_have_attribute("src", re.compile("mask=1"))
    # A window set at the same slice
    page.evaluate("document.querySelector('#viewer').setWindow(500, 1000)")
    expect(picture).to_have_attribute("src", re.compile("low=0&high=1000&"))


def test_pixels_of_an_item_already_left_are_dropped(
    transactional_db, files_study, open_page
) -> None:
    values = [files_study.random.integers(1, 256, (40, 50), dtype=np.uint8) for _ in range(2)]
    for number, one in enumerate(values):
        files_study.radiograph(f"{number}.png", one)
    files_study.start()
    page = open_page(files_study.rater.user)
    open_study(page, files_study.study)
    page.evaluate(
        """() => {
          const viewer = document.querySelector("#viewer");
          const { store, assignment } = viewer;
          const plane = { ...assignment.image.planes.image, url: "late" };
          const late = { ...assignment, image: { ...assignment.image, planes: { image: plane } } };
          const pixels = new Uint8Array(2000).fill(255);
          window.answer = null;
          const slow = {
            peek: () => null,
            get: () => new Promise((done) => { window.answer = () => done(pixels); }),
          };
          viewer.open(late, slow);
          viewer.open(assignment, store);
          window.answer();
        }"""
    )
    page.wait_for_timeout(200)
    seen = look(page, scale=1)
    assert (seen.pixels == expected_canvas(seen, values[0])).all()
