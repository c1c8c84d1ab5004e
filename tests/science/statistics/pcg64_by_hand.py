"""PCG64 and SeedSequence written out in plain integers, independent of numpy.

From M. E. O'Neill's PCG paper (XSL-RR 128/64) and her seed_seq design
(https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html), with the constants
that numpy documents for its `SeedSequence`.
"""

from itertools import cycle, islice

WORD = 2**32 - 1
LONG = 2**64 - 1
WIDE = 2**128 - 1
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645


class _Hash:
    def __init__(self, constant: int, factor: int) -> None:
        self.constant = constant
        self.factor = factor

    def __call__(self, value: int) -> int:
        value ^= self.constant
        self.constant = self.constant * self.factor & WORD
        value = value * self.constant & WORD
        return value ^ value >> 16


def _mix(left: int, right: int) -> int:
    result = (left * 0xCA01F9DD - right * 0x4973F715) & WORD
    return result ^ result >> 16


def _entropy_words(numbers: list[int]) -> list[int]:
    words = []
    for number in numbers:
        words.append(number & WORD)
        number >>= 32
        while number:
            words.append(number & WORD)
            number >>= 32
    return words


def _seed_longs(numbers: list[int]) -> list[int]:
    entropy = _entropy_words(numbers)
    scramble = _Hash(0x43B0D7E5, 0x931E8875)
    pool = [scramble(word) for word in (*entropy[:4], 0, 0, 0, 0)[:4]]
    for source in range(4):
        for target in range(4):
            if source != target:
                pool[target] = _mix(pool[target], scramble(pool[source]))
    for word in entropy[4:]:
        for target in range(4):
            pool[target] = _mix(pool[target], scramble(word))
    finish = _Hash(0x8B51F9DD, 0x58F38DED)
    words = [finish(word) for word in islice(cycle(pool), 8)]
    return [words[i] | words[i + 1] << 32 for i in range(0, 8, 2)]


def raw_numbers(entropy: list[int], count: int) -> list[int]:
    high, low, high_increment, low_increment = _seed_longs(entropy)
    increment = ((high_increment << 64 | low_increment) << 1 | 1) & WIDE
    state = (increment + (high << 64 | low)) & WIDE
    state = (state * MULTIPLIER + increment) & WIDE
    numbers = []
    for _ in range(count):
        state = (state * MULTIPLIER + increment) & WIDE
        folded = (state >> 64 ^ state) & LONG
        turn = state >> 122
        numbers.append((folded >> turn | folded << (64 - turn)) & LONG if turn else folded)
    return numbers
