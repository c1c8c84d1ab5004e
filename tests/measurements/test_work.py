"""Computing the metrics of a dataset: values, what is skipped, failures, cancelling."""

from __future__ import annotations

import dataclasses
import os
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from sts_qa.audit.models import Event
from sts_qa.catalogue import files
from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.jobs import running
from sts_qa.jobs.actions import request_cancel
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.measurements import work as metrics_work
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.measurements.queries import units
from sts_qa.science.metrics.compute import MetricValue, compute, compute_on_mask, of_scope
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.metrics.volumes import VolumeRange, compute_volume
from tests.catalogue.folders import do_units_here
from tests.factories import make_sampled_item, make_study
from tests.measurements.images import (
    add_radiograph,
    radiograph,
    sha256,
    teeth,
    volume,
    volume_mask,
    write_nifti,
    write_png,
)
from tests.measurements.running_jobs import (
    ALL_ROWS,
    RADIOGRAPH_METRICS,
    VOLUME_METRICS,
    all_rows,
    run,
    stored,
)

OF_METAL = {"over_range_fraction", "artifact_index"}


def events() -> list[Event]:
    return list(Event.objects.filter(action="metrics.computed"))


def range_of(pixels: np.ndarray) -> VolumeRange:
    """What slices must know of the whole volume, by numpy; metal has tests of its own."""
    low, high = np.percentile(pixels, (0.5, 99.5))
    return VolumeRange(low, high, pixels.min(), pixels.max())


def anterior_up(plane: np.ndarray) -> np.ndarray:
    """Turn a slice of an R, A, S array by the radiological convention, by numpy alone."""
    return plane.T[::-1, ::-1]


@pytest.mark.parametrize(("number", "mask"), [(1, teeth(48, 64)), (3, None)])
def test_values_of_a_radiograph_are_those_of_the_functions_called_directly(
    dataset, coordinator, number, mask
):
    run(dataset, coordinator)

    rows = stored(f"A-PXI/{number:02}.png")
    expected = compute(of_scope(RADIOGRAPH_METRICS, "image"), radiograph(number), mask)
    if mask is not None:
        expected |= compute_on_mask(of_scope(RADIOGRAPH_METRICS, "mask"), mask)
    assert set(rows) == set(RADIOGRAPH_METRICS)
    for name in RADIOGRAPH_METRICS:
        found = expected.get(name, MetricValue(None, "no mask"))
        assert (rows[name].value, rows[name].reason) == (found.value, found.reason)
        assert rows[name].metric_version == METRICS[name].version
        assert rows[name].slice_values is None
    assert (rows["tooth_background_auc"].value is None) == (mask is None)


@pytest.mark.parametrize(("number", "labelled"), [(0, True), (1, False)])
def test_values_of_a_volume_are_those_of_its_slices_from_the_inferior_end(
    dataset, coordinator, number, labelled
):
    run(dataset, coordinator)

    slices = [anterior_up(volume(number)[:, :, k]) for k in range(8)]
    masks = [anterior_up(volume_mask()[:, :, k]) for k in range(8)] if labelled else None
    expected = compute_volume(
        [name for name in of_scope(VOLUME_METRICS, "image") if name not in OF_METAL],
        slices,
        masks,
        volume_range=range_of(volume(number)),
        spacing=(0.4, 0.3),
    )
    rows = stored(f"3D/{number}.nii.gz")
    assert set(rows) == set(VOLUME_METRICS)
    for name, found in expected.items():
        values = [None if np.isnan(value) else value for value in found.values.tolist()]
        assert rows[name].slice_values == values
        assert rows[name].value == found.summary.median
        assert rows[name].summary["iqr"] == found.summary.iqr
        assert rows[name].summary["worst_slice"] == found.summary.worst_slice
    assert rows["noise_sigma"].slice_values[0] is None
    assert rows["noise_sigma"].summary["missing"] == {"slice without content": [0]}


def test_mask_metrics_of_a_volume_say_why_they_are_missing(dataset, coordinator):
    run(dataset, coordinator)

    labelled, unlabelled = (stored(f"3D/{n}.nii.gz")["contrast_to_noise"] for n in range(2))
    assert [k for k, value in enumerate(labelled.slice_values) if value is not None] == [2, 3, 4, 5]
    assert labelled.summary["missing"]["mask too small"] == [1, 6, 7]
    assert (unlabelled.value, unlabelled.reason) == (None, "no mask")


@pytest.mark.parametrize("slices_per_slab", [1, 3])
def test_a_volume_measured_in_slabs_has_the_same_values_to_the_last_bit(
    dataset, coordinator, monkeypatch, slices_per_slab
):
    run(dataset, coordinator)
    whole = all_rows()
    Measurement.objects.all().delete()
    monkeypatch.setattr(units, "SLICES_PER_SLAB", slices_per_slab)
    result = run(dataset, coordinator).result

    assert (result["computed"], result["failed"]) == (6, 0)
    assert all_rows() == whole


