"""Which units are shown twice, and which raters see which units."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sts_qa.science.statistics.allocation import round_half_up, split_by_largest_remainder
from sts_qa.science.statistics.drawing import draw
from sts_qa.science.statistics.random_stream import RawStream


def choose_repeats(
    strata: Mapping[str, Sequence[str]], share: Fraction, seed: int
) -> dict[str, list[str]]:
    """Choose the units that every rater sees twice.

    Parameters
    ----------
    strata : mapping of stratum name to unit keys
        The sample, in any order.
    share : Fraction
        Share of the sample to repeat, 0 to 1. The number is rounded half up over the whole
        sample, then split over strata by largest remainder.
    seed : int
        Seed of the study. Each stratum has its own stream, named "repeats", a zero byte, stratum.

    Returns
    -------
    dict of stratum name to unit keys
        In random order.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"The share of repeats {share} is not from 0 to 1.")
    quotas = {name: share * len(keys) for name, keys in strata.items()}
    total = round_half_up(sum(quotas.values(), Fraction(0)))
    numbers = split_by_largest_remainder(total, quotas)
    return {
        name: [drawn.key for drawn in draw(keys, seed, f"repeats\0{name}")[: numbers[name]]]
        for name, keys in strata.items()
    }


def balanced_assignment(
    strata: Mapping[str, Sequence[str]], raters: Sequence[str], raters_per_unit: int, seed: int
) -> dict[str, tuple[str, ...]]:
    """Give each unit to some of the raters, evenly.

    Guaranteed: each unit goes to exactly `raters_per_unit` different raters; the loads of any two
    raters differ by at most one over all units and by at most two within a stratum. Which raters
    meet on a unit is random, so that all pairs of raters come to share units.

    Parameters
    ----------
    strata : mapping of stratum name to unit keys
        The sample; a unit may stand in one stratum only.
    raters : sequence of str
        Names of the raters, the same on every machine.
    raters_per_unit : int
        From 1 to the number of raters.
    seed : int
        Seed of the study.

    Returns
    -------
    dict of unit key to rater names
        Names in the order of `raters`.

    Notes
    -----
    Units in random order go, one after another, to the raters with the smallest loads so far;
    equal loads are ranked by random numbers. This keeps all loads within one of each other.
    """
    if len(set(raters)) != len(raters):
        raise ValueError("A rater is listed twice.")
    if not 1 <= raters_per_unit <= len(raters):
        raise ValueError(
            f"{raters_per_unit} raters per unit are asked for, but there are {len(raters)} raters."
        )
    by_name = sorted(raters, key=lambda rater: rater.encode("utf-8"))
    loads = dict.fromkeys(by_name, 0)
    assigned: dict[str, tuple[str, ...]] = {}
    for stratum in sorted(strata, key=lambda name: name.encode("utf-8")):
        stream = RawStream(seed, f"raters\0{stratum}")
        for drawn in draw(strata[stratum], seed, f"assignment\0{stratum}"):
            if drawn.key in assigned:
                raise ValueError(f"The unit {drawn.key!r} is in two strata.")
            ranks = dict(zip(by_name, stream.numbers(len(by_name)), strict=True))
            by_load = sorted(by_name, key=lambda rater: (loads[rater], ranks[rater]))
            chosen = set(by_load[:raters_per_unit])
            for rater in chosen:
                loads[rater] += 1
            assigned[drawn.key] = tuple(rater for rater in raters if rater in chosen)
    return assigned
