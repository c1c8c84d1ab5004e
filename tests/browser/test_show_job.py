"""The progress of a job, followed in the browser without a reload."""

import pytest
from playwright.sync_api import expect

from sts_qa.jobs.models import Job
from tests.factories import make_user


@pytest.fixture
def job(transactional_db):
    return Job.objects.create(
        kind="plan_import", created_by=make_user(), state="running", done=3, total=10
    )


@pytest.fixture
def start(open_page, job):
    page = open_page(job.created_by)
    page.goto(job.get_absolute_url())
    page.evaluate("window.notReloaded = true")
    return page


def change(job, **fields):
    Job.objects.filter(pk=job.pk).update(**fields)


def test_progress_moves_and_the_end_offers_the_outcome(start, job):
    expect(start.locator(".job")).to_contain_text("3 of 10")
    expect(start.locator(".job-result")).to_be_hidden()
    change(job, done=7, message="A/7.png")
    expect(start.locator(".job")).to_contain_text("7 of 10")
    expect(start.locator(".job")).to_contain_text("A/7.png")

    change(job, done=10, state="done")
    expect(start.locator(".job-result")).to_be_visible()
    expect(start.locator(".job-cancel")).to_be_hidden()
    expect(start.locator(".job [role=status]")).to_have_text("Read a folder for import: Done")
    assert start.evaluate("window.notReloaded")


def test_after_the_end_nothing_is_fetched_any_more(start, job):
    change(job, state="done")
    expect(start.locator(".job-result")).to_be_visible()
    asked = []
    start.on("request", lambda request: asked.append(request.url))
    start.wait_for_timeout(2500)
    assert asked == []


def test_the_cancel_button_keeps_the_focus_while_progress_moves(start, job):
    start.locator(".job-cancel button").focus()
    change(job, done=8)
    expect(start.locator(".job")).to_contain_text("8 of 10")
    start.keyboard.press("Enter")
    expect(start.locator(".job")).to_contain_text("Stopping")
    job.refresh_from_db()
    assert job.cancel_requested