def test_the_second_run_computes_and_records_nothing(dataset, coordinator):
    first = run(dataset, coordinator)
    before = list(Measurement.objects.order_by("pk").values())
    second = run(dataset, coordinator)

    assert (first.result["computed"], first.result["up_to_date"]) == (6, 0)
    assert (second.result["computed"], second.result["up_to_date"]) == (0, 6)
    assert list(Measurement.objects.order_by("pk").values()) == before
    assert len(before) == ALL_ROWS
    assert len(events()) == MetricRun.objects.count() == 1


def test_the_run_is_recorded_with_its_counts(dataset, coordinator):
    run(dataset, coordinator)

    (event,) = events()
    with_value = Measurement.objects.filter(value__isnull=False).count()
    assert event.chain.name == f"dataset:{dataset.pk}"
    assert event.actor == str(coordinator.opaque_id)
    assert event.details == {
        "metrics": {name: metric.version for name, metric in METRICS.items()},
        "items": 6,
        "values": with_value,
        "missing": ALL_ROWS - with_value,
        "failed": 0,
        "cancelled": False,
    }


def test_only_the_metrics_asked_for_are_computed_and_later_the_rest(dataset, coordinator):
    run(dataset, coordinator, only=["noise_sigma", "clipped_low"])
    # Clipping to black is not defined for volumes
    assert set(stored("A-PXI/00.png")) == {"noise_sigma", "clipped_low"}
    assert set(stored("3D/0.nii.gz")) == {"noise_sigma"}

    run(dataset, coordinator)
    assert Measurement.objects.count() == ALL_ROWS


def test_a_metric_of_a_new_version_is_computed_again_and_the_old_value_kept(
    dataset, coordinator, monkeypatch
):
    run(dataset, coordinator)
    newer = dataclasses.replace(METRICS["noise_sigma"], version=METRICS["noise_sigma"].version + 1)
    monkeypatch.setitem(METRICS, "noise_sigma", newer)
    run(dataset, coordinator)

    assert Measurement.objects.count() == ALL_ROWS + 6
    versions = Measurement.objects.filter(metric="noise_sigma").values_list("metric_version")
    assert {version for (version,) in versions} == {newer.version - 1, newer.version}


def test_a_new_version_of_an_item_is_measured_and_the_old_values_stay(
    dataset, coordinator, tmp_path
):
    run(dataset, coordinator)
    item = Item.objects.get(key="A-PXI/03.png")
    old = item.current_version
    path = write_png(tmp_path / "source" / item.key, radiograph(9))
    item.current_version = ItemVersion.objects.create(
        item=item,
        number=2,
        sha256=sha256(path),
        size_bytes=1,
        location=str(path),
        shape=[48, 64],
        dtype="uint8",
    )
    item.save()
    job = run(dataset, coordinator)

    assert (job.result["computed"], job.result["up_to_date"]) == (1, 5)
    by_version = dict(
        Measurement.objects.filter(item_version__item=item, metric="rms_contrast").values_list(
            "item_version", "value"
        )
    )
    assert by_version == {
        version: compute(["rms_contrast"], radiograph(seed))["rms_contrast"].value
        for version, seed in [(old.pk, 3), (item.current_version.pk, 9)]
    }


def test_a_damaged_and_a_changed_file_are_named_and_the_rest_is_measured(
    dataset, coordinator, tmp_path
):
    damaged = tmp_path / "source" / "A-PXI/01.png"
    damaged.write_bytes(damaged.read_bytes()[:200])
    write_png(tmp_path / "source" / "A-PXI/02.png", radiograph(8))
    job = run(dataset, coordinator)

    assert (job.result["computed"], job.result["failed"]) == (4, 2)
    errors = {error["where"]: error["reason"] for error in job.result["errors"]}
    assert list(errors) == ["A-PXI/01.png", "A-PXI/02.png"]
    assert "02.png has changed since it was imported" in errors["A-PXI/02.png"]
    assert not stored("A-PXI/01.png")
    assert not stored("A-PXI/02.png")
    assert set(stored("A-PXI/03.png")) == set(RADIOGRAPH_METRICS)

    # Mended, they are measured by the next run
    write_png(damaged, radiograph(1))
    write_png(tmp_path / "source" / "A-PXI/02.png", radiograph(2))
    again = run(dataset, coordinator)
    assert (again.result["computed"], again.result["failed"]) == (2, 0)


