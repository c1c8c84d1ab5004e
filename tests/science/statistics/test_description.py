"""Expected numbers are worked out by hand in the comments, or again in plain Python."""

import math
import statistics
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sts_qa.science.statistics.description import (
    Category,
    CellDescription,
    describe_quality_scores,
)
from sts_qa.science.statistics.score_frame import SCORE_COLUMNS, Criterion

CRITERIA = [
    Criterion("contrast", "image", 0, 20),
    Criterion("sharpness", "image", 0, 20),
    Criterion("artifacts", "image", 0, 20),
    Criterion("pixel", "annotation", 0, 20),
    Criterion("boundary", "annotation", 0, 20),
]
IQSC = Criterion("iqsc", "image", 0, 4, ordinal=True)
PAPER = {
    "A-PXI": [18.23, 18.02, 18.42, 18.41, 18.94],
    "C-PXI": [18.67, 18.62, 17.58, 17.92, 18.18],
    "STS-3D-Tooth": [18.09, 18.45, 17.95, 17.88, 19.01],
}


def row(rater, item, criterion, value, labelled=True, probability=0.3, category="A", group="2D"):
    missing = isinstance(value, str)
    return {
        "rater": rater,
        "item": item,
        "category": category,
        "group": group,
        "labelled": labelled,
        "probability": probability,
        "criterion": criterion,
        "value": math.nan if missing else float(value),
        "code": value if missing else "",
    }


def showing(rater, item, values, criteria=CRITERIA, **fields):
    return [
        row(rater, item, criterion.code, value, **fields)
        for criterion, value in zip(criteria, values, strict=True)
    ]


def described(rows, criteria=CRITERIA, **options):
    frame = pd.DataFrame(rows, columns=list(SCORE_COLUMNS))
    return describe_quality_scores(frame, criteria, **options)


def only(rows, criteria=CRITERIA):
    (category,) = described(rows, criteria).categories
    return category


def scores_with_mean(mean):
    """100 whole scores with exactly this mean of two decimals."""
    low, rest = divmod(round(mean * 100), 100)
    return [low + 1] * rest + [low] * (100 - rest)


def test_sums_of_the_papers_column_means():
    rows = []
    for category, means in PAPER.items():
        columns = [scores_with_mean(mean) for mean in means]
        for number, values in enumerate(zip(*columns, strict=True)):
            item, rater = f"{category} {number // 5}", f"R{number % 5}"
            rows += showing(rater, item, values, category=category)
    got = described(rows)
    assert [round(category.sum_of_means, 2) for category in got.categories] == [
        92.02,
        90.97,
        91.38,
    ]
    for category, means in zip(got.categories, PAPER.values(), strict=True):
        cells = category.criteria.values()
        assert [cell.mean for cell in cells] == pytest.approx(means)
        assert {(cell.n_items, cell.n_ratings) for cell in cells} == {(20, 100)}
        # Complete and all labelled: only then the mean total equals the sum of means.
        assert category.total.mean == pytest.approx(sum(means))
    assert (got.image_maximum, got.annotation_maximum, got.total_maximum) == (60, 40, 100)


def test_unlabelled_items_have_no_total_and_nothing_is_rescaled():
    rows = [
        *showing("R1", "a", [10, 12, 14, 16, 18]),
        *showing("R1", "b", [20, 20, 20, "not_applicable", "not_applicable"], labelled=False),
    ]
    got = only(rows)
    assert (got.n_items, got.n_labelled) == (2, 1)
    assert (got.image_subtotal.mean, got.image_subtotal.n_items) == (48, 2)  # (36 + 60) / 2
    assert (got.annotation_subtotal.mean, got.annotation_subtotal.n_items) == (34, 1)
    assert (got.total.mean, got.total.n_items) == (70, 1)
    # Column means 15, 16, 17, 16, 18: their sum is no mean of totals.
    assert got.sum_of_means == 82
    assert got.criteria["pixel"].missing == {"not_applicable": 1}
    assert got.annotation_subtotal.missing == {}


def test_item_means_count_once_however_many_raters_they_have():
    rows = [
        *(row(f"R{n}", "a", "contrast", value) for n, value in enumerate([10, 14])),
        row("R0", "b", "contrast", 18),
        row("R1", "b", "contrast", "cannot_judge"),
        row("R0", "c", "contrast", "not_rated"),
        row("R1", "c", "contrast", "cannot_judge"),
    ]
    cell = only(rows).criteria["contrast"]
    # Item means 12 and 18; mean of all ratings would be 14.
    assert cell.mean == cell.plain_mean == 15
    assert (cell.n_items, cell.n_ratings) == (2, 3)
    assert cell.sd_items == pytest.approx(math.sqrt(18))
    # Rater means (10 + 18) / 2 = 14 and 14.
    assert cell.sd_raters == 0
    assert cell.missing == {"cannot_judge": 2, "not_rated": 1}


