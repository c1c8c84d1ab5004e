"""Each rule of the protocol format is told at its field, in plain words."""

from __future__ import annotations

import copy

import pytest

from sts_qa.protocols.content import built_in_content, checked_content
from sts_qa.protocols.content_errors import InvalidContentError
from tests.protocols.contents import small_content


def errors_of(content) -> list[str]:
    with pytest.raises(InvalidContentError) as caught:
        checked_content(content)
    return [str(error) for error in caught.value.errors]


def with_value(path: tuple, value):
    """Return the small protocol with one value replaced, or removed where it is None."""
    content = small_content()
    place = content
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return content


CONTRAST, OUTLINE = ("criteria", 0), ("criteria", 1)


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        (("format",), 2, "format: Must be 1."),
        (("format",), None, "format: This field is missing."),
        (("criteria",), None, "criteria: This field is missing."),
        (("criteria",), [], "criteria: Needs at least 1 entry."),
        (("criteria",), "contrast", "criteria: Give a list, in square brackets."),
        (("extra",), 1, "extra: This field is not known. Remove it."),
        (("slug",), "upload", "slug: This name is reserved. Choose another one."),
        (
            ("slug",),
            "two--hyphens",
            "slug: Use lower-case letters a to z, digits and single hyphens.",
        ),
        (("slug",), "own\n", "slug: Use lower-case letters a to z, digits and single hyphens."),
        (("slug",), "x" * 61, "slug: May have at most 60 characters."),
        (("languages",), ["en", "en"], "languages: Names the same entry twice."),
        (("languages", 0), "English", "languages 1: Use a language code such as en or zh-hans."),
        (("title",), "Own", "title: Give a group of named fields, in braces."),
        (("title", "en"), "", "title, en: This text is empty. Fill it in."),
        (("title", "en"), 5, "title, en: Give text, in quotes."),
        (("title", "zh-hans"), None, "title, zh-hans: The text in this language is missing."),
        (
            ("title", "de"),
            "Eigenes",
            "title, de: This language is not among the protocol's languages.",
        ),
        (
            (*CONTRAST, "code"),
            "Contrast!",
            "criteria 1, code: Use lower-case letters a to z, digits and _, "
            "starting with a letter.",
        ),
        (
            (*OUTLINE, "code"),
            "contrast",
            "criteria 2, code: Another criterion has this code already.",
        ),
        ((*CONTRAST, "scope"), "volume", "criteria 1, scope: Must be one of: image, annotation."),
        ((*CONTRAST, "maximum"), "20", "criteria 1, maximum: Give a number."),
        ((*CONTRAST, "maximum"), True, "criteria 1, maximum: Give a number."),
        (
            (*CONTRAST, "maximum"),
            float("nan"),
            "criteria 1, maximum: This is not a number. Give a plain number.",
        ),
        ((*CONTRAST, "maximum"), 100_000, "criteria 1, maximum: Must be at most 9999."),
        (
            (*CONTRAST, "maximum"),
            0,
            "criteria 1, maximum: Must be greater than the minimum, which is 0.",
        ),
        (
            (*CONTRAST, "maximum"),
            20.5,
            "criteria 1, maximum: May have at most 0 digits after the decimal point.",
        ),
        ((*CONTRAST, "decimals"), 4, "criteria 1, decimals: Must be at most 3."),
        ((*CONTRAST, "decimals"), 0.5, "criteria 1, decimals: Give a whole number."),
        ((*CONTRAST, "ordinal"), "yes", "criteria 1, ordinal: Give true or false."),
        ((*CONTRAST, "threshold"), 21, "criteria 1, threshold: Must lie between 0 and 20."),
        (
            (*CONTRAST, "ends", "maximum", "zh-hans"),
            None,
            "criteria 1, ends, maximum, zh-hans: The text in this language is missing.",
        ),
        ((*CONTRAST, "bands", 0, "from"), 1, "criteria 1, bands 1, from: Leaves a gap: must be 0."),
        (
            (*CONTRAST, "bands", 1, "from"),
            11,
            "criteria 1, bands 2, from: Leaves a gap: must be 10.",
        ),
        (
            (*CONTRAST, "bands", 1, "from"),
            9,
            "criteria 1, bands 2, from: Overlaps or starts too low: must be 10.",
        ),
        (
            (*CONTRAST, "bands", 1, "to"),
            19,
            "criteria 1, bands 2, to: The last band must end at the maximum, which is 20.",
        ),
        (
            (*CONTRAST, "bands", 1, "to"),
            21,
            "criteria 1, bands 2, to: The last band must end at the maximum, which is 20.",
        ),
        (
            (*CONTRAST, "bands", 0, "to"),
            -1,
            "criteria 1, bands 1, to: Must not be lower than where the band starts, which is 0.",
        ),
        (
            (*CONTRAST, "bands", 0, "label", "en"),
            None,
            "criteria 1, bands 1, label, en: The text in this language is missing.",
        ),
        (
            (*OUTLINE, "levels", 2, "value"),
            4,
            "criteria 2, levels 3, value: Must lie between 1 and 3.",
        ),
        (
            (*OUTLINE, "levels", 2, "value"),
            2,
            "criteria 2, levels 3, value: Another level has this value.",
        ),
        (
            (*OUTLINE, "maximum"),
            5,
            "criteria 2, levels: Every score from 1 to 5 needs a level; 2 lack one.",
        ),
        (
            (*OUTLINE, "bands"),
            [{"from": 1, "to": 3, "label": {"en": "a", "zh-hans": "b"}}],
            "criteria 2, levels: Give either bands or levels, not both.",
        ),
        (
            (*OUTLINE, "guidance"),
            {"film": {}},
            "criteria 2, guidance, film: This field is not known. Remove it.",
        ),
        (
            (*OUTLINE, "guidance"),
            {"slice": {"text": {"en": "a"}}},
            "criteria 2, guidance, slice, text, zh-hans: The text in this language is missing.",
        ),
        (
            (*OUTLINE, "required_structures"),
            {"names": {"en": ["a"]}},
            "criteria 2, required_structures, names, zh-hans: "
            "The text in this language is missing.",
        ),
        (
            ("gate", "criterion"),
            "outline",
            "gate, criterion: The gate must be the first criterion, "
            "and that one must assess the image.",
        ),
        (("gate", "minimum"), 21, "gate, minimum: Must lie between 0 and 20."),
    ],
)
def test_a_broken_rule_is_told_at_its_field(path, value, error):
    assert error in errors_of(with_value(path, value))