def test_an_error_of_one_metric_is_told_and_only_that_metric_measured_again(
    dataset, coordinator, monkeypatch
):
    do_units_here(monkeypatch)
    metric = METRICS["noise_sigma"]

    def noise_sigma(image):
        if image.kind == "volume":
            raise ZeroDivisionError("nothing there")
        return metric.function(image)

    monkeypatch.setitem(METRICS, "noise_sigma", dataclasses.replace(metric, function=noise_sigma))
    result = run(dataset, coordinator).result

    assert (result["computed"], result["failed"]) == (4, 2)
    assert [error["where"] for error in result["errors"]] == [
        f"3D/{number}.nii.gz: noise_sigma" for number in range(2)
    ]
    reason = result["errors"][0]["reason"]
    assert reason.startswith("slice 2: ZeroDivisionError: nothing there")
    assert set(stored("3D/0.nii.gz")) == set(VOLUME_METRICS) - {"noise_sigma"}
    assert set(stored("A-PXI/00.png")) == set(RADIOGRAPH_METRICS)

    monkeypatch.setitem(METRICS, "noise_sigma", metric)
    again = run(dataset, coordinator).result
    assert (again["computed"], again["values"], again["failed"]) == (2, 2, 0)
    assert Measurement.objects.count() == ALL_ROWS


def test_a_volume_whose_source_has_changed_leaves_no_store_behind(
    dataset, coordinator, tmp_path, data_folder
):
    write_nifti(tmp_path / "source" / "3D/1.nii.gz", volume(7))
    job = run(dataset, coordinator)

    assert [error["where"] for error in job.result["errors"]] == ["3D/1.nii.gz"]
    version = Item.objects.get(key="3D/0.nii.gz").current_version
    written = {path.name for path in data_folder.rglob("*") if path.is_file()}
    assert written == {f"{file.sha256}.b2nd" for file in (version, version.mask)}


