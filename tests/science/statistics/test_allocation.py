from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sts_qa.science.statistics.allocation import (
    Amount,
    StratumFrame,
    allocate,
    round_half_up,
    sample_size,
    split_by_largest_remainder,
)

THIRTY_PERCENT = Amount.of_fraction("0.30")


@pytest.mark.parametrize(
    ("frame_size", "expected"), [(3500, 1050), (500, 150), (371, 111), (1, 1), (0, 0)]
)
def test_thirty_percent_of_the_papers_categories(frame_size, expected):
    assert sample_size(frame_size, THIRTY_PERCENT) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999999999999999999999", 2), ("0", 0)],
)
def test_halves_are_rounded_up(value, expected):
    assert round_half_up(Decimal(value)) == expected


def test_fractions_are_exact_where_floats_are_not():
    # 0.35 * 30 is 10.499999999999998 in floats and exactly 10.5 in decimals.
    assert sample_size(30, Amount.of_fraction(Decimal("0.35"))) == 11
    assert sample_size(3, Amount.of_fraction(Fraction(1, 3))) == 1


def test_a_float_fraction_is_refused():
    with pytest.raises(TypeError, match="exact"):
        Amount.of_fraction(0.3)


@pytest.mark.parametrize("value", ["0", "-0.1", "1.01"])
def test_fractions_outside_zero_to_one_are_refused(value):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        Amount.of_fraction(value)


def test_a_number_larger_than_the_frame_is_refused_by_name():
    with pytest.raises(ValueError, match=r"C-PXI: 51 units .* only 50"):
        allocate([StratumFrame("C-PXI", "all", 50)], {"C-PXI": Amount.of_number(51)})


def drawn(frames, *amounts):
    return [size.sample_size for size in allocate(frames, *amounts)]


def test_the_papers_volumes_are_split_over_labelled_and_unlabelled():
    # 30% of 32 and 339 are 9.6 and 101.7: whole parts 9 and 101, the one left goes to .7.
    volumes = [StratumFrame("3D", "labelled", 32), StratumFrame("3D", "unlabelled", 339)]
    assert drawn(volumes, {"3D": THIRTY_PERCENT}) == [9, 102]


def test_strata_of_radiographs_that_divide_evenly():
    frames = [
        StratumFrame("A-PXI", "labelled", 850),
        StratumFrame("A-PXI", "unlabelled", 2650),
        StratumFrame("C-PXI", "labelled", 50),
        StratumFrame("C-PXI", "unlabelled", 450),
    ]
    sizes = allocate(frames, {"A-PXI": THIRTY_PERCENT, "C-PXI": THIRTY_PERCENT})
    assert [size.sample_size for size in sizes] == [255, 795, 15, 135]
    assert {size.probability for size in sizes} == {Fraction(3, 10)}


def test_a_number_per_category_is_split_in_proportion():
    # 100 * 32/371 = 8.63, 100 * 339/371 = 91.37.
    volumes = [StratumFrame("3D", "labelled", 32), StratumFrame("3D", "unlabelled", 339)]
    assert drawn(volumes, {"3D": Amount.of_number(100)}) == [9, 91]


def test_equal_remainders_go_to_the_larger_stratum_then_to_the_first_name():
    quotas = {"b": Fraction(3, 2), "a": Fraction(3, 2), "large": Fraction(5, 2)}
    assert split_by_largest_remainder(5, quotas) == {"b": 1, "a": 1, "large": 3}
    assert split_by_largest_remainder(6, quotas) == {"b": 1, "a": 2, "large": 3}


def test_a_stratum_with_its_own_fraction_leaves_the_category_fraction_to_the_others():
    frames = [StratumFrame("C", "labelled", 50), StratumFrame("C", "unlabelled", 450)]
    own = {("C", "labelled"): Amount.of_fraction("1")}
    assert drawn(frames, {"C": THIRTY_PERCENT}, own) == [50, 135]


def test_a_category_number_holds_strata_with_their_own_number():
    frames = [StratumFrame("C", "labelled", 50), StratumFrame("C", "unlabelled", 450)]
    own = {("C", "labelled"): Amount.of_number(40)}
    assert drawn(frames, {"C": Amount.of_number(150)}, own) == [40, 110]
    with pytest.raises(ValueError, match="ask for 40 units, more than the 30"):
        allocate(frames, {"C": Amount.of_number(30)}, own)


def test_amounts_for_strata_alone_are_enough():
    frames = [StratumFrame("C", "labelled", 50), StratumFrame("C", "unlabelled", 450)]
    own = {("C", "labelled"): Amount.of_number(50), ("C", "unlabelled"): Amount.of_number(0)}
    assert drawn(frames, {}, own) == [50, 0]


def test_a_category_that_is_not_empty_gives_at_least_one():
    frames = [StratumFrame("C", "labelled", 1), StratumFrame("C", "unlabelled", 2)]
    assert drawn(frames, {"C": Amount.of_fraction("0.1")}) == [0, 1]
    empty = [StratumFrame("C", "labelled", 0), StratumFrame("C", "unlabelled", 0)]
    assert drawn(empty, {"C": THIRTY_PERCENT}) == [0, 0]
    assert allocate(empty, {"C": THIRTY_PERCENT})[0].probability == 0


def test_missing_amounts_unknown_names_and_double_strata_are_refused():
    frames = [StratumFrame("C", "all", 5)]
    with pytest.raises(ValueError, match="no amount to draw is given for all"):
        allocate(frames, {})
    with pytest.raises(ValueError, match="no such category or stratum in the frame: D"):
        allocate(frames, {"C": THIRTY_PERCENT, "D": THIRTY_PERCENT})
    with pytest.raises(ValueError, match="listed twice"):
        allocate(frames * 2, {"C": THIRTY_PERCENT})


@given(
    sizes=st.lists(st.integers(0, 500), min_size=1, max_size=8),
    percent=st.integers(1, 100),
)
def test_strata_add_up_to_the_category_and_stay_within_one_of_their_share(sizes, percent):
    frames = [StratumFrame("C", str(number), size) for number, size in enumerate(sizes)]
    fraction = Fraction(percent, 100)
    got = allocate(frames, {"C": Amount(fraction=fraction)})
    assert sum(size.sample_size for size in got) == sample_size(
        sum(sizes), Amount(fraction=fraction)
    )
    for size in got:
        assert 0 <= size.sample_size <= size.frame_size
        assert abs(size.sample_size - fraction * size.frame_size) <= 1
