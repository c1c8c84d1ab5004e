"""In Chinese no page shows English words: a rater's whole way in, and a coordinator's pages."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Page, expect

from sts_qa.accounts.models import User
from sts_qa.jobs.models import Job
from sts_qa.studies.actions import add_member, create_account, create_invitation
from sts_qa.studies.models import Study
from tests.browser.fixtures import OpenPage
from tests.browser.rater import state_conditions

STUDY = "Demonstration: rate me"
# What people see or hear; names and codes are marked as such, and are the same in every language
READ_TEXTS = """() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const marked = 'code, kbd, script, style, template, noscript, [lang]:not(html):not([lang^=zh])';
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element.closest(marked) && element.checkVisibility()) found.push(node.data);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'label']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (!element.closest(marked)) found.push(element.getAttribute(name));
    }
  }
  return found.map((text) => text.trim()).filter(Boolean);
}"""
# Names of formats, units, standards and keys
SAME_EVERYWHERE = set(
    """
STS-QA IQSC STS OpenAPI HTTP SHA-256 PCG64 UTC CSV JSON XLSX LaTeX TeX Markdown Excel ZIP PNG
NIfTI DICOM UTF-8
MB KB GB kB HU IQR API ID gz nii Enter Shift Ctrl Esc PageUp PageDown Home End Cookie slug yes no
STS_QA_IMPORT_ROOTS manage.py import_dataset import_masks exclude_items min max
AUC Tenengrad Immerk p95 p99 nii.gz zh-hans sts-tooth English
Dice NSD JPEG FBER EFC QI1 AIx
""".split()  # noqa: SIM905
)
# Of the dataset and its people
GIVEN = re.compile(
    r"Demonstration: (rate me|closed, simulated ratings|STS-Tooth phantoms)"
    r"|Simulated second annotator"
    r"|[AC]-PXI|STS-[23]D-Tooth|STS-Tooth|Panoramic radiograph|\bROI\b|Integrity"
    r"|\b(coordinator|simulated\d|rater\d|lan)\b|[\w./-]+\.(png|nii\.gz|csv|json)"
    # Where a protocol comes from, as its authors wrote it
    r"|A multi-modal dental dataset.*|LDCTIQAC 2023|https?://\S+"
    r"|[0-9A-Za-z_.-]*/[\w./-]*|\b[0-9a-f]{8,}\b|sts-evaluation|iqsc(-then-sts-evaluation)?|u?int\d+|float\d+|RAS"
)


def english_in(texts: list[str]) -> list[str]:
    """Return the texts that hold a word of the Latin alphabet which nobody gave as a name."""
    return [
        text
        for text in texts
        if any(
            word not in SAME_EVERYWHERE
            for word in re.findall(r"[A-Za-z][A-Za-z_.0-9-]{2,}", GIVEN.sub(" ", text))
        )
    ]


def test_a_rater_comes_by_invitation(
    demonstration: None, page: Page, browser_errors: list[str]
) -> None:
    study = Study.objects.get(name=STUDY)
    coordinator = User.objects.get(username="coordinator")
    person = create_account(username="lan", language="zh-hans", acting_user=coordinator)
    member = add_member(study=study, user=person, acting_user=coordinator)
    secret = create_invitation(membership=member, acting_user=coordinator)

    page.goto(reverse("studies:use_invitation", args=[secret]))
    assert english_in(page.evaluate(READ_TEXTS)) == []
    page.locator("[name=new_password1]").fill("short")
    page.locator("[name=new_password2]").fill("other")
    page.locator("main [type=submit]").click()
    expect(page.locator(".field-invalid").first).to_be_visible()
    assert english_in(page.evaluate(READ_TEXTS)) == []
    browser_errors[:] = [error for error in browser_errors if "422" not in error]
    for field in ("new_password1", "new_password2"):
        page.locator(f"[name={field}]").fill("violet harbour 42")
    page.locator("main [type=submit]").click()

    expect(page.get_by_role("button", name="我已阅读并接受")).to_be_visible()
    assert english_in(page.evaluate(READ_TEXTS)) == []
    page.get_by_role("button", name="我已阅读并接受").click()
    expect(page.locator("#conditions")).to_be_visible()
    assert english_in(page.evaluate(READ_TEXTS)) == []
    state_conditions(page)
    expect(page.locator("#criteria .criterion").first).to_be_visible()
    assert english_in(page.evaluate(READ_TEXTS)) == []
    for command in ("help", "history", "problem", "ask"):
        page.locator(f"[data-command={command}]").first.evaluate("button => button.click()")
        if command == "history":
            expect(page.locator("#own-ratings")).to_contain_text("还没有")
        assert english_in(page.evaluate(READ_TEXTS)) == []
        page.keyboard.press("Escape")


def test_a_coordinator_s_pages(
    demonstration: None, open_page: OpenPage, browser_errors: list[str]
) -> None:
    User.objects.filter(username="coordinator").update(language="zh-hans")
    page = open_page(User.objects.get(username="coordinator"))
    waiting, known, seen, found = ["/"], {"/"}, set(), []
    while waiting:
        address = waiting.pop(0)
        name = view_name(address)
        # The tables of the closed study tell more than the sealed ones
        if not name or (name in seen and not address.startswith("/reports/")):
            continue
        answer = page.goto(address)
        assert answer is not None
        if "text/html" not in answer.headers["content-type"]:
            continue
        seen.add(name)
        texts = page.evaluate(READ_TEXTS)
        assert len(texts) > 5
        found += [f"{name} ({address}): {text}" for text in english_in(texts)]
        fresh = [link for link in links_of(page) if link not in known]
        known.update(fresh)
        waiting += fresh
    browser_errors[:] = [error for error in browser_errors if "403" not in error]
    assert sorted(set(found)) == [], "\n".join(sorted(set(found)))
    assert {
        "studies:list_studies",
        "studies:show_study",
        "studies:create_study",
        "studies:manage_members",
        "studies:show_manifest",
        "catalogue:show_dataset",
        "catalogue:list_items",
        "catalogue:show_item",
        "catalogue:show_import",
        "catalogue:start_import",
        "catalogue:set_viewing",
        "protocols:show_protocol",
        "protocols:edit_protocol",
        "measurements:show_metrics",
        "measurements:list_measurements",
        "measurements:show_item_metrics",
        "rating:show_progress",
        "rating:list_problems",
        "reports:show_report",
    } <= seen


def test_pages_of_nobody_and_of_errors(
    demonstration: None, page: Page, browser_errors: list[str]
) -> None:
    page.goto("/account/log-in/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert english_in(page.evaluate(READ_TEXTS)) == []
    page.locator("[name=username]").fill("lan")
    page.locator("[name=password]").fill("wrong")
    page.locator("main [type=submit]").click()
    expect(page.locator(".notice-error")).to_be_visible()
    assert english_in(page.evaluate(READ_TEXTS)) == []
    for address in ("/no-such-page/", "/studies/invitations/no-such-secret/"):
        page.goto(address)
        assert english_in(page.evaluate(READ_TEXTS)) == []
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    browser_errors[:] = [error for error in browser_errors if "404" not in error]


def test_a_job_s_page(demonstration: None, open_page: OpenPage) -> None:
    """What a job stored in English is shown in Chinese."""
    coordinator = User.objects.get(username="coordinator")
    User.objects.filter(pk=coordinator.pk).update(language="zh-hans")
    job = Job.objects.latest("pk")
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.FAILED,
        error="2 drawn files cannot be kept; the study is not started. "
        "a/b.png: The file is empty. Copy it again. · c/d.png: Copy or export the file again.",
    )
    page = open_page(coordinator)
    page.goto(reverse("jobs:show_job", args=[job.public_id]))
    assert english_in(page.evaluate(READ_TEXTS)) == []
    expect(page.locator("main")).to_contain_text("a/b.png: 文件为空。")


def test_switching_while_rating_loses_nothing(demonstration: None, open_page: OpenPage) -> None:
    page = open_page(User.objects.get(username="rater1"))
    page.goto(reverse("rating:rate_study", args=[Study.objects.get(name=STUDY).public_id]))
    state_conditions_if_asked(page)
    title = page.locator("#criteria .criterion").first
    expect(title).to_contain_text("Contrast")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    page.keyboard.type("4")
    switch = page.get_by_role("button", name="中文")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(title).to_contain_text("对比度")
    fields = page.locator("[data-score-input]")
    expect(fields.nth(0)).to_have_value("17")
    expect(fields.nth(1)).to_have_value("4")
    assert User.objects.get(username="rater1").language == "zh-hans"


def state_conditions_if_asked(page: Page) -> None:
    asked, first = page.locator("#conditions"), page.locator("#criteria .criterion").first
    expect(asked.and_(page.locator(":visible")).or_(first)).not_to_have_count(0)
    if asked.is_visible():
        state_conditions(page)
    expect(first).to_be_visible()


def view_name(address: str) -> str:
    try:
        return resolve(address).view_name
    except Resolver404:
        return ""


def links_of(page: Page) -> list[str]:
    # Links in pictures have no address as plain text
    read = "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"
    addresses = page.eval_on_selector_all("a[href]", read)
    parts = [urlsplit(address) for address in addresses]
    own = [part.path for part in parts if part.netloc == urlsplit(page.url).netloc]
    return [path for path in own if not re.search(r"download|\.(csv|json|xlsx|tex|md)$", path)]


@pytest.mark.parametrize(
    ("text", "is_english"),
    [
        ("Scores are sealed", True),
        ("第 3 行 SHA-256", False),
        ("保存 Save", True),
        ("研究 Demonstration: rate me", False),
    ],
)
def test_the_check_sees_english(text: str, is_english: bool) -> None:
    assert bool(english_in([text])) is is_english
