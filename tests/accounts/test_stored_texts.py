"""Texts that were stored in English are said in the language of the page."""

import struct

import pytest
from django.template import Context, Template
from django.utils.translation import override

from sts_qa.accounts import stored_texts
from sts_qa.accounts.stored_texts import in_page_language, read_messages

TEXTS = {
    "The file is empty. Copy it again.": "空。",
    "The file has %(size)s bytes, more than %(limit)s. Split it.": "限 %(limit)s，有 %(size)s。",
    "%(n)d files cannot be kept; nothing started. %(first)s": "%(n)d 个：%(first)s",
    "Kept whole: %s. Import again.": "保留：%s。",
    "%(x)s (%(y)s)": "%(x)s（%(y)s）",
    "Half of it (50%%) of %(all)s.": "%(all)s 的一半（50%%）。",
    "Mask": "掩膜",
    # Singular and plural of one message lie together in a catalogue
    "%(n)d drawn file is gone.\0%(n)d drawn files are gone.": "少 %(n)d 个。",
}


def compiled(texts: dict[str, str]) -> bytes:
    """Write a catalogue as GNU gettext describes the format, without our own reader or polib."""
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"
    rows = sorted({"": header, **texts}.items())
    start = 28 + 16 * len(rows)
    tables, body = [b"", b""], b""
    for column in (0, 1):
        for row in rows:
            text = row[column].encode()
            tables[column] += struct.pack("<2I", len(text), start + len(body))
            body += text + b"\0"
    count = len(rows)
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + b"".join(tables) + body


@pytest.fixture
def chinese(settings, tmp_path):
    """Speak Chinese with a catalogue of these few texts."""
    from django.utils.translation import trans_real

    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(compiled(TEXTS))
    settings.LOCALE_PATHS = [tmp_path]
    kept, trans_real._translations = trans_real._translations, {}
    stored_texts.forget()
    with override("zh-hans"):
        yield folder / "django.mo"
    trans_real._translations = kept
    stored_texts.forget()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The file is empty. Copy it again.", "空。"),
        ("1 drawn file is gone.", "少 1 个。"),
        ("7 drawn files are gone.", "少 7 个。"),
        ("The file has 1,234 bytes, more than 99. Split it.", "限 99，有 1,234。"),
        ("Kept whole: a b. Import again.", "保留：a b。"),
        ("Half of it (50%) of 12.", "12 的一半（50%）。"),
        # Values that are sentences themselves, and lists of files with what is wrong with each
        ("Kept whole: The file is empty. Copy it again.. Import again.", "保留：空。。"),
        (
            "2 files cannot be kept; nothing started. a/b.png: The file is empty. Copy it again."
            " · c: The file has 5 bytes, more than 4. Split it.",
            "2 个：a/b.png: 空。 · c: 限 4，有 5。",
        ),
        # A folder may be called like a word of the pages
        ("Kept whole: Mask. Import again.", "保留：Mask。"),
    ],
)
def test_a_known_sentence_is_translated_with_its_values(chinese, text, said):
    assert in_page_language(text) == said


@pytest.mark.parametrize("text", ["", "Something else.", "a: b", "what (ever)", "x · y"])
def test_what_is_not_known_stays_as_it_is(chinese, text):
    assert in_page_language(text) == text


def test_in_english_nothing_changes(chinese):
    with override("en"):
        assert in_page_language("The file is empty. Copy it again.") == (
            "The file is empty. Copy it again."
        )


def test_templates_escape_what_was_filled_in(chinese):
    template = Template("{% load stored_texts %}{{ text|in_page_language }}")
    page = template.render(Context({"text": "Kept whole: <b>. Import again."}))
    assert page == "保留：&lt;b&gt;。"


def test_all_texts_of_a_catalogue_are_read(chinese):
    assert sorted(read_messages(chinese)) == sorted(tuple(text.split("\0")) for text in TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        "The PNG ends before its end mark. Copy or export the file again.",
        "The file has 4 dimensions (3 x 4 x 5 x 6); a volume has three. "
        "Save each volume as a file of its own.",
        "A-PXI, labelled: 50 units are to be drawn, but only 4 can be drawn. "
        "Give a smaller number.",
        "Image and mask lie at different places (more than 0.01 voxel apart).",
    ],
)
def test_reasons_of_imports_and_plans_are_known_in_chinese(text):
    with override("zh-hans"):
        said = in_page_language(text)
    assert said != text
    assert "again" not in said
    assert [number for number in ("4", "50") if (number in text) != (number in said)] == []
