"""What hands do to the view: mouse, typed values, histogram, reset; and what the page answers."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from playwright.sync_api import Page, Response, expect

from sts_qa.rating.models import Rating
from tests.browser.rating_page import (
    current_values,
    open_fields,
    open_study,
    saved,
    wait_for_image,
    wait_for_view,
)
from tests.browser.viewer_page import Seen, expected_canvas, look, windowed

STATE = "() => document.querySelector('#viewer').state()"
TOKEN = "() => document.querySelector('#viewer').assignment?.token"
# Of each column of the histogram: whether its lowest pixel is a bar, and whether its uppermost one
# lies in the window
HISTOGRAM = """() => {
  const canvas = document.querySelector("[data-control=histogram]");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const alpha = (x, y) => data[4 * (y * width + x) + 3];
  const columns = Array.from({ length: width }, (_, x) => x);
  return {
    bars: columns.filter((x) => alpha(x, height - 1) > 120),
    window: columns.filter((x) => alpha(x, 0) > 0),
  };
}"""

# Lets the page's clock go ahead while the mouse moves
ACTIVE_SECONDS = """(seconds) => {
  const real = performance.now.bind(performance);
  const steps = Math.ceil(seconds / 50);
  let ahead = 0;
  performance.now = () => real() + ahead;
  for (let step = 0; step < steps; step += 1) {
    ahead += (1000 * seconds) / steps;
    document.dispatchEvent(new PointerEvent("pointermove"));
  }
}"""


@pytest.fixture
def radiograph(transactional_db, files_study) -> np.ndarray:
    """Half of it 50, half of it 200, nothing between."""
    values = np.full((60, 90), 50, np.uint8)
    values[:, 45:] = 200
    files_study.radiograph("r.png", values)
    return values


@pytest.fixture
def page(files_study, radiograph, open_page) -> Page:
    return opened(files_study, open_page)


def opened(files_study, open_page, **options) -> Page:
    files_study.start()
    page = open_page(files_study.rater.user, viewport={"width": 1280, "height": 720}, **options)
    open_study(page, files_study.study)
    return page


def drag(page: Page, across: float, down: float, *, button: str) -> None:
    """From a place that is not the middle of the image."""
    place = page.locator(".pane").first.bounding_box()
    x, y = place["x"] + place["width"] / 3, place["y"] + place["height"] / 3
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + across / 2, y + down / 2)
    page.mouse.move(x + across, y + down)
    page.mouse.up(button=button)


def wait_for_scale(page: Page, scale: float) -> None:
    page.wait_for_function(
        "(scale) => document.querySelector('#viewer').pane.view.scale === scale", arg=scale
    )


def score_all(page: Page) -> None:
    for _ in range(open_fields(page).count()):
        page.keyboard.type("1")
        page.keyboard.press("Enter")


def test_the_right_button_sets_width_across_and_level_down(page, radiograph) -> None:
    before = look(page)
    drag(page, 120, 0, button="right")
    wider = look(page)
    assert wider.width > before.width + 10
    assert wider.centre == before.centre
    drag(page, 0, 90, button="right")
    moved = look(page)
    assert moved.width == wider.width
    assert moved.centre > before.centre + 10
    drag(page, -40, -30, button="right")
    last = look(page)
    assert last.width < wider.width
    assert last.centre < moved.centre
    greys = windowed(radiograph, last.centre, last.width)
    assert (last.pixels == expected_canvas(last, greys)).all()
    assert page.evaluate(STATE)["window_changed"] is True


def test_the_wheel_zooms_at_the_pointer_and_a_drag_moves_the_image(page) -> None:
    def pixel_under(seen: Seen, x: float, y: float) -> tuple[float, float]:
        return (x - seen.x - seen.left) / seen.across, (y - seen.y - seen.top) / seen.down

    place = page.locator(".pane").first.bounding_box()
    x, y = place["width"] * 0.4, place["height"] * 0.55
    before = look(page)
    page.mouse.move(place["x"] + x, place["y"] + y)
    for _ in range(3):
        page.mouse.wheel(0, -120)
    wait_for_scale(page, before.across + 3)
    after = look(page)
    assert after.across == before.across + 3
    # The image lies on whole pixels of the screen: each step moves it by half a one at most
    error = 3 * 0.5 / before.across
    assert pixel_under(after, x, y) == pytest.approx(pixel_under(before, x, y), abs=error)
    page.mouse.wheel(0, 120)
    wait_for_scale(page, before.across + 2)
    assert look(page).across == before.across + 2
    page.keyboard.press("z")
    one = look(page)
    drag(page, 30, -20, button="left")
    moved = look(page)
    assert moved.x + moved.left == one.x + one.left + 30
    assert moved.y + moved.top == one.y + one.top - 20


def test_one_to_one_and_fit_are_what_they_say(page, radiograph) -> None:
    said = page.locator("[data-control=zoom]")
    page.keyboard.press("z")
    one = look(page)
    assert (one.across, one.down) == (1, 1)
    expect(said).to_have_text("1 : 1")
    page.keyboard.press("f")
    expect(said).not_to_have_text("1 : 1")
    canvas = page.locator(".pane canvas").first
    width, height = canvas.evaluate("({ width, height }) => [width, height]")
    fitted = look(page)
    assert fitted.across == pytest.approx(min(width / 90, height / 60))
    greys = windowed(radiograph, fitted.centre, fitted.width)
    assert (fitted.pixels == expected_canvas(fitted, greys)).all(), "nearest, above 1:1"


def test_reset_is_the_standard_view_again(page) -> None:
    standard = page.evaluate(STATE)
    for key in ("u", "w", "e", "i", "+", "y", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.press("r")
    again = page.evaluate(STATE)
    for name in ("window", "preset", "inverted", "zoom", "interpolation"):
        assert again[name] == standard[name], name
    assert again["window_changed"] is True, "what was done stays in the record"


def test_typed_values_are_taken_full_width_too_and_nonsense_is_not(page) -> None:
    page.keyboard.press("Shift+W")
    for control, typed in (("centre", "１２０"), ("width", "64,5")):
        page.locator(f"[data-control={control}]").fill(typed)
        page.keyboard.press("Enter")
    assert page.evaluate(STATE)["window"] == [120 - 32.25, 120 + 32.25]
    # As the page itself writes thousands
    page.locator("[data-control=width]").fill("1,500")
    page.keyboard.press("Enter")
    assert page.evaluate(STATE)["window"] == [120 - 750, 120 + 750]
    expect(page.locator("[data-control=levelsText]")).to_contain_text("W 1,500")
    page.locator("[data-control=width]").fill("64.5")
    page.keyboard.press("Enter")
    for typed in ("wide", "0", "-3", ""):
        page.locator("[data-control=width]").fill(typed)
        page.keyboard.press("Tab")
        assert page.evaluate(STATE)["window"] == [120 - 32.25, 120 + 32.25]
        expect(page.locator("[data-control=width]")).to_have_value("64.5")


def test_the_histogram_shows_where_the_values_and_the_window_lie(page) -> None:
    page.keyboard.press("Shift+W")
    for low, high in ((0, 255), (80, 170)):
        page.evaluate(
            "([low, high]) => document.querySelector('#viewer')"
            ".setWindow((low + high) / 2, high - low)",
            [low, high],
        )
        drawn = page.evaluate(HISTOGRAM)
        inside, outside = np.array(drawn["window"]), drawn["bars"]
        left, right = inside.min(), inside.max()

        def value_at(x: float, left=left, right=right, low=low, high=high) -> float:
            return low + (x - left) / (right - left) * (high - low)

        # The window's own edges are as dark as bars, and the ramp begins at the left one
        bars = [value_at(x) for x in outside if not (-4 < x - left < 12 or abs(x - right) < 4)]
        found = {50 if value < 125 else 200 for value in bars}
        assert found == {50, 200}
        assert all(min(abs(value - 50), abs(value - 200)) < 5 for value in bars), bars


def test_a_window_is_carried_to_the_same_kind_only(
    transactional_db, files_study, open_page
) -> None:
    random = files_study.random
    files_study.study.carries_window = True
    files_study.study.save()
    files_study.radiograph("a.png", random.integers(0, 256, (40, 50), dtype=np.uint8))
    files_study.volume("v.nii", random.integers(0, 3000, (12, 10, 8), dtype=np.int16))
    files_study.radiograph("b.png", random.integers(0, 256, (40, 50), dtype=np.uint8))
    page = opened(files_study, open_page)
    look(page, window=[90, 40])
    seen = []
    for number in (2, 3):
        score_all(page)
        if number == 3:
            # Few slices were seen
            page.keyboard.press("Enter")
        expect(page.locator("#counter")).to_have_text(f"{number} of 3")
        wait_for_image(page)
        seen.append(page.evaluate(STATE))
    volume, radiograph = seen
    assert (volume["preset"], volume["carried_window"]) == ("standard", False)
    assert (radiograph["window"], radiograph["carried_window"]) == ([70, 110], True)


def test_of_a_volume_seen_in_part_a_line_says_so_and_a_second_enter_submits(
    transactional_db, files_study, open_page
) -> None:
    for number in range(3):
        values = files_study.random.integers(0, 3000, (12, 10, 8), dtype=np.int16)
        files_study.volume(f"{number}.nii", values)
    page = opened(files_study, open_page)
    counter, notices = page.locator("#counter"), page.locator("#notices")
    score_all(page)
    expect(notices).to_contain_text("You have seen 1 of 8 slices")
    expect(counter).to_have_text("1 of 3")
    assert not Rating.objects.exists()
    page.keyboard.press("Enter")
    expect(counter).to_have_text("2 of 3")
    expect(notices).not_to_contain_text("You have seen")
    wait_for_image(page)
    # The middle one and three more are half of them; the slider counts as well as keys
    for slice_number in (5, 6, 7):
        page.locator("#slice").fill(str(slice_number))
        wait_for_view(page)
    page.locator(".score-input:enabled").first.focus()
    score_all(page)
    expect(counter).to_have_text("3 of 3")
    saved(page)
    shares = Rating.objects.order_by("assignment__turn").values_list("viewer_state", flat=True)
    assert [state["slices_seen_share"] for state in shares] == [1 / 8, 4 / 8]
    assert len(current_values()) == 2


@pytest.mark.parametrize("way", ["reload", "language", "later"])
def test_what_was_seen_before_the_item_is_taken_up_again_counts(
    transactional_db, files_study, open_page, way
) -> None:
    for name in ("a.nii", "b.nii")[: 2 if way == "later" else 1]:
        values = files_study.random.integers(0, 3000, (12, 10, 8), dtype=np.int16)
        files_study.volume(name, values)
    page = opened(files_study, open_page)
    standard, first = page.evaluate(STATE), page.evaluate(TOKEN)
    # With the one it opens at, five of eight
    for slice_number in (0, 1, 6, 7):
        page.locator("#slice").fill(str(slice_number))
        wait_for_view(page)
    page.keyboard.press("i")
    page.keyboard.press("w")
    page.keyboard.press("t")
    if way == "reload":
        page.reload()
    elif way == "language":
        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    else:
        for _ in range(2):
            before = page.evaluate(TOKEN)
            page.keyboard.press("Shift+N")
            page.wait_for_function(f"(before) => ({TOKEN})() !== before", arg=before)
            wait_for_image(page)
        assert page.evaluate(TOKEN) == first
    wait_for_image(page)
    again = page.evaluate(STATE)
    for name in ("window", "inverted", "zoom", "slices"):
        assert again[name] == standard[name], "it opens in the standard view all the same"
    page.locator(".score-input:enabled").first.focus()
    score_all(page)
    expect(page.locator("#save-status")).to_have_attribute("data-state", "saved")
    # No line held it up
    state = Rating.objects.get().viewer_state
    assert state["slices_seen_share"] == 5 / 8
    assert state["slices_seen"] == {"axial": 5, "coronal": 1, "sagittal": 1}
    changes = ("window_changed", "inverted_used", "zoom_changed", "overlay_used")
    assert [state[name] for name in changes] == [True, True, False, False]
    assert state["worst_slice"] == {"plane": "axial", "slice": 7}


def test_the_screen_goes_with_the_rating(files_study, radiograph, open_page) -> None:
    page = opened(files_study, open_page, device_scale_factor=2)
    score_all(page)
    saved(page)
    rating = Rating.objects.get()
    assert rating.viewer_state["device_pixel_ratio"] == 2
    assert rating.viewer_state["viewport"] == [1280, 720]
    assert rating.viewer_state["zoom"] > 1


def test_single_letters_can_be_switched_off_for_good(page) -> None:
    page.keyboard.press("?")
    page.locator("#letters-off").check()
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("i")
        assert page.evaluate(STATE)["inverted"] is False
        page.reload()
        wait_for_image(page)
    page.keyboard.press("?")
    page.locator("[data-control=invert]").wait_for()
    page.evaluate("document.querySelector('#letters-off').click()")
    page.evaluate("document.querySelector('.score-input').focus()")
    page.keyboard.press("i")
    assert page.evaluate(STATE)["inverted"] is True


def test_after_active_minutes_a_break_is_suggested_and_nothing_held_up(
    transactional_db, files_study, open_page, settings
) -> None:
    settings.BREAK_MINUTES = 2
    for number in range(4):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(f"{number}.png", values)
    page = opened(files_study, open_page)
    # Seconds for each item, whether the page is loaded anew within it, and whether the line is
    # there after it
    turns = [(70, False, False), (55, True, True), (30, False, True)]
    for number, (seconds, is_reloaded, is_suggested) in enumerate(turns, 1):
        page.evaluate(ACTIVE_SECONDS, seconds - 15 * is_reloaded)
        if is_reloaded:
            saved(page)
            page.reload()
            wait_for_image(page)
            page.evaluate(ACTIVE_SECONDS, 15)
        score_all(page)
        expect(page.locator("#counter")).to_have_text(f"{number + 1} of 4")
        wait_for_image(page)
        line = page.get_by_text("You have rated for 2 minutes.")
        expect(line).to_have_count(int(is_suggested))
    page.keyboard.press("Escape")
    expect(line).to_have_count(0)


def test_scripts_and_styles_of_the_page_stay_light(files_study, radiograph, open_page) -> None:
    files_study.start()
    page = open_page(files_study.rater.user)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    open_study(page, files_study.study)
    # What comes later counts too
    for key in ("?", "Escape", "Shift+W", "Escape", "o", "Escape"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    sizes = {
        answer.url: len(gzip.compress(answer.body(), 9))
        for answer in answers
        if answer.url.endswith((".js", ".css"))
    }
    kinds = {address.rsplit(".", 1)[-1] for address in sizes}
    assert kinds == {"js", "css"}
    assert 20_000 < sum(sizes.values()) < 150_000, sizes
