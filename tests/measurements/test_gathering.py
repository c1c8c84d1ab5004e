"""Units of items on their way to other processes and back, in whatever order they return."""

from __future__ import annotations

import numpy as np

from sts_qa.measurements.gathering import Gathering
from sts_qa.science.metrics.files import FurtherMask, MeasuredValue, MetricUnit
from sts_qa.science.metrics.sources import SourceFile
from sts_qa.science.metrics.volumes import SliceSummary, SliceValues

FILE = SourceFile("image", "0" * 64)
FOUND = {"foreground_share": MeasuredValue(0.5)}


def unit(item: int, slab=None, further=None) -> MetricUnit:
    name = f"item {item}" if further is None else f"item {item} ({further.name})"
    return MetricUnit(item, name, "volume", FILE, None, ("noise_sigma",), slab, further)


def volume(item: int) -> list[MetricUnit]:
    further = FurtherMask(1, "model", FILE)
    return [unit(item, (0, 2)), unit(item, (2, 4)), unit(item), unit(item, further=further)]


def slab_of(*values: float) -> dict[str, SliceValues]:
    return {"noise_sigma": SliceValues(np.array(values), ("",) * len(values), SliceSummary(0))}


def test_slabs_are_joined_in_the_order_of_slices_whichever_comes_back_first():
    gathering = Gathering([volume(1)[:2]])
    first, second = gathering.units()
    later = gathering.add(second, slab_of(3.0, 4.0), None)
    assert (later.found, later.is_last) == (None, False)

    done = gathering.add(first, slab_of(1.0, 2.0), None)
    assert done.is_last
    assert done.found["noise_sigma"].slice_values == [1.0, 2.0, 3.0, 4.0]
    assert done.found["noise_sigma"].value == 2.5
    # Noise: the highest is the worst
    assert done.found["noise_sigma"].summary["worst_slice"] == 3


def test_an_item_is_done_with_its_last_unit_and_then_tells_its_errors():
    gathering = Gathering([volume(1)])
    slabs, (whole, further) = (found := list(gathering.units()))[:2], found[2:]
    assert gathering.add(whole, FOUND, None).found == FOUND
    assert not gathering.add(further, None, "cannot be read").is_last
    gathering.add(slabs[1], slab_of(1.0), None)
    done = gathering.add(slabs[0], slab_of(2.0), None)
    assert done.found is not None
    assert (done.is_last, done.errors) == (True, {"item 1 (model)": "cannot be read"})


def test_once_a_slab_has_failed_the_others_are_left_out_and_masks_are_not():
    slabs = [unit(1, (first, first + 1)) for first in range(10)]
    gathering = Gathering([[*slabs, unit(1)]])
    coming = gathering.units()
    first, second = next(coming), next(coming)
    assert not gathering.add(first, None, "changed").is_last
    rest = list(coming)
    assert rest == [unit(1)]

    assert gathering.add(rest[0], FOUND, None).found == FOUND
    last = gathering.add(second, slab_of(1.0), None)
    assert (last.found, last.is_last, last.errors) == (None, True, {"item 1": "changed"})


def test_two_volumes_are_measured_side_by_side_and_the_next_when_one_is_handed_out():
    gathering = Gathering([volume(1)[:2], volume(2)[:3], volume(3)[:1]])
    assert [given.item_version for given in gathering.units()] == [1, 2, 1, 2, 2, 3]


def test_a_metric_that_failed_is_an_error_of_the_item_and_the_others_are_kept():
    broken = MeasuredValue(None, error="IndexError: none there")
    gathering = Gathering([[unit(1)]])
    (whole,) = gathering.units()
    done = gathering.add(whole, {"noise_sigma": broken} | FOUND, None)
    assert done.found == FOUND
    assert done.errors == {"item 1: noise_sigma": "IndexError: none there"}


def test_a_metric_that_failed_on_a_slice_names_the_slice_from_one():
    values = SliceValues(np.array([1.0, np.nan]), ("", ""), SliceSummary(1), {1: "IndexError: no"})
    gathering = Gathering([volume(1)[:2]])
    first, second = gathering.units()
    gathering.add(first, {"noise_sigma": slab_of(1.0)["noise_sigma"], "tenengrad": values}, None)
    done = gathering.add(second, slab_of(2.0) | {"tenengrad": slab_of(3.0)["noise_sigma"]}, None)
    assert list(done.found) == ["noise_sigma"]
    assert done.errors == {"item 1: tenengrad": "slice 2: IndexError: no"}
