"""Asking for imports: one at a time, cancelled, taken up again, put aside, out of date."""

from __future__ import annotations

import errno
import hashlib
import shutil

import pytest

from sts_qa.audit.models import Event
from sts_qa.catalogue import files, work
from sts_qa.catalogue.actions import apply_import, cancel_import, plans, start_import
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import ImportEntry, ImportRun, Item, ItemVersion
from sts_qa.catalogue.queries.imports import may_be_applied, planned_signatures
from sts_qa.jobs import running
from sts_qa.jobs.actions import request_cancel
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import mask_png, png

pytestmark = pytest.mark.django_db
State = ImportRun.State


@pytest.fixture
def root(write):
    return write({f"c/{number}.png": png(number) for number in range(7)})


@pytest.fixture
def cancel_after(monkeypatch, owner):
    """Return a function that lets a job be cancelled at its n-th check."""
    monkeypatch.setattr(running, "POLL_SECONDS", 0)

    def arrange(checks: int) -> None:
        counted = []
        check = running.JobContext.check_cancelled

        def counting(self):
            counted.append(1)
            if len(counted) == checks:
                request_cancel(job=self.job, acting_user=owner)
            check(self)

        monkeypatch.setattr(running.JobContext, "check_cancelled", counting)

    return arrange


def test_a_cancelled_application_is_taken_up_where_it_was(
    dataset, plan, root, owner, monkeypatch, cancel_after
):
    monkeypatch.setattr(plans, "BATCH", 2)
    run = plan(dataset, root)
    with monkeypatch.context() as patched:
        cancel_after(3)
        job = run_job(apply_import(run=run, acting_user=owner))
        patched.undo()
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.CANCELLED, State.PLANNED)
    assert Item.objects.count() == 4
    assert run.entries.filter(applied=True).count() == 4

    monkeypatch.undo()
    job = run_job(apply_import(run=run, acting_user=owner))
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.DONE, State.APPLIED)
    assert job.total == 3
    assert Item.objects.filter(current_version__number=1).count() == 7
    assert ItemVersion.objects.count() == 7


def test_what_a_stopped_application_has_added_is_on_record(
    dataset, plan, root, owner, monkeypatch, cancel_after
):
    monkeypatch.setattr(plans, "BATCH", 2)
    run = plan(dataset, root)
    cancel_after(3)
    run_job(apply_import(run=run, acting_user=owner))
    cancel_import(run=run, acting_user=owner)
    events = Event.objects.filter(action="dataset.items_added").order_by("pk")
    assert [event.details["items"] for event in events] == [2, 2]
    first = Item.objects.order_by("key")[:2]
    lines = "".join(f"{item.key}\0{item.current_version.checksum}\n" for item in first)
    assert events[0].details["sha256"] == hashlib.sha256(lines.encode()).hexdigest()


def test_a_full_disk_stops_an_application_which_goes_on_once_there_is_room(
    dataset, plan, root, owner, monkeypatch
):
    run = plan(dataset, root, keep_files=True)
    real, copied = files.copy_checked, []

    def fills_the_disk(*arguments):
        copied.append(1)
        if len(copied) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(files, "copy_checked", fills_the_disk)
    job = run_job(apply_import(run=run, acting_user=owner))
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.FAILED, State.PLANNED)
    assert "Make room" in job.error
    assert not run.entries.filter(outcome="error").exists()
    run_job(apply_import(run=run, acting_user=owner))
    assert Item.objects.filter(state="present").count() == 7


def test_an_application_whose_process_was_killed_goes_on(dataset, plan, root, owner, monkeypatch):
    monkeypatch.setattr(plans, "BATCH", 3)
    run = plan(dataset, root)
    job = apply_import(run=run, acting_user=owner)
    real, calls = work.apply_batch, []

    def dies_at_the_second_batch(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise running.JobReturned
        real(*arguments)

    monkeypatch.setattr(work, "apply_batch", dies_at_the_second_batch)
    job = run_job(job)
    assert job.state == Job.State.QUEUED
    assert Item.objects.count() == 3
    job = run_job(job)
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.DONE, State.APPLIED)
    assert ItemVersion.objects.count() == Item.objects.count() == 7