def test_a_damaged_store_is_built_anew_from_its_source(dataset, coordinator, data_folder):
    run(dataset, coordinator, only=["noise_sigma"])
    expected = stored("3D/1.nii.gz")["noise_sigma"].slice_values
    Measurement.objects.all().delete()
    for path in data_folder.rglob("*.b2nd"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
        # The checksum is looked at again only when the file is another one
        os.utime(path, ns=(1, 1))

    run(dataset, coordinator, only=["noise_sigma"])
    assert stored("3D/1.nii.gz")["noise_sigma"].slice_values == expected


def test_the_kept_copy_is_measured_when_the_source_is_gone(dataset, coordinator, tmp_path):
    version = Item.objects.get(key="A-PXI/02.png").current_version
    files.keep(version)
    os.unlink(version.location)
    assert run(dataset, coordinator).result["failed"] == 0


def drawn_then_changed(dataset, coordinator, key: str, changed_file: Path) -> ItemVersion:
    """Draw the item, keep its bytes, and import another version of it; return the one drawn."""
    item = Item.objects.get(key=key)
    drawn = item.current_version
    make_sampled_item(make_study(dataset=dataset, coordinator=coordinator), item)
    keep = files.build_store if item.kind == "volume" else files.keep
    keep(drawn)
    # The import found another file at the same place
    os.replace(changed_file, drawn.location)
    newer = ItemVersion.objects.get(pk=drawn.pk)
    newer.pk, newer.number, newer.sha256 = None, 2, sha256(drawn.location)
    newer.save()
    Item.objects.filter(pk=item.pk).update(current_version=newer)
    return drawn


@pytest.mark.parametrize("key", ["A-PXI/02.png", "3D/1.nii.gz"])
def test_the_version_that_a_sample_holds_on_to_is_measured_beside_the_newer_one(
    dataset, coordinator, tmp_path, key
):
    is_volume = key.startswith("3D")
    write = write_nifti if is_volume else write_png
    make = volume if is_volume else radiograph
    changed = write(tmp_path / Path(key).name, make(50))
    drawn = drawn_then_changed(dataset, coordinator, key, changed)

    result = run(dataset, coordinator, only=["noise_sigma"]).result
    assert (result["computed"], result["failed"]) == (7, 0)

    def value(number):
        return Measurement.objects.get(item_version__item__key=key, item_version__number=number)

    for number, seed in ((1, int(key.split("/")[1].split(".")[0])), (2, 50)):
        if is_volume:
            planes = [anterior_up(plane) for plane in np.moveaxis(make(seed), 2, 0)]
            expected = compute_volume(
                ["noise_sigma"],
                iter(planes),
                None,
                volume_range=range_of(make(seed)),
                spacing=(0.4, 0.3),
            )["noise_sigma"].summary.median
        else:
            expected = compute(["noise_sigma"], make(seed), None)["noise_sigma"].value
        assert value(number).value == pytest.approx(expected, rel=1e-12)
    assert value(1).item_version == drawn


def test_a_drawn_item_that_is_gone_since_is_measured_from_what_was_kept(
    dataset, coordinator, tmp_path
):
    item = Item.objects.get(key="A-PXI/02.png")
    make_sampled_item(make_study(dataset=dataset, coordinator=coordinator), item)
    files.keep(item.current_version)
    os.unlink(item.current_version.location)
    Item.objects.filter(pk=item.pk).update(state=Item.State.MISSING)

    assert run(dataset, coordinator, only=["noise_sigma"]).result["failed"] == 0
    assert stored("A-PXI/02.png")["noise_sigma"].value is not None


def test_items_that_are_missing_or_unreadable_are_left_out(dataset, coordinator):
    Item.objects.filter(key="A-PXI/00.png").update(state=Item.State.MISSING)
    Item.objects.filter(key="A-PXI/01.png").update(state=Item.State.UNREADABLE)

    assert run(dataset, coordinator).result["computed"] == 4


def test_a_mask_of_another_size_is_not_used(dataset, coordinator):
    version = Item.objects.get(key="A-PXI/00.png").current_version
    version.mask_error = ItemVersion.MaskError.SHAPE
    version.save()

    assert run(dataset, coordinator).result["failed"] == 0
    assert stored("A-PXI/00.png")["contrast_to_noise"].reason == "no mask"
    assert stored("A-PXI/00.png")["noise_sigma"].value is not None


def test_one_and_two_processes_give_the_same_values(dataset, coordinator):
    run(dataset, coordinator, workers=1)
    alone = all_rows()
    Measurement.objects.all().delete()
    run(dataset, coordinator, workers=2)
    assert all_rows() == alone
    assert len(alone) == ALL_ROWS


def test_a_cancelled_run_keeps_what_it_has_and_the_next_goes_on(
    dataset, coordinator, tmp_path, monkeypatch
):
    for number in range(4, 12):
        add_radiograph(dataset, tmp_path / "source", number)
    monkeypatch.setattr(running, "POLL_SECONDS", 0)
    add = metrics_work._Results.add

    def add_and_cancel(results, unit, gathered):
        add(results, unit, gathered)
        request_cancel(job=results._work.job, acting_user=coordinator)

    monkeypatch.setattr(metrics_work._Results, "add", add_and_cancel)
    job = run_job(start_metrics(dataset=dataset, acting_user=coordinator))
    monkeypatch.undo()

    assert job.state == Job.State.CANCELLED
    kept = Measurement.objects.values("item_version").distinct().count()
    assert 0 < kept < 14
    assert events()[0].details["cancelled"] is True
    assert events()[0].details["items"] == kept
    before = set(Measurement.objects.values_list("pk", flat=True))

    resumed = run(dataset, coordinator)
    assert (resumed.result["up_to_date"], resumed.result["computed"]) == (kept, 14 - kept)
    assert before < set(Measurement.objects.values_list("pk", flat=True))
    assert Measurement.objects.count() == ALL_ROWS + 8 * len(RADIOGRAPH_METRICS)


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("disk full")])
def test_a_run_stopped_from_outside_is_recorded_with_what_it_has(
    dataset, coordinator, monkeypatch, stop
):
    add = metrics_work._Results.add
    added = []

    def add_and_stop(results, unit, gathered):
        add(results, unit, gathered)
        added.append(unit.item_version)
        if len(added) == 3:
            raise stop

    monkeypatch.setattr(metrics_work._Results, "add", add_and_stop)
    with nullcontext() if isinstance(stop, Exception) else pytest.raises(KeyboardInterrupt):
        run_job(start_metrics(dataset=dataset, acting_user=coordinator))
    monkeypatch.undo()

    kept = set(Measurement.objects.values_list("item_version", flat=True))
    (event,) = events()
    assert 0 < len(kept) <= 3
    assert kept <= set(added)
    assert (event.details["items"], event.details["cancelled"]) == (len(kept), True)
    assert MetricRun.objects.get().finished_at is not None

    assert run(dataset, coordinator).result["up_to_date"] == len(kept)
    assert Measurement.objects.count() == ALL_ROWS


def test_the_button_pressed_twice_starts_one_job(dataset, coordinator):
    first = start_metrics(dataset=dataset, acting_user=coordinator)
    assert start_metrics(dataset=dataset, acting_user=coordinator) == first


def test_an_unknown_metric_is_refused_by_name(dataset, coordinator):
    with pytest.raises(ValueError, match="no such metric: niqe"):
        start_metrics(dataset=dataset, acting_user=coordinator, only=["niqe"])
