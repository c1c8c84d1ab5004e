"""How many units to draw: from a category to its strata, in exact arithmetic."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Amount:
    """How much of a frame to draw: a fraction of it, or a number of units. Exactly one is set."""

    fraction: Fraction | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        if (self.fraction is None) == (self.number is None):
            raise ValueError("Give either a fraction or a number of units, not both.")
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise ValueError(
                f"The fraction {self.fraction} is not above 0 and at most 1. "
                "To draw nothing, give the number 0."
            )
        if self.number is not None and self.number < 0:
            raise ValueError(f"The number of units to draw is negative: {self.number}.")

    @classmethod
    def of_fraction(cls, value: Decimal | Fraction | str) -> "Amount":
        """Make an amount from an exact fraction such as ``Decimal("0.30")`` or ``"0.30"``."""
        if isinstance(value, float):
            raise TypeError("A float is not exact: give the fraction as Decimal, Fraction or text.")
        return cls(fraction=Fraction(value))

    @classmethod
    def of_number(cls, value: int) -> "Amount":
        """Make an amount from a number of units."""
        return cls(number=value)


@dataclass(frozen=True)
class StratumFrame:
    """The units that can be drawn in one stratum of one category."""

    category: str
    stratum: str
    size: int


@dataclass(frozen=True)
class StratumSize:
    """How many units of one stratum are drawn."""

    category: str
    stratum: str
    frame_size: int
    sample_size: int

    @property
    def probability(self) -> Fraction:
        """Inclusion probability of each unit of the stratum, 0 for an empty one."""
        return Fraction(self.sample_size, self.frame_size) if self.frame_size else Fraction(0)


def round_half_up(value: Decimal | Fraction) -> int:
    """Round a value of at least 0 to the nearest whole number, halves upwards."""
    return int(Fraction(value) + Fraction(1, 2))


def sample_size(frame_size: int, amount: Amount, *, where: str = "the frame") -> int:
    """Return how many of `frame_size` units to draw.

    A fraction is taken exactly and rounded half up; it gives at least one unit when the frame is
    not empty (3,500 at 30% -> 1,050; 371 -> 111). A number stands as it is.

    Parameters
    ----------
    frame_size : int
        Number of units that can be drawn.
    amount : Amount
        Fraction or number to draw.
    where : str
        Name of the category or stratum, for the error message.

    Raises
    ------
    ValueError
        If more units are asked for than there are.
    """
    if amount.fraction is not None:
        return max(1, round_half_up(amount.fraction * frame_size)) if frame_size else 0
    number = amount.number or 0
    if number > frame_size:
        raise ValueError(
            f"{where}: {number} units are to be drawn, but only {frame_size} can be drawn. "
            "Give a smaller number."
        )
    return number


def split_by_largest_remainder(total: int, quotas: Mapping[str, Fraction]) -> dict[str, int]:
    """Split `total` over strata by their exact quotas (Hamilton's method).

    Each stratum first gets the whole part of its quota; the units left go, one each, to the
    largest remainders. Among equal remainders the larger quota comes first, then the name that is
    first in UTF-8 byte order.

    Parameters
    ----------
    total : int
        Units to hand out; at most one per stratum more than the whole parts of the quotas.
    quotas : mapping of stratum to Fraction
        Exact shares, at least 0. They need not add up to `total`: 30% of 32 and of 339 are 9.6
        and 101.7, together 111.3; the total is 111 and is split into 9 and 102.
    """
    split = {name: int(quota) for name, quota in quotas.items()}
    left = total - sum(split.values())
    by_remainder = sorted(
        quotas,
        key=lambda name: (split[name] - quotas[name], -quotas[name], name.encode("utf-8")),
    )
    if not 0 <= left <= len(quotas):
        raise ValueError(f"The total {total} does not fit the quotas of the strata.")
    for name in by_remainder[:left]:
        split[name] += 1
    return split


def allocate(
    frames: Sequence[StratumFrame],
    category_amounts: Mapping[str, Amount],
    stratum_amounts: Mapping[tuple[str, str], Amount] | None = None,
) -> list[StratumSize]:
    """Work out the sample size of every stratum.

    Parameters
    ----------
    frames : sequence of StratumFrame
        All strata; a (category, stratum) pair may stand there once.
    category_amounts : mapping of category to Amount
        What to draw of each category. A number is the size of the whole category; a fraction is
        taken of those of its strata that have no amount of their own.
    stratum_amounts : mapping of (category, stratum) to Amount, optional
        Amounts of single strata; they go before the category's.

    Returns
    -------
    list of StratumSize
        In the order of `frames`.
    """
    own_amounts = stratum_amounts or {}
    by_category: dict[str, list[StratumFrame]] = defaultdict(list)
    for frame in frames:
        by_category[frame.category].append(frame)
    _check_names(frames, category_amounts, own_amounts)
    drawn: dict[tuple[str, str], int] = {}
    for category, strata in by_category.items():
        own = {frame.stratum: own_amounts.get((category, frame.stratum)) for frame in strata}
        drawn |= _allocate_category(category, strata, category_amounts.get(category), own)
    return [
        StratumSize(f.category, f.stratum, f.size, drawn[f.category, f.stratum]) for f in frames
    ]


def _allocate_category(
    category: str,
    strata: Sequence[StratumFrame],
    amount: Amount | None,
    own_amounts: Mapping[str, Amount | None],
) -> dict[tuple[str, str], int]:
    drawn: dict[tuple[str, str], int] = {}
    open_sizes: dict[str, int] = {}
    for frame in strata:
        own = own_amounts[frame.stratum]
        if own is None:
            open_sizes[frame.stratum] = frame.size
        else:
            where = f"{category}, {frame.stratum}"
            drawn[category, frame.stratum] = sample_size(frame.size, own, where=where)
    if not open_sizes:
        return drawn
    if amount is None:
        raise ValueError(
            f"{category}: no amount to draw is given for {', '.join(sorted(open_sizes))}. "
            "Give one for the category or for each of these strata."
        )
    already = 0 if amount.number is None else sum(drawn.values())
    if amount.number is not None and already > amount.number:
        raise ValueError(
            f"{category}: its strata ask for {already} units, "
            f"more than the {amount.number} of the category."
        )
    rest = amount if amount.number is None else Amount(number=amount.number - already)
    split = _split_category(open_sizes, rest, where=category)
    return drawn | {(category, stratum): number for stratum, number in split.items()}


def _split_category(sizes: Mapping[str, int], amount: Amount, *, where: str) -> dict[str, int]:
    frame_size = sum(sizes.values())
    total = sample_size(frame_size, amount, where=where)
    if total == 0:
        return dict.fromkeys(sizes, 0)
    share = Fraction(total, frame_size) if amount.fraction is None else amount.fraction
    return split_by_largest_remainder(total, {name: share * size for name, size in sizes.items()})


def _check_names(
    frames: Sequence[StratumFrame],
    category_amounts: Mapping[str, Amount],
    own_amounts: Mapping[tuple[str, str], Amount],
) -> None:
    pairs = [(frame.category, frame.stratum) for frame in frames]
    if len(set(pairs)) != len(pairs):
        twice = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise ValueError(f"The stratum {twice[1]} of {twice[0]} is listed twice.")
    unknown = sorted(set(category_amounts) - {category for category, _ in pairs})
    unknown += sorted(", ".join(pair) for pair in set(own_amounts) - set(pairs))
    if unknown:
        raise ValueError(f"There is no such category or stratum in the frame: {unknown[0]}.")
    for frame in frames:
        if frame.size < 0:
            raise ValueError(f"{frame.category}, {frame.stratum}: negative size {frame.size}.")