def test_a_batch_applied_twice_writes_nothing_the_second_time(dataset, bring_in, root, owner):
    run = bring_in(dataset, root)
    ImportEntry.objects.update(applied=False)
    work.apply_batch(run, list(run.entries.all()), {}, owner)
    assert ItemVersion.objects.count() == Item.objects.count() == 7


def test_a_plan_taken_up_again_reads_only_what_it_has_not_read(
    dataset, root, owner, units_here, monkeypatch
):
    monkeypatch.setattr(plans, "BATCH", 2)
    run = start_import(dataset=dataset, root=str(root), acting_user=owner)
    real, written = plans.write_entries, []

    def dies_at_the_third_batch(entries):
        written.append(1)
        if len(written) == 3:
            raise running.JobReturned
        real(entries)

    monkeypatch.setattr(plans, "write_entries", dies_at_the_third_batch)
    assert run_job(run.job).state == Job.State.QUEUED
    assert run.entries.count() == 4
    read = []
    pair = work.candidate_entries

    def counting(candidates, *arguments):
        read.extend(candidates)
        return pair(candidates, *arguments)

    monkeypatch.setattr(work, "candidate_entries", counting)
    run.job.refresh_from_db()
    assert run_job(run.job).state == Job.State.DONE
    assert len(read) == 3
    run.refresh_from_db()
    assert run.summary["counts"]["new"] == 7


@pytest.mark.parametrize("text", ["1234567890123456", "12e4567890123456", "0123456789abcdef"])
def test_what_an_entry_was_made_from_is_read_as_text(dataset, root, plan, text):
    # One signature in some 800 has digits and one "e" only
    run = plan(dataset, root)
    entry = run.entries.get(key="c/0.png")
    ImportEntry.objects.filter(pk=entry.pk).update(content={**entry.content, "signature": text})
    assert planned_signatures(run)["c/0.png"] == (entry.pk, text)


def test_a_plan_counts_categories_by_their_names(dataset, write, plan):
    names = ["0", "1.50", "1e3", "false", "null", "teeth"]
    run = plan(dataset, write({f"{name}/a.png": png(1) for name in names}))
    assert run.summary["categories"] == {name: {"unlabelled": 1} for name in names}


def test_a_plan_taken_up_again_reads_changed_files_anew(dataset, root, owner, plan, write):
    run = plan(dataset, root)
    ImportRun.objects.filter(pk=run.pk).update(state=State.PLANNING)
    write({"c/0.png": png(100, shape=(9, 9))})
    Job.objects.filter(pk=run.job.pk).update(state=Job.State.QUEUED)
    run.job.refresh_from_db()
    run_job(run.job)
    shapes = {entry.key: entry.content["image"]["shape"] for entry in run.entries.all()}
    assert shapes["c/0.png"] == [9, 9]
    assert len(shapes) == 7


def test_a_cancelled_plan_is_put_aside(dataset, root, owner, units_here, cancel_after):
    cancel_after(4)
    run = start_import(dataset=dataset, root=str(root), acting_user=owner)
    job = run_job(run.job)
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.CANCELLED, State.CANCELLED)
    assert not may_be_applied(run)


def test_cancelling_a_waiting_job_and_a_plan_at_rest(dataset, root, owner, plan):
    waiting = start_import(dataset=dataset, root=str(root), acting_user=owner)
    assert cancel_import(run=waiting, acting_user=owner).state == State.CANCELLED
    waiting.job.refresh_from_db()
    assert waiting.job.state == Job.State.CANCELLED
    planned = plan(dataset, root)
    assert cancel_import(run=planned, acting_user=owner).state == State.CANCELLED
    with pytest.raises(CatalogueRefused):
        apply_import(run=planned, acting_user=owner)


def test_cancelling_before_the_application_has_begun_leaves_the_plan(dataset, root, owner, plan):
    run = plan(dataset, root)
    apply_import(run=run, acting_user=owner)
    run = cancel_import(run=run, acting_user=owner)
    assert run.state == State.PLANNED
    assert may_be_applied(run)


def test_one_import_of_a_dataset_at_a_time(dataset, root, owner):
    start_import(dataset=dataset, root=str(root), acting_user=owner)
    with pytest.raises(CatalogueRefused, match="Another import"):
        start_import(dataset=dataset, root=str(root), acting_user=owner)


