"""How items stand: the same for the pages, for counting and for the frame of a study."""

from __future__ import annotations

import itertools

import pytest

from sts_qa.catalogue.models import Item
from sts_qa.catalogue.queries.composition import composition, parts, sizes, stored_bytes
from sts_qa.catalogue.queries.items import ItemFilter, filtered_items, neighbours, with_standing
from sts_qa.screening.actions import decide
from sts_qa.studies.models import Study
from sts_qa.studies.queries.frame import build_frame
from tests.factories import make_dataset, make_item, make_user

pytestmark = pytest.mark.django_db

STATES = ["present", "missing", "unreadable"]
ERRORS = ["", "affine", "shape"]
DECISIONS = ["", "exclude", "keep"]


@pytest.fixture
def person():
    return make_user(coordinator=True)


@pytest.fixture
def dataset(person):
    return make_dataset(owner=person)


def decided(item, outcome, person) -> None:
    reason = {"exclude": "duplicate", "keep": "mask"}[outcome]
    decide(item=item, outcome=outcome, reason=reason, acting_user=person)


@pytest.fixture
def every_case(dataset, person):
    """One item for every state, mask error and decision that can meet."""
    for state, error, outcome in itertools.product(STATES, ERRORS, DECISIONS):
        if (error, outcome) == ("shape", "keep"):
            continue
        key = f"A-PXI/{state}-{error or 'sound'}-{outcome or 'undecided'}.png"
        item = make_item(dataset, key, labelled=bool(error), mask_error=error)
        if outcome:
            decided(item, outcome, person)
        Item.objects.filter(pk=item.pk).update(state=state)
    return dataset


def test_the_standing_is_what_a_study_makes_of_the_item(every_case):
    """Every item stands as the frame says, and the counts of both agree."""
    (stratum,) = build_frame(every_case, Study.Stratification.NONE)
    (group,) = composition(every_case).groups
    counted = group.rows[0].counts.standing
    assert counted["usable"] == stratum.counts["frame"]
    for reason in ("missing", "unreadable", "excluded", "held_back"):
        assert counted[reason] == stratum.counts[reason], reason
    usable = with_standing(Item.objects.all()).filter(standing="usable")
    assert {item.key for item in usable} == {item.key for item in stratum.items}


@pytest.mark.parametrize(
    ("key", "standing"),
    [
        ("present-sound-undecided", "usable"),
        ("present-affine-undecided", "held_back"),
        ("present-affine-keep", "usable"),
        ("present-shape-exclude", "excluded"),
        ("missing-sound-exclude", "missing"),
        ("unreadable-affine-keep", "unreadable"),
    ],
)
def test_one_reason_counts_where_several_hold(every_case, key, standing):
    assert with_standing(Item.objects).get(key=f"A-PXI/{key}.png").standing == standing


def test_a_mask_accepted_for_an_older_version_is_held_back_again(dataset, person):
    item = make_item(dataset, "A-PXI/1.png", labelled=True, mask_error="affine")
    decided(item, "keep", person)
    old = item.current_version
    old.pk, old.number = None, 2
    old.save()
    Item.objects.filter(pk=item.pk).update(current_version=old)
    assert with_standing(Item.objects).get(pk=item.pk).standing == "held_back"


def test_an_item_that_never_had_a_version_is_unreadable(dataset):
    item = make_item(dataset, "A-PXI/1.png")
    Item.objects.filter(pk=item.pk).update(current_version=None)
    assert with_standing(Item.objects).get(pk=item.pk).standing == "unreadable"


def test_counts_add_up_within_groups_and_in_all(dataset, person):
    for number in range(3):
        make_item(dataset, f"a/{number}.png", labelled=number < 1)
    for number in range(2):
        make_item(dataset, f"c/{number}.png", category="C-PXI", labelled=True)
    make_item(dataset, "v/0.nii.gz", category="STS-3D-Tooth", group="", kind="volume")
    decided(dataset.items.get(key="a/2.png"), "exclude", person)

    found = composition(dataset)
    names = [(group.name, [row.category.name for row in group.rows]) for group in found.groups]
    assert names == [("STS-2D-Tooth", ["A-PXI", "C-PXI"]), ("", ["STS-3D-Tooth"])]
    first = found.groups[0]
    assert [(row.counts.labelled, row.counts.unlabelled) for row in first.rows] == [(1, 2), (2, 0)]
    assert (first.sum.labelled, first.sum.unlabelled, first.sum.total) == (3, 2, 5)
    assert (found.total.total, found.total.standing) == (6, {"usable": 5, "excluded": 1})


