"""Sentences with a count read right for one thing as for many."""

import re
from pathlib import Path

import polib

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((PROJECT / "locale").rglob("*.po"))
# A number and the things that it counts, such as "%(count)d items"
COUNTED = re.compile(r"%\((?:chains|computed|count|decimals|n|seconds)\)[ds] [a-z]{3,}s\b")
NEVER_ONE = {
    "%(count)s files have names that differ only in case or accents. Rename them.",
    "It holds %(count)s entries, more than %(limit)s.",
    "The file names %(count)d raters; at most %(most)d are imported.",
    "the most frequent of %(count)s sizes",
}


def says_it_itself(entry: polib.POEntry) -> bool:
    """Whether the sentence comes from science/, which says it in English without a catalogue."""
    return all(Path(file).name == "science_texts.py" for file, _line in entry.occurrences)


def test_there_are_counts_to_check() -> None:
    entries = [entry for file in CATALOGUES for entry in polib.pofile(str(file))]
    assert sum(bool(COUNTED.search(entry.msgid_plural)) for entry in entries) > 20


def test_every_count_has_a_sentence_for_one() -> None:
    wrong = [
        entry.msgid
        for file in CATALOGUES
        for entry in polib.pofile(str(file))
        if not entry.msgid_plural and COUNTED.search(entry.msgid) and not says_it_itself(entry)
    ]
    assert set(wrong) <= NEVER_ONE


def test_no_exception_is_left_over() -> None:
    known = {entry.msgid for file in CATALOGUES for entry in polib.pofile(str(file))}
    assert known >= NEVER_ONE
