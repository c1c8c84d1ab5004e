"""Reading a plan: counts, what is wrong with which file, room, and what can be done now."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions import add_member, apply_import, cancel_import, start_import
from sts_qa.catalogue.models import ImportRun
from sts_qa.catalogue.queries import imports
from sts_qa.catalogue.views import imports as views
from sts_qa.jobs.actions import request_cancel
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import mask_png, png
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset, make_user

TREE = {
    "A/labelled/image/1.png": png(1),
    "A/labelled/mask/1.png": mask_png(),
    "A/labelled/image/2.png": png(2),
    "A/labelled/mask/2.png": mask_png((8, 8)),
    "A/unlabelled/3.png": b"no image",
    "A/unlabelled/4.png": png(4),
    "A/unlabelled/Thumbs.db": b"x",
}


@pytest.fixture
def run(dataset, plan, write) -> ImportRun:
    return plan(dataset, write(TREE))


def show(client, run, query=""):
    address = reverse("catalogue:show_import", args=[run.dataset_id, run.pk])
    return client.get(address + query)


def listed(response) -> list[str]:
    return [entry.key for entry in response.context["entries"]]


def test_what_needs_attention_comes_first_with_its_reason(client, owner, run):
    client.force_login(owner)
    response = show(client, run)
    assert listed(response) == [
        "A/unlabelled/3.png",
        "A/labelled/image/2.png",
        "A/labelled/image/1.png",
        "A/unlabelled/4.png",
        "A/unlabelled/Thumbs.db",
    ]
    page = text_of(response)
    for entry in run.entries.filter(outcome__in=["error", "held_back"]):
        assert entry.reason
        assert entry.reason in page
    assert "2 files are listed with a reason why they cannot be used" in page


def test_counts_lead_to_the_entries_they_count(client, owner, run):
    client.force_login(owner)
    page = show(client, run).content.decode()
    links = dict(re.findall(r'<a href="(\?outcome=\w+)[^"]*">([\w ]+)</a>', page))
    assert set(links.values()) == {"Error", "Held back", "New", "Ignored"}
    counts = run.summary["counts"]
    for link in links:
        outcome = link.split("=")[1]
        entries = show(client, run, link).context["entries"]
        assert [entry.outcome for entry in entries] == [outcome] * counts[outcome]


def test_the_list_can_be_searched_by_path_and_reason(client, owner, run):
    client.force_login(owner)
    assert listed(show(client, run, "?text=4.PNG")) == ["A/unlabelled/4.png"]
    assert listed(show(client, run, "?text=8+x+8")) == ["A/labelled/image/2.png"]
    page = text_of(show(client, run, "?text=zebra"))
    assert "No file is like this." in page


def test_a_filter_that_is_none_filters_nothing(client, owner, run):
    client.force_login(owner)
    assert len(listed(show(client, run, "?outcome=perfect&after=x"))) == 5


def test_long_plans_come_in_pages(client, owner, run, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    client.force_login(owner)
    response = show(client, run)
    seen = listed(response)
    while address := response.context["next_url"]:
        response = show(client, run, address.removesuffix("#entries"))
        seen += listed(response)
    assert (len(seen), len(set(seen))) == (5, 5)
    previous = show(client, run, response.context["previous_url"].removesuffix("#entries"))
    assert listed(previous) == seen[2:4]


def test_the_room_needed_and_free_stands_there(client, owner, run, monkeypatch):
    monkeypatch.setattr(views, "free_bytes", lambda: 5 * 2**30)
    client.force_login(owner)
    page = show(client, run).content.decode().replace("\xa0", " ")
    assert "5.0 GB" in page


def test_without_room_for_the_copies_the_plan_cannot_be_applied(client, owner, run, monkeypatch):
    ImportRun.objects.update(keep_files=True, summary={**run.summary, "kept_bytes": 2000})
    monkeypatch.setattr(views, "free_bytes", lambda: 1000)
    client.force_login(owner)
    page = text_of(show(client, run))
    assert "The disk has no room for the copies" in page
    assert re.search(r"<button[^>]*disabled[^>]*>Apply the plan", page)


def buttons(response) -> list[str]:
    """The forms of the page's own steps, by what their buttons say."""
    page = response.content.decode().split("topbar-user", 1)[1].split("</header>", 1)[1]
    return [name.strip() for name in re.findall(r'type="submit"[^>]*>([^<]+)</button>', page)]