def test_a_plan_cannot_be_applied_twice(dataset, root, owner, bring_in):
    run = bring_in(dataset, root)
    with pytest.raises(CatalogueRefused):
        apply_import(run=run, acting_user=owner)


def test_an_old_plan_cannot_be_applied_after_a_newer_one(
    dataset, root, owner, plan, bring_in, write
):
    old = plan(dataset, root)
    write({"c/new.png": png(50)})
    bring_in(dataset, root)
    with pytest.raises(CatalogueRefused, match="Make a new plan"):
        apply_import(run=old, acting_user=owner)


@pytest.mark.parametrize("keep_files", [False, True])
def test_a_file_that_changes_after_the_plan_is_an_error_of_that_file(
    dataset, root, owner, plan, write, keep_files
):
    # Bytes that no other test has kept
    write({f"c/{number}.png": png(number, shape=(11, 13)) for number in range(2)})
    run = plan(dataset, root, keep_files=keep_files)
    write({"c/0.png": png(200)})
    (root / "c/1.png").unlink()
    job = run_job(apply_import(run=run, acting_user=owner))
    assert job.state == Job.State.DONE
    run.refresh_from_db()
    assert (run.summary["counts"]["new"], run.summary["counts"]["error"]) == (5, 2)
    codes = dict(run.entries.filter(outcome="error").values_list("key", "reason_code"))
    assert codes == {"c/0.png": "changed-since-plan", "c/1.png": "cannot-open"}
    assert Item.objects.count() == 5


def test_a_file_that_was_only_touched_after_the_plan_is_imported(dataset, root, owner, plan):
    run = plan(dataset, root)
    (root / "c/0.png").touch()
    run_job(apply_import(run=run, acting_user=owner))
    assert Item.objects.count() == 7


def test_no_room_on_the_disk_is_said_before_anything_is_copied(
    dataset, root, owner, plan, monkeypatch
):
    run = plan(dataset, root, keep_files=True)
    monkeypatch.setattr("sts_qa.catalogue.actions.imports.free_bytes", lambda: 10)
    with pytest.raises(CatalogueRefused, match="room"):
        apply_import(run=run, acting_user=owner)
    run.refresh_from_db()
    assert run.state == State.PLANNED


def test_pages_may_import_only_from_below_the_configured_roots(dataset, root, owner, tmp_path):
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "link").symlink_to(root)
    for place in (root, allowed / "link", allowed / ".." / "data", tmp_path):
        with pytest.raises(CatalogueRefused, match="STS_QA_IMPORT_ROOTS"):
            start_import(dataset=dataset, root=str(place), acting_user=owner, roots=[allowed])
    run = start_import(dataset=dataset, root=str(root), acting_user=owner, roots=[tmp_path])
    assert run.root == str(root)


@pytest.mark.parametrize("place", ["nowhere", "a\x00b", "", "c/0.png", "\udcff"])
def test_places_that_cannot_be_imported_are_refused(dataset, root, owner, place):
    with pytest.raises(CatalogueRefused):
        start_import(dataset=dataset, root=str(root / place) if place else "", acting_user=owner)
    assert ImportRun.objects.count() == 0


def test_an_unknown_layout_is_refused_with_the_known_ones(dataset, root, owner):
    with pytest.raises(CatalogueRefused, match="sts-tooth, folders, manifest"):
        start_import(dataset=dataset, root=str(root), layout="dicom", acting_user=owner)


def test_a_folder_that_vanishes_before_the_plan_fails_the_plan(dataset, root, owner, units_here):
    run = start_import(dataset=dataset, root=str(root), acting_user=owner)
    shutil.rmtree(root)
    job = run_job(run.job)
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.FAILED, State.FAILED)
    assert "data" in job.error


def test_units_run_in_other_processes(dataset, owner, write):
    root = write({"c/images/a.png": png(1), "c/masks/a.png": mask_png(), "c/images/b.png": b"x"})
    run = start_import(dataset=dataset, root=str(root), acting_user=owner)
    job = run_job(run.job)
    assert job.state == Job.State.DONE, job.error
    assert job.result["counts"]["new"] == 1
    assert [error["where"] for error in job.result["errors"]] == ["c/images/b.png"]
