"""Drawing a sample that anyone can draw again, on any machine.

Each key of a stratum's frame, in the order of its UTF-8 bytes, takes one raw number; keys ranked
by (number, key) are the stored order: the first n are the sample, the rest the reserve.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath

from sts_qa.science.statistics.random_stream import RawStream

ALGORITHM_VERSION = "1"


@dataclass(frozen=True)
class DrawnKey:
    """A key with its place in the random order of its stratum.

    Attributes
    ----------
    key : str
        Path relative to the dataset root, '/', NFC.
    number : int
        The raw number the key took, 0 to 2**64 - 1.
    order : int
        Place in the random order, from 1. A sample of n has the orders 1 to n.
    """

    key: str
    number: int
    order: int


@dataclass(frozen=True)
class FrameEntry:
    """A key of the frame and the checksum of its file."""

    key: str
    checksum: str


@dataclass(frozen=True)
class DrawnSlices:
    """The slices of one volume in random order: those drawn, and the reserve."""

    drawn: tuple[int, ...]
    reserve: tuple[int, ...]

    @property
    def probability(self) -> Fraction:
        """Probability with which each allowed slice of the volume is drawn."""
        return Fraction(len(self.drawn), len(self.drawn) + len(self.reserve))


def frame_key(relative_path: str | PurePath) -> str:
    """Return the key of a file: its path relative to the dataset root, with '/', in NFC."""
    path = relative_path.as_posix() if isinstance(relative_path, PurePath) else relative_path
    key = unicodedata.normalize("NFC", path)
    if not key or key.startswith("/") or ".." in key.split("/"):
        raise ValueError(f"Not a path inside the dataset: {relative_path!r}.")
    _key_bytes(key)
    return key


def draw(keys: Iterable[str], seed: int, stratum_name: str) -> list[DrawnKey]:
    """Put all keys of a stratum's frame into their random order.

    Parameters
    ----------
    keys : iterable of str
        The whole frame of the stratum, each key once, in any order.
    seed : int
        Seed of the study's draw, 0 to 2**63 - 1.
    stratum_name : str
        Name of the stratum, unique in the study; it makes the draws of strata independent.

    Returns
    -------
    list of DrawnKey
        In random order; the first n are a simple random sample of n without replacement.

    References
    ----------
    M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
    Random Number Generation", Harvey Mudd College HMC-CS-2014-0905, 2014. Ranking by random
    numbers: A. B. Sunter, Applied Statistics 26(3), 1977, DOI 10.2307/2346966.
    """
    ordered = _sorted_keys(keys)
    numbers = RawStream(seed, stratum_name).numbers(len(ordered))
    # The keys are sorted already, so a stable sort by number ranks by (number, key bytes).
    ranked = sorted(zip(ordered, numbers, strict=True), key=lambda pair: pair[1])
    return [DrawnKey(key, number, order) for order, (key, number) in enumerate(ranked, start=1)]


def verify(
    stored_orders: Mapping[str, int],
    seed: int,
    stratum_name: str,
    *,
    algorithm_version: str = ALGORITHM_VERSION,
) -> list[str]:
    """Draw a stored frame again and compare.

    Parameters
    ----------
    stored_orders : mapping of key to order
        The whole stored frame of the stratum with its order numbers, from 1.
    seed, stratum_name
        As at the draw.
    algorithm_version : str
        Version stored with the draw.

    Returns
    -------
    list of str
        What differs, one sentence each; empty when the draw is the same.
    """
    if algorithm_version != ALGORITHM_VERSION:
        return [
            f"{stratum_name}: drawn with algorithm version {algorithm_version}, "
            f"this program has version {ALGORITHM_VERSION}."
        ]
    return [
        f"{stratum_name}: {drawn.key} has order {stored_orders[drawn.key]}, "
        f"drawn again it has {drawn.order}."
        for drawn in draw(stored_orders, seed, stratum_name)
        if stored_orders[drawn.key] != drawn.order
    ]


def frame_hash(entries: Iterable[FrameEntry]) -> str:
    """Return the SHA-256 of a frame as 64 hexadecimal digits, whatever the order of its entries.

    The bytes hashed are, for each entry in the order of its key's UTF-8 bytes: key, a zero byte,
    checksum, a line feed.
    """
    checksums: dict[str, str] = {}
    for entry in entries:
        if entry.key in checksums:
            raise ValueError(f"The key {entry.key!r} is in the frame twice.")
        if "\n" in entry.checksum:
            raise ValueError(f"The checksum of {entry.key!r} has more than one line.")
        checksums[entry.key] = entry.checksum
    digest = hashlib.sha256()
    for key in _sorted_keys(checksums):
        digest.update(_key_bytes(key) + b"\0" + checksums[key].encode("utf-8") + b"\n")
    return digest.hexdigest()


def draw_slices(slices: int | Sequence[int], number: int, *, seed: int, key: str) -> DrawnSlices:
    """Draw slices of one volume.

    Parameters
    ----------
    slices : int or sequence of int
        Number of slices, or the indices that may be drawn (for instance those with mask pixels).
        Slices count from 0.
    number : int
        How many to draw. A volume with fewer allowed slices gives all it has.
    seed : int
        Seed of the study's draw.
    key : str
        Key of the volume; each volume has its own stream, named "slices", a zero byte, the key.

    Returns
    -------
    DrawnSlices
        In random order; each allowed slice is drawn with probability number / allowed.
    """
    allowed = sorted(range(slices) if isinstance(slices, int) else slices)
    if not allowed:
        raise ValueError(f"{key}: the volume has no slice that may be drawn.")
    if number < 1:
        raise ValueError(f"{key}: {number} slices are to be drawn; give at least 1.")
    if allowed[0] < 0 or len(set(allowed)) != len(allowed):
        raise ValueError(f"{key}: slice indices must be different and not negative.")
    _key_bytes(key)
    numbers = RawStream(seed, f"slices\0{key}").numbers(len(allowed))
    ranked = [index for _, index in sorted(zip(numbers, allowed, strict=True))]
    return DrawnSlices(tuple(ranked[:number]), tuple(ranked[number:]))


def _sorted_keys(keys: Iterable[str]) -> list[str]:
    ordered = sorted(keys, key=_key_bytes)
    for before, after in pairwise(ordered):
        if before == after:
            raise ValueError(f"The key {after!r} is in the frame twice.")
    return ordered


def _key_bytes(key: str) -> bytes:
    if not unicodedata.is_normalized("NFC", key):
        raise ValueError(f"The key {key!r} is not in Unicode normal form C; use frame_key.")
    if "\0" in key:
        raise ValueError(f"The key {key!r} holds a zero byte.")
    try:
        return key.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The file name {key!r} is not valid text in UTF-8. Rename the file and import again."
        ) from error