def test_the_protocol_that_these_tests_break_is_valid():
    content = small_content()
    assert checked_content(content)["criteria"][0]["bands"] == content["criteria"][0]["bands"]


def test_every_fault_is_told_at_once():
    content = with_value(("title", "zh-hans"), None)
    content["criteria"][0]["bands"][1]["from"] = 11
    content["gate"]["minimum"] = 21
    assert len(errors_of(content)) == 3


def test_each_missing_field_is_told_once():
    content = small_content()
    missing = ["criteria", "format", "title"]
    for name in missing:
        del content[name]
    assert sorted(errors_of(content)) == [f"{name}: This field is missing." for name in missing]


def test_checking_leaves_the_given_content_alone():
    content = small_content()
    before = copy.deepcopy(content)
    checked_content(content)
    assert content == before


def test_bands_with_decimals_meet_one_step_apart():
    content = small_content()
    content["criteria"][0] |= {"decimals": 1}
    content["criteria"][0]["bands"][0]["to"] = 9.9
    assert checked_content(content)["criteria"][0]["bands"][0]["to"] == 9.9
    content["criteria"][0]["bands"][0]["to"] = 9.8
    assert errors_of(content) == ["criteria 1, bands 2, from: Leaves a gap: must be 9.9."]


def test_a_gate_must_assess_the_image():
    content = with_value((*CONTRAST, "scope"), "annotation")
    assert errors_of(content)[0].startswith("gate, criterion: ")


def test_a_protocol_without_bands_or_levels_is_valid():
    content = small_content()
    del content["criteria"][0]["bands"]
    assert "bands" not in checked_content(content)["criteria"][0]


def test_image_criteria_come_before_the_mask_is_shown():
    """Each that comes later is named; annotation criteria alone, or last, are in order."""
    content = built_in_content("sts-evaluation")
    image, annotation = content["criteria"][:3], content["criteria"][3:]
    assert checked_content(content | {"criteria": annotation})["criteria"] == annotation
    moved = [image[0], annotation[0], image[1], annotation[1], image[2]]
    assert errors_of(content | {"criteria": moved}) == [
        f"criteria {place}, scope: The image criterion “{code}” comes after an annotation "
        "criterion, which shows the mask. Move it up, before all annotation criteria."
        for place, code in [(3, "sharpness"), (5, "artifacts")]
    ]
