from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sts_qa.science.statistics.ordering import ClosePair, Unit, order_seed, rater_order
from tests.science.statistics.pcg64_by_hand import raw_numbers

# printf 'order' | sha256sum
ORDER_WORDS = [
    0x3EEB7E96,
    0xE59CE40F,
    0x9CB1A089,
    0xDABA079F,
    0xD699F686,
    0x7A30F663,
    0x4AF85709,
    0x67B2375A,
]


def radiographs(count, **fields):
    return [Unit(f"r{number:04}", "radiograph", **fields) for number in range(count)]


def volumes(count):
    return [Unit(f"v{number:04}", "volume") for number in range(count)]


def repeats_of(units):
    return [
        Unit(f"{unit.id} again", unit.kind, subject=unit.subject, repeat_of=unit.id)
        for unit in units
    ]


def gaps_below(order, unit_subjects, distance):
    """Look at all pairs of showings, the slow and obvious way."""
    return [
        (first, second, later - earlier)
        for earlier, first in enumerate(order)
        for later, second in enumerate(order)
        if 0 < later - earlier < distance
        and unit_subjects[first] is not None
        and unit_subjects[first] == unit_subjects[second]
        and all(unit_subjects[o] != unit_subjects[first] for o in order[earlier + 1 : later])
    ]


def test_the_order_is_the_rank_of_the_raw_numbers():
    numbers = raw_numbers([5, *ORDER_WORDS], 6)
    expected = [f"v{index:04}" for index in sorted(range(6), key=lambda index: numbers[index])]
    assert list(rater_order(volumes(6), seed=5).order) == expected


def test_radiographs_come_first_then_volumes_then_slices():
    slices = [Unit(f"s{number}", "slice") for number in range(5)]
    order = rater_order([*slices, *volumes(5), *radiographs(5)], seed=1).order
    assert [unit_id[0] for unit_id in order] == ["r"] * 5 + ["v"] * 5 + ["s"] * 5


def test_mixed_mixes():
    order = rater_order([*volumes(30), *radiographs(30)], seed=1, policy="mixed").order
    assert len(set(order)) == 60
    assert {unit_id[0] for unit_id in order[:30]} == {"r", "v"}


def test_each_rater_has_an_own_order_that_can_be_made_again():
    seeds = [order_seed(42, rater) for rater in ("R1", "R2", "R3", "R4", "R5")]
    orders = [rater_order(radiographs(50), seed=seed).order for seed in seeds]
    assert len(set(orders)) == 5
    assert orders == [rater_order(reversed(radiographs(50)), seed=seed).order for seed in seeds]
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_every_unit_comes_to_every_place_about_equally_often():
    counts = Counter(rater_order(radiographs(5), seed=seed).order[0] for seed in range(2000))
    # Binomial with mean 400 and SD 17.9; five SD on either side.
    assert len(counts) == 5
    assert all(abs(count - 400) < 90 for count in counts.values())


def test_repeats_keep_their_distance_and_none_is_dropped_where_there_is_room():
    units = radiographs(100)
    for seed in range(20):
        got = rater_order([*units, *repeats_of(units[:20])], seed=seed, distance=30)
        place = {unit_id: position for position, unit_id in enumerate(got.order)}
        assert got.dropped_repeats == ()
        assert len(got.order) == len(place) == 120
        assert all(place[f"{u.id} again"] - place[u.id] >= 30 for u in units[:20])


def test_repeats_do_not_all_come_at_the_least_distance():
    units = radiographs(200)
    got = rater_order([*units, *repeats_of(units[:40])], seed=3, distance=20)
    place = {unit_id: position for position, unit_id in enumerate(got.order)}
    distances = {place[f"{unit.id} again"] - place[unit.id] for unit in units[:40]}
    assert len(distances) > 20


def test_repeats_without_room_are_dropped_and_named():
    units = radiographs(5)
    got = rater_order([*units, *repeats_of(units[:2])], seed=1, distance=10)
    assert sorted(got.dropped_repeats) == ["r0000 again", "r0001 again"]
    assert sorted(got.order) == [unit.id for unit in units]


def test_a_single_repeat_finds_the_only_place_there_is():
    # Five units, distance five: only the first unit can be shown again, at the very end.
    units = radiographs(5)
    for seed in range(10):
        got = rater_order([*units, *repeats_of(units[2:3])], seed=seed, distance=5)
        assert got.dropped_repeats == ()
        assert got.order[0] == "r0002"
        assert got.order[-1] == "r0002 again"


