"""Random numbers that stay the same for good: the raw 64-bit stream of PCG64.

numpy promises that the raw output of a bit generator and the words of `SeedSequence` never
change, but not what `Generator` methods make of them; so nothing else is used for draws.
"""

import hashlib
import unicodedata

import numpy as np
from numpy.random import PCG64, SeedSequence

LARGEST_SEED = 2**63 - 1


def hash_words(name: str) -> list[int]:
    """Return the SHA-256 of a name as eight 32-bit words.

    The bytes hashed are the name in Unicode normal form C, encoded as UTF-8, with nothing added.
    Each word is read big-endian, in the order of the digest.
    """
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode("utf-8")).digest()
    return [int.from_bytes(digest[start : start + 4], "big") for start in range(0, 32, 4)]


def check_seed(seed: int) -> int:
    """Return the seed, or raise when it is not a whole number from 0 to 2**63 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"The seed must be a whole number, not {seed!r}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"The seed {seed} is outside 0 to {LARGEST_SEED}.")
    return int(seed)


class RawStream:
    """The raw numbers of ``PCG64(SeedSequence([seed, *hash_words(name)]))``, one after another."""

    def __init__(self, seed: int, name: str) -> None:
        self._generator = PCG64(SeedSequence([check_seed(seed), *hash_words(name)]))

    def numbers(self, count: int) -> list[int]:
        """Return the next `count` numbers, each from 0 to 2**64 - 1."""
        return [int(number) for number in self._generator.random_raw(count)] if count else []

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit` - 1, each with the same probability."""
        if limit < 1:
            raise ValueError(f"There is no whole number from 0 to below {limit}.")
        # Numbers from the incomplete last round would favour small remainders.
        accepted = 2**64 - 2**64 % limit
        number = accepted
        while number >= accepted:
            number = int(self._generator.random_raw())
        return number % limit