def test_a_total_needs_every_criterion_from_the_same_rater():
    rows = [
        *showing("R1", "a", [10, 10, 10, 10, 10]),
        *showing("R2", "a", [20, 20, 20, 20, "cannot_judge"]),
        *showing("R3", "a", [16, 16, 16, 16, 16]),
        *showing("R1", "b", [5, 5, "cannot_judge", 5, 5]),
    ]
    got = only(rows)
    # Image subtotals of item a: 30, 60, 48; item b has none.
    assert (got.image_subtotal.mean, got.image_subtotal.n_items) == (46, 1)
    assert got.image_subtotal.missing == {"incomplete": 1}
    # Annotation: item a 20 and 32, item b 10 -> (26 + 10) / 2.
    assert (got.annotation_subtotal.mean, got.annotation_subtotal.n_ratings) == (18, 3)
    # Totals: 50 and 80 for item a only.
    assert (got.total.mean, got.total.n_items, got.total.n_ratings) == (65, 1, 2)
    assert got.total.missing == {"incomplete": 2}
    assert got.total.sd_raters == pytest.approx(statistics.stdev([50, 80]))
    assert got.total.sd_items is None


def test_a_criterion_without_any_row_leaves_no_total():
    rows = showing("R1", "a", [10, 10, 10, 10], CRITERIA[:4])
    got = only(rows)
    assert got.total.mean is None
    assert got.criteria["boundary"].n_items == 0
    assert got.sum_of_means is None


def test_unequal_probabilities_weigh_the_mean_and_the_plain_mean_stands_beside():
    rows = [
        row("R1", "a", "contrast", 10, probability=0.5),
        row("R1", "b", "contrast", 20, probability=0.25),
        row("R1", "c", "contrast", 16, probability=0.25),
    ]
    cell = only(rows).criteria["contrast"]
    # (2 * 10 + 4 * 20 + 4 * 16) / 10 = 16.4; (10 + 20 + 16) / 3 = 15.33
    assert cell.weighted
    assert cell.mean == pytest.approx(16.4)
    assert cell.plain_mean == pytest.approx(46 / 3)


def test_probabilities_are_compared_within_the_cell_only():
    rows = [
        *showing("R1", "a", [10, 10, 10, 10, 10], probability=0.5),
        *showing("R1", "b", [20, 20, 20, 20, 20], probability=0.5),
        *showing("R1", "c", [0, 0, 0, "not_applicable", "not_applicable"], labelled=False),
    ]
    got = only(rows)
    assert got.criteria["contrast"].weighted
    assert not got.criteria["pixel"].weighted
    assert not got.total.weighted
    # Image subtotals 30 and 60 at weight 2, 0 at weight 1/0.3: 180 / (4 + 10/3)
    assert got.image_subtotal.mean == pytest.approx(180 / (4 + 10 / 3))


def test_one_item_has_no_sd():
    got = only(showing("R1", "a", [10, 11, 12, 13, 14]))
    assert got.criteria["contrast"] == CellDescription(
        mean=10,
        plain_mean=10,
        weighted=False,
        sd_items=None,
        sd_raters=None,
        n_items=1,
        n_ratings=1,
        missing={},
    )


@pytest.mark.parametrize("rows", [[], showing("R1", "a", ["not_rated"] * 5)])
def test_without_values_everything_is_missing_and_nothing_is_zero(rows):
    (got,) = described(rows, categories=[Category("A", "2D")]).categories
    assert got.n_items == (1 if rows else 0)
    cells = [*got.criteria.values(), got.image_subtotal, got.annotation_subtotal, got.total]
    for cell in cells:
        assert (cell.mean, cell.plain_mean, cell.sd_items, cell.sd_raters) == (None,) * 4
        assert (cell.n_items, cell.n_ratings) == (0, 0)
    assert got.sum_of_means is None


def test_ordinal_criteria_have_levels_and_median_and_enter_no_sum():
    criteria = [IQSC, *CRITERIA]
    rows = [
        *showing("R1", "a", [3, 10, 10, 10, 10, 10], criteria),
        *showing("R2", "a", [4, 10, 10, 10, 10, 10], criteria),
        *showing("R1", "b", [0, *["not_asked"] * 5], criteria),
        *showing("R2", "b", [3, 10, 10, 10, 10, 10], criteria),
    ]
    got = only(rows, criteria)
    cell = got.criteria["iqsc"]
    assert cell.levels == {0: 1, 1: 0, 2: 0, 3: 2, 4: 1}
    assert cell.median == 3
    assert cell.mean == 2.5  # (3.5 + 1.5) / 2
    assert (got.image_subtotal.mean, got.total.mean, got.sum_of_means) == (30, 50, 50)
    assert got.criteria["contrast"].missing == {"not_asked": 1}
    assert got.criteria["contrast"].levels is None


