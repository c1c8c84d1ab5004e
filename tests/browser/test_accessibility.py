"""No page breaks a rule of WCAG 2.2 AA that a program can check, in either theme and language.

Every page is found by following links from the first one, as each kind of person; axe-core
(MPL-2.0) then looks at it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.contrib.sessions.models import Session
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Page, expect

from sts_qa.accounts.models import User
from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.actions.clarifications import publish_clarification
from sts_qa.studies.actions import add_member, create_account, create_invitation
from sts_qa.studies.models import Study
from tests.browser.fixtures import OpenPage
from tests.browser.rating_page import open_fields, open_study, wait_for_image, wait_for_view
from tests.rating.conftest import FilesStudy

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_PAGES_OF_ONE_VIEW = 3
# The theme and the language of each look: every page is seen in both of either
LOOKS = (("light", "en"), ("dark", "zh-hans"))
PANELS = {
    "[data-command=help]": "#panel-help",
    "[data-command=history]": "#panel-history",
    "[data-command=problem]": "#panel-problem",
    "[data-command=ask]": "#panel-question",
    "[data-control=levels]": "#view-panel",
}
SEALED = ("reports:show_report", 403)
LOG_IN = "/account/log-in/"
FILE = re.compile(r"\.(png|csv|json|xlsx|tex|md|zip)$|/download/$|/pixels/")


def test_the_coordinators_pages(
    demonstration: None, open_page: OpenPage, browser_errors: list[str]
) -> None:
    seen = look_everywhere(open_page(_user("coordinator")))
    # The sealed tables of the running study
    browser_errors[:] = [error for error in browser_errors if "403" not in error]
    # The walk must have gone somewhere
    assert {
        "studies:list_studies",
        "studies:create_study",
        "studies:show_study",
        "studies:manage_members",
        "studies:show_manifest",
        "catalogue:list_datasets",
        "catalogue:show_dataset",
        "catalogue:list_items",
        "catalogue:show_item",
        "catalogue:start_import",
        "catalogue:set_viewing",
        "protocols:show_protocol",
        "measurements:show_metrics",
        "measurements:list_measurements",
        "measurements:show_item_metrics",
        "rating:show_progress",
        "rating:list_problems",
        "rating:list_questions",
        "reports:list_reports",
        "reports:show_report",
    } <= seen


def test_the_raters_pages(demonstration: None, open_page: OpenPage) -> None:
    assert "rating:rate_study" in look_everywhere(open_page(_user("rater1")))


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_rating_page_with_each_panel(
    demonstration: None, open_page: OpenPage, theme: str, language: str
) -> None:
    rater = _user("rater1")
    User.objects.filter(pk=rater.pk).update(theme=theme, language=language)
    page = open_page(rater)
    study = Study.objects.get(name="Demonstration: rate me")
    page.goto(f"/rating/{study.public_id}/")
    page.locator("[data-score-input]").first.wait_for()
    assert violations(page) == []
    for command, panel in PANELS.items():
        page.evaluate(f"() => document.querySelector('{command}').click()")
        expect(page.locator(panel)).to_be_visible()
        assert violations(page) == [], f"panel {panel}"
        page.keyboard.press("Escape")


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_rating_page_where_one_digit_scores(
    transactional_db: None,
    files_study: FilesStudy,
    open_page: OpenPage,
    theme: str,
    language: str,
) -> None:
    study = files_study.study
    study.protocol_version = built_in_version("iqsc")
    study.save()
    for name in ("first.png", "second.png"):
        values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
        files_study.radiograph(name, values)
    rater = files_study.start().user
    User.objects.filter(pk=rater.pk).update(theme=theme, language=language)
    page = open_page(rater)
    open_study(page, study)
    expect(page.locator("[data-level]")).to_have_count(5)
    assert violations(page) == []
    for key, opened in (("h", ".guidance"), ("x", ".cannot-judge")):
        page.keyboard.press(key)
        expect(page.locator(opened)).to_be_visible()
        assert violations(page) == [], opened
        page.keyboard.press(key)
    # The last score, and the way back to it
    page.keyboard.press("3")
    expect(page.locator("#last-scores")).to_contain_text("3")
    wait_for_image(page)
    assert violations(page) == []
    page.keyboard.press("Backspace")
    expect(page.locator("#change-mark")).to_be_visible()
    assert violations(page) == []


def test_a_volume_in_three_planes_and_in_one_and_its_pause(
    transactional_db: None, files_study: FilesStudy, open_page: OpenPage
) -> None:
    files_study.study.protocol_version = built_in_version("sts-evaluation")
    files_study.study.save()
    values = files_study.random.integers(0, 3000, (40, 50, 30), dtype=np.int16)
    mask = np.zeros(values.shape, np.uint8)
    mask[8:20, 5:15, 2:8] = 1
    files_study.volume("v.nii", values, mask=mask)
    rater = files_study.start().user
    User.objects.filter(pk=rater.pk).update(theme="dark", language="en")
    page = open_page(rater)
    open_study(page, files_study.study)
    planes = page.locator(".pane:visible")
    expect(planes).to_have_count(3)
    assert violations(page) == []
    page.keyboard.press("v")
    expect(planes).to_have_count(1)
    # The mark of the worst slice stands beside its slider then
    page.keyboard.press("t")
    wait_for_view(page)
    assert violations(page) == []
    page.keyboard.press("p")
    expect(page.locator("#stage-message")).to_be_visible()
    assert violations(page) == []


def test_an_image_that_cannot_be_loaded_and_the_end(
    transactional_db: None,
    files_study: FilesStudy,
    open_page: OpenPage,
    browser_errors: list[str],
) -> None:
    values = files_study.random.integers(0, 256, (40, 50), dtype=np.uint8)
    files_study.radiograph("r.png", values)
    rater = files_study.start().user
    User.objects.filter(pk=rater.pk).update(theme="light", language="zh-hans")
    page = open_page(rater)
    pixels = re.compile("/pixels/")
    page.route(pixels, lambda route: route.abort())
    page.goto(f"/rating/{files_study.study.public_id}/")
    message = page.locator("#stage-message")
    expect(message).to_have_attribute("data-shown", "image-failed")
    assert violations(page) == []
    page.unroute(pixels)
    wait_for_image(page)
    browser_errors.clear()
    for _ in range(open_fields(page).count()):
        page.keyboard.type("3")
        page.keyboard.press("Enter")
    expect(message).to_have_attribute("data-shown", "done")
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_a_clarification_above_the_item(
    demonstration: None, open_page: OpenPage, theme: str, language: str
) -> None:
    rater = _user("rater1")
    User.objects.filter(pk=rater.pk).update(theme=theme, language=language)
    study = Study.objects.get(name="Demonstration: rate me")
    texts = {"en": "Implants do not count.", "zh-hans": "种植体不计入。"}
    publish_clarification(study=study, number=1, texts=texts, acting_user=_user("coordinator"))
    page = open_page(rater)
    open_study(page, study)
    strip = page.locator("#clarifications")
    expect(strip).to_contain_text(texts[language])
    assert violations(page) == []
    page.keyboard.press("a")
    expect(strip.locator("li")).to_be_hidden()
    assert violations(page) == []
    page.keyboard.press("q")
    expect(page.locator("#earlier-clarifications")).to_contain_text(texts[language])
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_questions_about_room_and_monitor(
    demonstration: None, open_page: OpenPage, theme: str, language: str
) -> None:
    rater = _user("rater1")
    User.objects.filter(pk=rater.pk).update(theme=theme, language=language)
    page = open_page(rater, conditions=False)
    study = Study.objects.get(name="Demonstration: rate me")
    page.goto(f"/rating/{study.public_id}/")
    expect(page.locator("#conditions")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_notice_and_the_own_password(
    demonstration: None, open_page: OpenPage, theme: str, language: str
) -> None:
    rater = _user("rater1")
    notice, password = reverse("accounts:accept_notice"), reverse("accounts:change_password")
    for version, address, expected in (
        (0, "/", notice),
        (rater.notice_version, password, password),
    ):
        User.objects.filter(pk=rater.pk).update(
            theme=theme, language=language, notice_version=version
        )
        page = open_page(rater)
        page.goto(address)
        assert urlsplit(page.url).path == expected
        assert violations(page) == [], expected


def test_the_pages_of_people_not_logged_in(
    demonstration: None, open_page: OpenPage, browser_errors: list[str]
) -> None:
    coordinator = _user("coordinator")
    study = Study.objects.get(name="Demonstration: rate me")
    person = create_account(username="wei", acting_user=coordinator)
    member = add_member(study=study, user=person, role="observer", acting_user=coordinator)
    secret = create_invitation(membership=member, acting_user=coordinator)
    page = open_page()
    invitation = reverse("studies:use_invitation", args=[secret])
    for address, status in ((LOG_IN, 200), (invitation, 200), ("/no-such-page/", 404)):
        for theme, language in LOOKS:
            _look(page, theme, language)
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == status, address
            assert violations(page) == [], address
    browser_errors.clear()


def look_everywhere(page: Page) -> set[str]:
    """Follow links from the first page, check what is met, and return the names of the views."""
    found: list[str] = []
    met: dict[str, int] = {}
    waiting, known = ["/"], {"/"}
    while waiting:
        address = waiting.pop(0)
        name = _view_name(address)
        if name is None or met.get(name, 0) >= MOST_PAGES_OF_ONE_VIEW:
            continue
        met[name] = met.get(name, 0) + 1
        for theme, language in LOOKS:
            _look(page, theme, language)
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok or (name, answer.status) == SEALED, f"{address}: {answer.status}"
            found += [f"{address} ({theme}, {language}): {text}" for text in violations(page)]
        for link in _links(page):
            if link not in known:
                known.add(link)
                waiting.append(link)
    assert found == [], "\n".join(found)
    return set(met)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds: the rule, and the elements that break it."""
    if not page.evaluate("() => 'axe' in window"):
        # Through the debugger's protocol, past the page's own policy on scripts
        page.evaluate(AXE.read_text() + "; undefined")
    answer: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    assert answer["passes"], "axe-core must have checked something"
    return [
        f"{broken['id']} ({broken['help']}): {node['html'][:160]} {node['failureSummary'][-200:]}"
        for broken in answer["violations"]
        for node in broken["nodes"][:5]
    ]


def _look(page: Page, theme: str, language: str) -> None:
    """Ask for a theme and a language as a person would have by the buttons of the page."""
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    if session:
        data = Session.objects.get(session_key=session[0]["value"]).get_decoded()
        User.objects.filter(pk=data["_auth_user_id"]).update(theme=theme, language=language)
        return
    address = page.evaluate("location.origin") if page.url.startswith("http") else None
    if address is None:
        page.goto(LOG_IN)
        address = page.evaluate("location.origin")
    page.context.add_cookies(
        [
            {"name": "theme", "value": theme, "url": address},
            {"name": "django_language", "value": language, "url": address},
        ]
    )


def _links(page: Page) -> list[str]:
    # Links in pictures have no address as plain text
    read = "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"
    addresses = page.eval_on_selector_all("a[href]", read)
    here = urlsplit(page.url).netloc
    paths = [urlsplit(address) for address in addresses]
    return [part.path for part in paths if part.netloc == here and not FILE.search(part.path)]


def _view_name(address: str) -> str | None:
    try:
        return resolve(address).view_name
    except Resolver404:
        return None


def _user(name: str) -> User:
    return User.objects.get(username=name)
