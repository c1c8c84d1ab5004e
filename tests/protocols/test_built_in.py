"""The built-in protocols say what the paper's Table 4 and the IQSC's sources say."""

from __future__ import annotations

import pytest

from sts_qa.protocols import queries
from sts_qa.protocols.content import BUILT_IN_SLUGS, built_in_content, checked_content
from sts_qa.protocols.rubric import band_tables, rubric_of

# Table 4 as printed in the paper
TABLE_4 = {
    (0, 5): ["Unclear", "Unclear", "Many", "Unclear", "Unclear"],
    (6, 10): ["Slightly Clear", "Slightly Clear", "Some", "Slightly Clear", "Slightly Clear"],
    (11, 15): ["Mostly Clear", "Mostly Clear", "Few", "Mostly Clear", "Mostly Clear"],
    (16, 20): ["Clear", "Clear", "None", "Clear", "Clear"],
}
CHINESE = {
    "Unclear": "不清晰",
    "Slightly Clear": "略清晰",
    "Mostly Clear": "基本清晰",
    "Clear": "清晰",
    "Many": "多",
    "Some": "有一些",
    "Few": "很少",
    "None": "无",
}


def rubric(slug, language="en", kind="radiograph"):
    content = built_in_content(slug)
    return rubric_of(content, version=1, checksum="", language=language, kind=kind)


def table_of(rubric):
    (table,) = band_tables(rubric.criteria)
    return {(band.start, band.end): list(labels) for band, labels in table.rows}


def test_sts_evaluation_is_table_4():
    shown = rubric("sts-evaluation")
    assert [criterion.title for criterion in shown.criteria] == [
        "Contrast",
        "Sharpness",
        "Artifacts",
        "Pixel accuracy",
        "Boundary accuracy",
    ]
    assert table_of(shown) == TABLE_4


def test_sts_evaluation_in_chinese_has_the_labels_of_the_rules_of_method():
    expected = {score: [CHINESE[label] for label in labels] for score, labels in TABLE_4.items()}
    assert table_of(rubric("sts-evaluation", "zh-hans")) == expected


def test_sts_evaluation_has_five_whole_number_criteria_of_20_points():
    criteria = rubric("sts-evaluation").criteria
    assert {(c.minimum, c.maximum, c.decimals) for c in criteria} == {(0, 20, 0)}
    assert [c.scope for c in criteria] == ["image"] * 3 + ["annotation"] * 2


def test_artifacts_run_from_many_to_none():
    artifacts = rubric("sts-evaluation").criteria[2]
    assert (artifacts.minimum_end, artifacts.maximum_end) == ("Many", "None")


def test_on_a_slice_without_mask_pixels_only_boundary_accuracy_does_not_apply():
    criteria = rubric("sts-evaluation", kind="slice").criteria
    assert [c.code for c in criteria if not c.applies_to_slice_without_mask_pixels] == [
        "boundary_accuracy"
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("slug", BUILT_IN_SLUGS)
def test_every_criterion_has_marked_guidance_for_every_kind(slug, language):
    for kind in ("radiograph", "volume", "slice"):
        for criterion in rubric(slug, language, kind).criteria:
            assert criterion.guidance.text.strip()
            assert criterion.guidance.is_gloss


def test_only_volumes_are_judged_over_many_slices():
    def texts(kind):
        return [
            criterion.guidance.text for criterion in rubric("sts-evaluation", "en", kind).criteria
        ]

    assert all("one in ten" in text for text in texts("volume"))
    assert not any("one in ten" in text for text in texts("radiograph") + texts("slice"))


def test_iqsc_has_the_levels_0_to_4_with_threshold_3():
    (criterion,) = rubric("iqsc").criteria
    assert [level.value for level in criterion.levels] == [0, 1, 2, 3, 4]
    assert (criterion.threshold, criterion.ordinal) == (3, True)


def test_iqsc_marks_the_wording_that_is_not_the_papers():
    levels = rubric("iqsc").criteria[0].levels
    assert [level.value for level in levels if level.is_gloss] == [1, 2]
    assert "Diagnostic interpretation is impossible" in levels[1].text
    assert "uitable for limited clinical interpretation" in levels[2].text
    assert all("LDCTIQAC 2023" in level.source for level in levels[1:3])
    assert "more than needed" in levels[4].text


def test_iqsc_names_required_structures_beside_level_0():
    (criterion,) = rubric("iqsc").criteria
    assert criterion.required_structures
    assert criterion.required_structures_are_gloss


def test_the_combination_is_iqsc_then_sts_evaluation_with_a_gate_at_3():
    combined = built_in_content("iqsc-then-sts-evaluation")
    parts = [built_in_content("iqsc"), built_in_content("sts-evaluation")]
    assert combined["criteria"] == parts[0]["criteria"] + parts[1]["criteria"]
    assert combined["gate"] == {"criterion": "iqsc", "minimum": 3}


@pytest.mark.parametrize("slug", BUILT_IN_SLUGS)
def test_built_in_contents_obey_their_own_rules(slug):
    content = built_in_content(slug)
    assert checked_content(content) == content


@pytest.mark.django_db
@pytest.mark.parametrize("slug", BUILT_IN_SLUGS)
def test_they_are_installed_by_migrating(slug):
    version = queries.built_in_version(slug)
    assert version.protocol.built_in
    assert [c.code for c in version.criteria.all()] == [
        c["code"] for c in version.content["criteria"]
    ]
