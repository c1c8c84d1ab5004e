from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sts_qa.science.statistics.assigning import balanced_assignment, choose_repeats

RATERS = ["R1", "R2", "R3", "R4", "R5"]


def strata(*sizes):
    return {f"s{h}": [f"s{h}/{number}" for number in range(n)] for h, n in enumerate(sizes)}


def test_repeats_are_chosen_within_strata_in_proportion():
    # 10% of 255, 795, 15 and 135 are 25.5, 79.5, 1.5 and 13.5, together 120. The whole parts
    # 25, 79, 1 and 13 leave two; all remainders are equal, so the two largest strata get them.
    chosen = choose_repeats(strata(255, 795, 15, 135), Fraction(1, 10), seed=1)
    assert [len(keys) for keys in chosen.values()] == [26, 80, 1, 13]
    assert all(len(set(keys)) == len(keys) for keys in chosen.values())
    assert all(key.startswith(name + "/") for name, keys in chosen.items() for key in keys)


def test_repeats_do_not_depend_on_the_order_of_the_input_but_on_the_seed():
    sample = strata(100, 50)
    turned = {name: keys[::-1] for name, keys in reversed(sample.items())}
    assert choose_repeats(sample, Fraction(1, 5), 1) == choose_repeats(turned, Fraction(1, 5), 1)
    assert choose_repeats(sample, Fraction(1, 5), 1) != choose_repeats(sample, Fraction(1, 5), 2)


def test_no_repeats_unless_asked_for():
    assert choose_repeats(strata(10), Fraction(0), seed=1) == {"s0": []}


@pytest.mark.parametrize("share", [Fraction(-1, 10), Fraction(11, 10)])
def test_shares_outside_zero_to_one_are_refused(share):
    with pytest.raises(ValueError, match="share of repeats"):
        choose_repeats(strata(10), share, seed=1)


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    rater_count=st.integers(1, 7),
    data=st.data(),
    seed=st.integers(0, 2**63 - 1),
)
def test_loads_are_even_and_each_unit_has_its_raters(sizes, rater_count, data, seed):
    raters = [f"R{number}" for number in range(rater_count)]
    each = data.draw(st.integers(1, rater_count))
    sample = strata(*sizes)
    assigned = balanced_assignment(sample, raters, each, seed)
    assert sorted(assigned) == sorted(key for keys in sample.values() for key in keys)
    assert all(len(set(chosen)) == len(chosen) == each for chosen in assigned.values())

    def spread(keys):
        loads = Counter(dict.fromkeys(raters, 0))
        for key in keys:
            loads.update(assigned[key])
        return max(loads.values()) - min(loads.values())

    assert spread(assigned) <= 1
    assert all(spread(keys) <= 2 for keys in sample.values())


def test_all_pairs_of_raters_share_units():
    assigned = balanced_assignment(strata(100), RATERS, 2, seed=1)
    pairs = Counter(assigned.values())
    assert set(pairs) == set(combinations(RATERS, 2))


def test_the_assignment_does_not_depend_on_the_order_of_the_input():
    sample = strata(20, 10)
    turned = {name: keys[::-1] for name, keys in reversed(sample.items())}
    once = balanced_assignment(sample, RATERS, 3, seed=1)
    again = balanced_assignment(turned, RATERS[::-1], 3, seed=1)
    assert once == {key: tuple(reversed(chosen)) for key, chosen in again.items()}


def test_assignments_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="there are 5 raters"):
        balanced_assignment(strata(5), RATERS, 6, seed=1)
    with pytest.raises(ValueError, match="listed twice"):
        balanced_assignment(strata(5), ["R1", "R1"], 1, seed=1)
    with pytest.raises(ValueError, match="two strata"):
        balanced_assignment({"a": ["x"], "b": ["x"]}, RATERS, 1, seed=1)