def test_protocols_of_other_shapes():
    iqsc_alone = only([row("R1", "a", "iqsc", 3)], [IQSC])
    assert iqsc_alone.image_subtotal is iqsc_alone.total is iqsc_alone.sum_of_means is None
    seven = [Criterion(f"c{n}", "image", 1, 7) for n in range(7)]
    got = described(showing("R1", "a", range(1, 8), seven), seven)
    assert (got.image_maximum, got.annotation_maximum, got.total_maximum) == (49, None, None)
    assert got.categories[0].image_subtotal.mean == 28
    assert got.categories[0].total is None


def test_categories_keep_the_order_they_are_given_in():
    rows = [row("R1", "x", "contrast", 1, category="X"), row("R1", "a", "contrast", 2)]
    assert [c.category.name for c in described(rows).categories] == ["X", "A"]
    asked = [Category("A", "2D"), Category("none", "-"), Category("X", "2D")]
    assert [c.category for c in described(rows, categories=asked).categories] == asked


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("R1", "a", "colour", 1)], "unknown criterion"),
        ([row("R1", "a", "contrast", 1)] * 2, "stands there twice"),
        ([row("R1", "a", "contrast", 1) | {"code": "cannot_judge"}], "both a value and a code"),
        ([row("R1", "a", "contrast", "")], "neither a value nor a code"),
        ([row("R1", "a", "contrast", 20.5)], "outside the scale"),
        ([row("R1", "a", "contrast", -1)], "outside the scale"),
        ([row("R1", "a", "iqsc", 2.5)], "no whole number"),
        ([row("R1", "a", "pixel", 1, labelled=False)], "mask that is not there"),
        ([row("R1", "a", "contrast", 1, probability=0)], "inclusion probability"),
        ([row("R1", "a", "contrast", 1, probability=math.nan)], "inclusion probability"),
        (
            [row("R1", "a", "contrast", 1), row("R2", "a", "contrast", 1, probability=0.2)],
            "R2, item a, criterion contrast gives its item other attributes",
        ),
    ],
)
def test_scores_that_contradict_themselves_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        described(rows, [*CRITERIA, IQSC])


def test_missing_columns_and_wrong_criteria_are_refused():
    with pytest.raises(ValueError, match="no column rater, item"):
        describe_quality_scores(pd.DataFrame({"value": [1.0]}), CRITERIA)
    with pytest.raises(ValueError, match="listed twice"):
        described([], CRITERIA[:1] * 2)
    with pytest.raises(ValueError, match="scope"):
        Criterion("x", "film", 0, 1)
    with pytest.raises(ValueError, match="not below"):
        Criterion("x", "image", 1, 1)


scores_of_a_showing = st.lists(
    st.one_of(st.integers(0, 20), st.just("cannot_judge")), min_size=5, max_size=5
)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["R1", "R2", "R3"])),
        scores_of_a_showing,
        min_size=1,
    )
)
def test_the_same_numbers_from_plain_python(showings):
    facts = {item: (item in "abc", Fraction(3 + "abcdef".index(item) % 2, 10)) for item in "abcdef"}
    rows = []
    for (item, rater), values in showings.items():
        labelled, probability = facts[item]
        given = values if labelled else [*values[:3], "not_applicable", "not_applicable"]
        rows += showing(rater, item, given, labelled=labelled, probability=float(probability))
        showings[item, rater] = given
    got = only(rows)
    columns = {criterion.code: [index] for index, criterion in enumerate(CRITERIA)}
    cells = dict(got.criteria)
    for name, indices in (
        ("image_subtotal", [0, 1, 2]),
        ("annotation_subtotal", [3, 4]),
        ("total", [0, 1, 2, 3, 4]),
    ):
        columns[name] = indices
        cells[name] = getattr(got, name)
    for name, indices in columns.items():
        by_item: dict[str, list[int]] = {}
        by_rater: dict[str, list[int]] = {}
        for (item, rater), values in showings.items():
            parts = [values[index] for index in indices]
            if not any(isinstance(part, str) for part in parts):
                by_item.setdefault(item, []).append(sum(parts))
                by_rater.setdefault(rater, []).append(sum(parts))
        means = {item: Fraction(sum(v), len(v)) for item, v in by_item.items()}
        raters = [Fraction(sum(v), len(v)) for v in by_rater.values()]
        weights = {item: 1 / facts[item][1] for item in means}
        cell = cells[name]
        assert cell.n_items == len(means)
        assert cell.n_ratings == sum(map(len, by_item.values()))
        if means:
            weighted = sum(means[i] * weights[i] for i in means) / sum(weights.values())
            assert cell.mean == pytest.approx(float(weighted))
            assert cell.plain_mean == pytest.approx(float(statistics.mean(means.values())))
            assert cell.weighted == (len(set(weights.values())) > 1)
        if len(means) > 1:
            assert cell.sd_items == pytest.approx(statistics.stdev(map(float, means.values())))
        if len(raters) > 1:
            assert cell.sd_raters == pytest.approx(statistics.stdev(map(float, raters)))