def test_two_categories_without_a_group_are_not_added_up(dataset):
    make_item(dataset, "a/1.png", category="A", group="")
    make_item(dataset, "b/1.png", category="B", group="")
    assert [len(group.rows) for group in composition(dataset).groups] == [1, 1]


def test_parts_count_items_and_axial_slices(dataset):
    """Slices run along the axis nearest to inferior-superior: 400 in LPS, 300 in SPL."""
    fields = {"category": "STS-3D-Tooth", "group": "", "kind": "volume"}
    for number, (region, orientation, shape) in enumerate(
        [("ROI", "LPS", (512, 512, 400)), ("ROI", "SPL", (300, 64, 64)), ("Whole", "", (9, 9, 7))]
    ):
        item = make_item(
            dataset, f"v/{number}.nii.gz", shape=shape, orientation=orientation,
            labelled=number == 1, **fields,
        )  # fmt: skip
        Item.objects.filter(pk=item.pk).update(attributes={"region": region})
    roi, whole = parts(dataset)
    assert (roi.region, roi.labelled, roi.unlabelled, roi.slices) == ("ROI", 1, 1, 700)
    assert (roi.labelled_slices, roi.unlabelled_slices) == (300, 400)
    assert (whole.region, whole.total, whole.slices) == ("Whole", 1, 7)


def test_radiographs_without_folders_have_no_parts(dataset):
    make_item(dataset, "a/1.png")
    assert parts(dataset) == []


def test_sizes_are_listed_with_the_most_frequent_first(dataset):
    make_item(dataset, "a/1.png", shape=(10, 20))
    for number in range(2):
        make_item(dataset, f"b/{number}.png", shape=(320, 640), dtype="uint16")
    rows, more = sizes(dataset)
    assert [(row.shape, row.dtype, row.count) for row in rows] == [
        ([320, 640], "uint16", 2),
        ([10, 20], "uint8", 1),
    ]
    assert more == 0


def test_only_current_versions_count_for_the_size(dataset):
    """The factory makes images of 1000 bytes and masks of 100."""
    item = make_item(dataset, "a/1.png", labelled=True)
    make_item(dataset, "a/2.png")
    make_item(make_dataset(), "a/3.png")
    old = item.current_version
    old.pk, old.number, old.size_bytes = None, 2, 5000
    old.save()
    Item.objects.filter(pk=item.pk).update(current_version=old)
    assert stored_bytes(dataset) == {"images": 6000, "masks": 100}


def test_filters_together_narrow_the_list(dataset, person):
    make_item(dataset, "A-PXI/tooth_1.png", labelled=True)
    make_item(dataset, "A-PXI/tooth_2.png")
    make_item(dataset, "C-PXI/TOOTH_3.png", category="C-PXI")
    decided(dataset.items.get(key="A-PXI/tooth_2.png"), "exclude", person)

    def keys(**fields) -> set[str]:
        found = filtered_items(dataset, ItemFilter(**fields))
        return {key.rsplit("_")[1] for key in found.values_list("key", flat=True)}

    category = dataset.categories.get(name="A-PXI").pk
    assert keys() == {"1.png", "2.png", "3.png"}
    assert keys(category=category) == {"1.png", "2.png"}
    assert keys(category=category, labelled=False) == {"2.png"}
    assert keys(standing="excluded") == {"2.png"}
    assert keys(text="TOOTH_3") == keys(text="tooth_3") == {"3.png"}
    assert keys(category=category, standing="usable", text="tooth") == {"1.png"}


def test_neighbours_lie_in_the_filtered_list(dataset):
    items = [make_item(dataset, f"A/{number}.png", labelled=number != 1) for number in range(4)]
    assert neighbours(items[0], ItemFilter()) == (None, items[1])
    assert neighbours(items[2], ItemFilter(labelled=True)) == (items[0], items[3])
    assert neighbours(items[3], ItemFilter()) == (items[2], None)