def test_repeats_stay_among_their_own_kind():
    units = [*radiographs(30), *volumes(30)]
    got = rater_order([*units, *repeats_of(units)], seed=1, distance=5)
    kinds = [unit_id[0] for unit_id in got.order]
    assert kinds == sorted(kinds)


def test_units_of_one_subject_are_kept_apart_where_possible():
    # Three slices of each of 40 volumes with distance 30: room enough.
    units = [Unit(f"v{v}#{k}", "slice", subject=f"v{v}") for v in range(40) for k in range(3)]
    subjects = {unit.id: unit.subject for unit in units}
    for seed in range(10):
        got = rater_order(units, seed=seed, distance=30)
        assert gaps_below(got.order, subjects, 30) == []
        assert got.close_pairs == ()


def test_the_last_units_of_a_subject_are_not_left_over():
    # 4 units of one subject among 6 others at distance 3 fit only as x..x..x..x.
    units = [*radiographs(6), *(Unit(f"x{n}", "radiograph", subject="x") for n in range(4))]
    for seed in range(20):
        order = rater_order(units, seed=seed, distance=3).order
        assert "".join(unit_id[0] for unit_id in order) == "xrrxrrxrrx"


def test_subjects_that_cannot_be_kept_apart_are_reported():
    units = [Unit("a", "radiograph", "p"), Unit("b", "radiograph", "p"), Unit("c", "volume", "p")]
    got = rater_order(units, seed=1, distance=3)
    first, second = got.order[:2]
    assert got.close_pairs == (ClosePair(first, second, 1), ClosePair(second, "c", 1))


def test_a_subject_keeps_its_distance_from_radiograph_to_volume():
    units = [*radiographs(1), *volumes(9), Unit("x", "radiograph", "p"), Unit("y", "volume", "p")]
    for seed in range(20):
        order = rater_order(units, seed=seed, distance=6).order
        assert order.index("y") - order.index("x") >= 6


@settings(deadline=None)
@given(
    subjects=st.lists(st.sampled_from(["p", "q", "s", None]), min_size=1, max_size=25),
    distance=st.integers(1, 8),
    repeated=st.integers(0, 10),
    seed=st.integers(0, 2**63 - 1),
    policy=st.sampled_from(["radiographs_first", "mixed"]),
)
def test_what_is_always_true(subjects, distance, repeated, seed, policy):
    kinds = ("radiograph", "volume", "slice")
    units = [Unit(f"{n}", kinds[n % 3], subject) for n, subject in enumerate(subjects)]
    repeats = repeats_of(units[:repeated])
    got = rater_order([*units, *repeats], seed=seed, policy=policy, distance=distance)
    place = {unit_id: position for position, unit_id in enumerate(got.order)}
    assert sorted([*got.order, *got.dropped_repeats]) == sorted(u.id for u in [*units, *repeats])
    assert not set(got.dropped_repeats) & {unit.id for unit in units}
    for repeat in repeats:
        if repeat.id in place:
            assert place[repeat.id] - place[repeat.repeat_of] >= distance
    unit_subjects = {unit.id: unit.subject for unit in [*units, *repeats]}
    reported = [(pair.earlier, pair.later, pair.gap) for pair in got.close_pairs]
    assert sorted(reported) == sorted(gaps_below(got.order, unit_subjects, distance))


@pytest.mark.parametrize(
    ("units", "message"),
    [
        (radiographs(1) * 2, "listed twice"),
        ([Unit("a", "photo")], "unknown kind"),
        ([Unit("a", "volume", repeat_of="b")], "there is no unit 'b'"),
        ([*volumes(1), Unit("x", "slice", repeat_of="v0000")], "kind or subject differ"),
        ([*volumes(1), *repeats_of(volumes(1)), Unit("x", "volume", repeat_of="v0000")], "one rep"),
    ],
)
def test_units_that_make_no_sense_are_refused(units, message):
    with pytest.raises(ValueError, match=message):
        rater_order(units, seed=1)


def test_unknown_policy_and_distance_are_refused():
    with pytest.raises(ValueError, match="Unknown order"):
        rater_order([], seed=1, policy="by name")
    with pytest.raises(ValueError, match="at least 1"):
        rater_order([], seed=1, distance=0)
