"""A whole study through its real pages: five raters, a coordinator, and Table 5 at the end.

Set SCREENSHOTS to a folder to get a picture of every chapter.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from sts_qa.rating.models import Draft
from tests.browser.marked_images import write_dataset
from tests.browser.rater import Rater
from tests.browser.rating_page import fetched_ahead
from tests.browser.reading_room import (
    ADA,
    BEN,
    CHEN,
    DORA,
    EVE,
    FINN,
    PANEL,
    ReadingRoom,
    running_study,
)
from tests.browser.table_by_hand import CRITERIA, table_by_hand
from tests.browser.waiting import wait_until
from tests.browser.whole_study_checks import (
    check_blinding,
    check_file,
    check_page,
    check_what_was_rated,
    downloaded,
    opinions,
)

PASSWORD = "three green teapots"
NOTHING = dict.fromkeys(CRITERIA, 0)


@pytest.fixture
def room(transactional_db, open_page, browser_errors, tmp_path, settings) -> ReadingRoom:
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()
    settings.WORKERS = 1
    images = write_dataset(tmp_path / "images")
    study = running_study(tmp_path / "images")
    return ReadingRoom(study, images, open_page, browser_errors, tmp_path)


def test_a_study_from_the_first_rating_to_table_5(room, tmp_path):
    coordinator = room.coordinator()
    reported = reports_a_problem_and_changes_a_rating(room)
    decides_to_replace_the_item(room, coordinator, reported)
    link = leaves_and_is_replaced(room, coordinator)
    loses_the_network(room)
    submits_twice(room)
    reloads_and_changes_the_computer(room)
    room.raters[DORA].rate_the_rest()
    comes_by_invitation(room, link)

    drawn = set(room.raters[ADA].rated)
    check_what_was_rated(room, drawn, reported)
    follows_progress_and_closes(room, coordinator)
    expected = table_by_hand(opinions(room, drawn))
    check_page(room, coordinator, expected)
    check_file(downloaded(coordinator), expected)
    check_blinding(room, tmp_path / "images")


def reports_a_problem_and_changes_a_rating(room: ReadingRoom) -> int:
    """Dora reports an unlabelled radiograph and changes her mind about another item."""
    dora = room.rater(DORA)
    page = dora.page
    room.picture(page, "01-first-image")
    dora.rate(2)

    number = dora.seen()
    dora.type_scores(NOTHING)
    dora.submit()
    page.keyboard.press("b")
    expect(page.locator("#change-mark")).to_be_visible()
    expect(page.locator("#score-contrast")).to_have_value("0")
    assert dora.seen() == number
    room.picture(page, "02-changing-a-rating")
    dora.type_scores(dora.opinion(number))
    dora.count(number)
    dora.submit()
    expect(page.locator("#change-mark")).to_be_hidden()

    reported = is_unlabelled_adult(room, dora)
    page.keyboard.press("Shift+R")
    page.get_by_label("It is turned or mirrored").check()
    page.get_by_label("More about it").fill("Left and right look exchanged.")
    room.picture(page, "03-reporting-a-problem")
    page.get_by_role("button", name="Send the report").click()
    assert dora.rate_one() == reported
    expect(page.locator("#save-status")).to_have_text("Saved")
    assert room.ratings(DORA) == room.ratings(DORA, is_current=True) + 1
    return reported


def is_unlabelled_adult(room: ReadingRoom, rater: Rater) -> int:
    """Rate on to the next item of the stratum that has a reserve; return its number."""
    while (number := rater.seen()) is not None:
        item = room.images[number]
        if item.category == "A-PXI" and not item.labelled and not rater.rated[number]:
            return number
        rater.rate_one()
    raise AssertionError("no such item is left")


def decides_to_replace_the_item(room: ReadingRoom, page: Page, reported: int) -> None:
    """The coordinator reads Dora's report, and the next of the reserve takes the item's place."""
    page.goto("/")
    page.get_by_role("link", name="Reading room").click()
    expect(page).to_have_url(re.compile(f"/studies/{room.study.public_id}/$"))
    room.picture(page, "04-overview")
    with room.provoked("403"):
        page.goto(f"/reports/{room.study.public_id}/quality-scores/")
        expect(page.locator("main")).to_contain_text("Sealed")
    page.goto(f"/rating/{room.study.public_id}/progress/")
    expect(row_of(page, DORA)).to_contain_text(f"{room.raters[DORA].rated.total()} of ")
    room.picture(page, "05-progress-midway")
    page.get_by_role("link", name="1 report to decide").click()
    expect(page.locator("main")).to_contain_text("Left and right look exchanged.")
    expect(page.locator("main")).to_contain_text(room.images[reported].key)
    room.picture(page, "06-problems")
    page.get_by_role("link", name="Decide").click()
    page.get_by_label("take the next of the reserve").check()
    page.get_by_label("Reason").fill("Mirrored by the exporting program")
    room.picture(page, "07-deciding")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("main")).to_contain_text("Nothing to decide")


def row_of(page: Page, name: str) -> Locator:
    return page.locator("table").first.get_by_role("row").filter(has_text=name)


def leaves_and_is_replaced(room: ReadingRoom, page: Page) -> str:
    """Eve is replaced after three items; what she still submits is late. Returns Finn's link."""
    eve = room.rater(EVE)
    eve.rate(4)
    number = eve.seen()
    # Her page may still ask for what she may no longer have
    with room.provoked("403"):
        eve.type_scores(eve.opinion(number))
        link = replaces_by_a_new_account(room, page)
        eve.page.keyboard.press("Enter")
        expect(eve.page.get_by_role("heading", name="You no longer rate")).to_be_visible()
        expect(eve.page.locator("#save-status")).to_have_text("Saved")
        room.picture(eve.page, "11-withdrawn")
        eve.page.goto("/")
        expect(eve.page.locator("main")).to_contain_text("You were withdrawn")
        eve.page.context.close()
    assert room.ratings(EVE, is_current=True, assignment__kind="main") == 3
    assert room.ratings(EVE, is_late=True, is_current=False) == 1
    return link