def test_while_the_plan_is_made_the_progress_shows(client, dataset, owner, write):
    run = start_import(dataset=dataset, root=str(write(TREE)), acting_user=owner)
    client.force_login(owner)
    response = show(client, run)
    assert reverse("jobs:show_progress", args=[run.job.public_id]) in text_of(response)
    assert buttons(response) == ["Cancel"]


def test_another_member_sees_the_progress_and_can_cancel(client, dataset, owner, write):
    run = start_import(dataset=dataset, root=str(write(TREE)), acting_user=owner)
    other = make_user(coordinator=True)
    add_member(dataset=dataset, user=other, acting_user=owner)
    client.force_login(other)
    response = show(client, run)
    assert reverse("jobs:show_progress", args=[run.job.public_id]) not in text_of(response)
    assert reverse("catalogue:cancel_import", args=[dataset.pk, run.pk]) in text_of(response)
    assert buttons(response) == ["Cancel"]


def test_a_plan_can_be_applied_or_put_aside(client, owner, run):
    client.force_login(owner)
    assert buttons(show(client, run)) == ["Put aside", "Apply the plan", "Show"]


def test_a_stopped_application_can_be_taken_up_again(client, owner, run):
    request_cancel(job=apply_import(run=run, acting_user=owner), acting_user=owner)
    client.force_login(owner)
    response = show(client, run)
    assert "Continue applying" in buttons(response)
    assert "Applying this plan was stopped" in text_of(response)


def test_an_applied_plan_leads_to_the_dataset(client, owner, run):
    run_job(apply_import(run=run, acting_user=owner))
    client.force_login(owner)
    response = show(client, run)
    assert "This plan was applied." in text_of(response)
    assert buttons(response) == ["Show"]


def test_a_plan_put_aside_says_so_and_offers_a_new_one(client, owner, run):
    cancel_import(run=run, acting_user=owner)
    client.force_login(owner)
    response = show(client, run)
    assert "This plan was put aside. Nothing of it was imported." in text_of(response)
    assert buttons(response) == ["Show"]


def test_a_plan_that_a_later_import_has_overtaken_says_so(client, dataset, owner, run, plan):
    later = plan(dataset, run.root)
    run_job(apply_import(run=later, acting_user=owner))
    client.force_login(owner)
    response = show(client, run)
    assert "A later import was applied" in text_of(response)
    assert "Apply the plan" not in buttons(response)


def test_a_second_plan_of_the_same_folder_says_that_nothing_changed(
    client, dataset, owner, bring_in, plan, write
):
    folder = write({"A/1.png": png(1)})
    bring_in(dataset, folder)
    client.force_login(owner)
    assert "Nothing has changed since the last import" in text_of(
        show(client, plan(dataset, folder))
    )


def test_a_failed_plan_gives_the_reason(client, dataset, owner, plan, write):
    run = plan(dataset, write({"readme.txt": b"nothing here"}))
    client.force_login(owner)
    page = text_of(show(client, run))
    assert "There are no images in" in page
    assert "Import again" in page


def test_a_plan_whose_job_was_cancelled_before_it_began_says_so(client, dataset, owner, write):
    run = start_import(dataset=dataset, root=str(write(TREE)), acting_user=owner)
    request_cancel(job=run.job, acting_user=owner)
    client.force_login(owner)
    page = text_of(show(client, run))
    assert "This import ended before its plan was made" in page
    assert not imports.is_at_work(ImportRun.objects.get())


def test_an_import_of_another_dataset_is_not_found_here(client, owner, run):
    mine = make_dataset(owner=owner)
    client.force_login(owner)
    address = reverse("catalogue:show_import", args=[mine.pk, run.pk])
    assert client.get(address).status_code == 404


def test_only_members_may(client, dataset, run):
    assert answers(client, dataset, lambda: show(client, run)) == CLOSED
