"""The draw is compared with PCG64 written out by hand (pcg64_by_hand) and with fixed numbers."""

import hashlib
import unicodedata
from collections import Counter
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import PCG64, SeedSequence

from sts_qa.science.statistics.drawing import (
    FrameEntry,
    draw,
    draw_slices,
    frame_hash,
    frame_key,
    verify,
)
from sts_qa.science.statistics.random_stream import LARGEST_SEED, RawStream, hash_words
from tests.science.statistics.pcg64_by_hand import raw_numbers

# printf 'A-PXI/labelled' | sha256sum
LABELLED_WORDS = [
    0x8088BA76,
    0xE6CF4BFD,
    0x89DA6681,
    0x14B5A7EF,
    0x3710D9DB,
    0x3E22A09A,
    0xB7A3CE4D,
    0xA4B58F5F,
]
KEYS = ["b.png", "a.png", "Z.png", "é.png", "儿童.png"]
KEYS_BY_BYTES = ["Z.png", "a.png", "b.png", "é.png", "儿童.png"]
NUMBERS = [
    10890045537213714019,
    6513423255021111870,
    17133960991425789454,
    9301492878210124016,
    1491380038794235172,
]


def test_stratum_words_are_the_sha256_of_the_name_big_endian():
    assert hash_words("A-PXI/labelled") == LABELLED_WORDS


def test_the_raw_stream_is_pinned_by_hand_and_by_fixed_numbers():
    assert raw_numbers([20250101, *LABELLED_WORDS], 5) == NUMBERS
    assert RawStream(20250101, "A-PXI/labelled").numbers(5) == NUMBERS


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, LARGEST_SEED])
def test_the_stream_follows_the_published_algorithm_for_seeds_of_any_size(seed):
    by_hand = raw_numbers([seed, *hash_words("儿童/未标注")], 20)
    assert RawStream(seed, "儿童/未标注").numbers(20) == by_hand
    assert [
        int(n) for n in PCG64(SeedSequence([seed, *hash_words("儿童/未标注")])).random_raw(20)
    ] == (by_hand)


def test_golden_draw():
    assert [(d.order, d.key, d.number) for d in draw(KEYS, 20250101, "A-PXI/labelled")] == [
        (1, "儿童.png", 1491380038794235172),
        (2, "a.png", 6513423255021111870),
        (3, "é.png", 9301492878210124016),
        (4, "Z.png", 10890045537213714019),
        (5, "b.png", 17133960991425789454),
    ]


@given(st.permutations([f"Image/{number}.png" for number in range(30)]))
def test_the_draw_does_not_depend_on_the_order_of_the_input(keys):
    assert draw(keys, 7, "all") == draw(sorted(keys), 7, "all")


def test_each_key_takes_its_number_in_the_order_of_its_bytes():
    taken = {drawn.key: drawn.number for drawn in draw(KEYS, 20250101, "A-PXI/labelled")}
    assert [taken[key] for key in KEYS_BY_BYTES] == NUMBERS


def test_equal_numbers_are_ranked_by_key(monkeypatch):
    monkeypatch.setattr(RawStream, "numbers", lambda self, count: [5] * count)
    assert [drawn.key for drawn in draw(KEYS, 1, "all")] == KEYS_BY_BYTES


def test_strata_and_seeds_give_different_orders():
    keys = [f"{number:03}" for number in range(100)]
    orders = {
        tuple(drawn.key for drawn in draw(keys, seed, stratum))
        for seed in (1, 2)
        for stratum in ("labelled", "unlabelled")
    }
    assert len(orders) == 4


def test_every_key_is_drawn_about_equally_often():
    keys = [f"{number}" for number in range(10)]
    counts = Counter(d.key for seed in range(2000) for d in draw(keys, seed, "all")[:3])
    # Binomial with mean 600 and SD 20.5; five SD on either side.
    assert set(counts) == set(keys)
    assert all(abs(count - 600) < 103 for count in counts.values())


def test_an_empty_frame_gives_an_empty_draw():
    assert draw([], 1, "all") == []


def test_double_keys_are_refused():
    with pytest.raises(ValueError, match=r"'a.png' is in the frame twice"):
        draw(["a.png", "b.png", "a.png"], 1, "all")
    with pytest.raises(ValueError, match="twice"):
        frame_hash([FrameEntry("a", "1"), FrameEntry("a", "2")])