def replaces_by_a_new_account(room: ReadingRoom, page: Page) -> str:
    """The coordinator lets Finn take Eve's place; the invitation link shows this once."""
    page.goto(f"/studies/{room.study.public_id}/")
    page.get_by_role("link", name="People").click()
    room.picture(page, "08-people")
    row_of(page, EVE).get_by_role("link", name="Replace").click()
    page.get_by_label("User name").fill(FINN)
    page.get_by_label("Reason").fill("Called to the clinic")
    room.picture(page, "09-replacing")
    page.get_by_role("button", name="Replace the rater").click()
    link = page.get_by_role("textbox", name="Link").input_value()
    room.picture(page, "10-invitation-link")
    page.get_by_role("link", name="People").click()
    expect(row_of(page, FINN)).to_contain_text("Invited")
    expect(page.get_by_role("textbox", name="Link")).to_have_count(0)
    return link


def loses_the_network(room: ReadingRoom) -> None:
    """Ada goes on over what was fetched ahead; everything arrives when the network is back."""
    ada = room.rater(ADA)
    ada.rate(3)
    fetched_ahead(ada.page, 8)
    status = ada.page.locator("#save-status")
    expect(status).to_have_text("Saved")
    with room.provoked("ERR_INTERNET_DISCONNECTED"):
        ada.page.context.set_offline(True)
        before = room.ratings(ADA)
        ada.rate(4)
        expect(status).to_have_text("No connection. Waiting to be sent: 4")
        room.picture(ada.page, "12-offline")
        assert room.ratings(ADA) == before
        ada.page.context.set_offline(False)
        expect(status).to_have_text("Saved")
    assert room.ratings(ADA) == before + 4
    ada.rate_the_rest()
    room.picture(ada.page, "13-all-done")


def submits_twice(room: ReadingRoom) -> None:
    """Ben holds Enter, double-clicks, and has one item open in two windows."""
    ben = room.rater(BEN)
    page, status = ben.page, ben.page.locator("#save-status")
    ben.rate(1)
    opens_with_nothing_typed(ben)

    number = ben.seen()
    ben.type_scores(ben.opinion(number))
    ben.count(number)
    for _ in range(8):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    opens_with_nothing_typed(ben)
    expect(status).to_have_text("Saved")
    assert room.ratings(BEN) == 2

    number = ben.seen()
    ben.type_scores(ben.opinion(number))
    ben.count(number)
    page.get_by_role("button", name="Submit").dblclick()
    opens_with_nothing_typed(ben)
    expect(status).to_have_text("Saved")
    assert room.ratings(BEN) == 3

    number = ben.seen()
    other = Rater(page.context.new_page(), ben.first_scores, ben.repeat_scores, ben.rated)
    other.open()
    assert other.seen() == number
    ben.type_scores(NOTHING)
    other.type_scores(ben.opinion(number))
    other.submit()
    expect(other.page.locator("#save-status")).to_have_text("Saved")
    other.page.close()
    with room.provoked("409"):
        ben.count(number)
        ben.submit()
        expect(page.locator("#notices")).to_contain_text("was scored in another window")
        expect(status).to_have_text("Saved")
    expect(page.locator("#last-scores")).not_to_contain_text("0 · 0 · 0")
    room.picture(page, "14-scored-in-another-window")
    assert room.ratings(BEN) == room.ratings(BEN, is_current=True) == 4
    ben.rate_the_rest()


def opens_with_nothing_typed(rater: Rater) -> None:
    """The next item is there with its first field active, empty and without an objection."""
    rater.seen()
    expect(rater.page.locator(".criterion-active")).to_have_attribute("data-code", "contrast")
    expect(rater.page.locator("#score-contrast")).to_have_value("")
    expect(rater.page.locator("[aria-invalid=true]")).to_have_count(0)


def reloads_and_changes_the_computer(room: ReadingRoom) -> None:
    """Chen reloads in mid-item, later goes on at another computer; what was typed is there."""
    chen = room.rater(CHEN)
    chen.rate(2)
    number = chen.seen()
    scores = chen.opinion(number)
    expect(chen.page.locator("#save-status")).to_have_text("Saved")
    chen.type_scores(scores, fields=slice(2))
    chen.page.reload()
    assert chen.seen() == number
    finishes_what_was_typed(chen, number)

    number = chen.seen()
    chen.type_scores(chen.opinion(number), fields=slice(2))
    wait_until(chen.page, has_draft_of_two_scores)
    chen.page.context.close()
    chen.page = room.page_of(CHEN, room.user(CHEN))
    chen.open()
    assert chen.seen() == number
    room.picture(chen.page, "15-draft-is-back")
    finishes_what_was_typed(chen, number)
    chen.rate_the_rest()


def finishes_what_was_typed(rater: Rater, number: int) -> None:
    scores = rater.opinion(number)
    for code in ("contrast", "sharpness"):
        expect(rater.page.locator(f"#score-{code}")).to_have_value(str(scores[code]))
    rater.type_scores(scores, fields=slice(2, None))
    rater.count(number)
    rater.submit()


def has_draft_of_two_scores() -> bool:
    drafts = Draft.objects.filter(assignment__is_rated=False)
    return any(len(draft.content.get("scores", {})) == 2 for draft in drafts)


def comes_by_invitation(room: ReadingRoom, link: str) -> None:
    """Finn opens the link, sets a password, accepts the notice and rates the whole sample."""
    page = room.page_of(FINN)
    page.goto(link)
    room.picture(page, "16-invitation")
    page.get_by_label(re.compile("^(New )?password", re.I)).first.fill(PASSWORD)
    page.get_by_label(re.compile("confirm", re.I)).fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    room.picture(page, "17-notice")
    page.get_by_role("button", name="I have read and accept this").click()
    finn = room.seat(FINN, page)
    finn.rate_the_rest()
    with room.provoked("410"):
        stranger = room.open_page()
        stranger.goto(link)
        expect(stranger.locator("main")).to_contain_text("used already")


def follows_progress_and_closes(room: ReadingRoom, page: Page) -> None:
    page.goto(f"/rating/{room.study.public_id}/progress/")
    due = room.raters[ADA].rated.total()
    for name in PANEL:
        expect(row_of(page, name)).to_contain_text(f"{due} of {due}")
    expect(row_of(page, EVE)).to_contain_text("Withdrawn")
    room.picture(page, "18-progress-at-the-end")
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Close …").click()
    expect(page.locator("main")).to_contain_text("All ratings are there.")
    room.picture(page, "19-closing")
    page.get_by_role("button", name="Close the study").click()
    expect(page.locator("main")).to_contain_text("Closed")