def test_keys_in_another_normal_form_are_refused_and_frame_key_mends_them():
    decomposed = unicodedata.normalize("NFD", "é.png")
    with pytest.raises(ValueError, match="normal form C"):
        draw([decomposed], 1, "all")
    assert frame_key(decomposed) == "\u00e9.png"


def test_frame_keys_have_slashes_on_every_machine():
    assert frame_key(PureWindowsPath(r"A-PXI\Image\1.png")) == "A-PXI/Image/1.png"
    assert frame_key(PurePosixPath("A-PXI/Image/1.png")) == "A-PXI/Image/1.png"


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a/../../b", "a\0b", "\udcff.png"])
def test_paths_that_cannot_be_keys_are_refused(path):
    with pytest.raises(ValueError):
        frame_key(path)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_seeds_out_of_range_are_refused(seed):
    with pytest.raises(ValueError, match="outside 0 to"):
        draw(["a"], seed, "all")


@pytest.mark.parametrize("seed", [1.0, True, "1", None])
def test_seeds_that_are_no_whole_numbers_are_refused(seed):
    with pytest.raises(TypeError, match="whole number"):
        draw(["a"], seed, "all")


def test_verify_accepts_the_stored_draw_and_names_what_was_changed():
    stored = {drawn.key: drawn.order for drawn in draw(KEYS, 3, "all")}
    assert verify(stored, 3, "all") == []
    stored["a.png"], stored["b.png"] = stored["b.png"], stored["a.png"]
    differences = verify(stored, 3, "all")
    assert len(differences) == 2
    assert "a.png" in " ".join(differences)
    assert verify(stored, 3, "all", algorithm_version="0")[0].startswith("all: drawn with")


def test_verify_notices_a_key_taken_out_of_the_frame():
    stored = {drawn.key: drawn.order for drawn in draw(KEYS, 3, "all")}
    del stored["Z.png"]
    assert verify(stored, 3, "all")


def test_frame_hash_is_the_sha256_of_the_documented_bytes():
    entries = [FrameEntry("b", "22"), FrameEntry("a", "11")]
    expected = hashlib.sha256(b"a\x0011\nb\x0022\n").hexdigest()
    assert frame_hash(entries) == frame_hash(reversed(entries)) == expected
    assert frame_hash([FrameEntry("b", "22"), FrameEntry("a", "12")]) != expected


def test_slices_are_drawn_from_their_own_stream():
    name = hashlib.sha256(b"slices\x00ct/1.nii.gz").digest()
    words = [int.from_bytes(name[i : i + 4], "big") for i in range(0, 32, 4)]
    numbers = raw_numbers([9, *words], 6)
    expected = sorted(range(6), key=lambda index: numbers[index])
    got = draw_slices(6, 2, seed=9, key="ct/1.nii.gz")
    assert [*got.drawn, *got.reserve] == expected
    assert len(got.drawn) == 2
    assert got.probability == Fraction(1, 3)


def test_slices_are_drawn_only_from_the_allowed_ones():
    got = draw_slices([40, 12, 13], 2, seed=1, key="v")
    assert {*got.drawn, *got.reserve} == {12, 13, 40}
    assert got == draw_slices([12, 13, 40], 2, seed=1, key="v")


def test_a_volume_with_few_slices_gives_all_of_them():
    got = draw_slices([5, 6], 3, seed=1, key="v")
    assert sorted(got.drawn) == [5, 6]
    assert got.probability == 1


@pytest.mark.parametrize(("slices", "number"), [(0, 3), ([], 3), (5, 0), ([1, 1], 1), ([-1, 2], 1)])
def test_slice_draws_that_make_no_sense_are_refused(slices, number):
    with pytest.raises(ValueError, match="v: "):
        draw_slices(slices, number, seed=1, key="v")


def test_below_refuses_the_incomplete_last_round(monkeypatch):
    stream = RawStream(1, "x")

    class Raw:
        numbers = iter([2**64 - 1, 2**64 - 2, 7])

        def random_raw(self):
            return next(self.numbers)

    monkeypatch.setattr(stream, "_generator", Raw())
    # 2**64 = 3 * 6148914691236517205 + 1, so only the very last number is refused.
    assert stream.below(3) == (2**64 - 2) % 3
    assert stream.below(3) == 1
