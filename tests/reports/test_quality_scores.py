"""Table 5 against numbers worked out by hand."""

import math
from statistics import mean, stdev

import pytest
from django.utils import timezone

from sts_qa.catalogue.models import Category
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.rating.models import Rating
from sts_qa.reports.actions import NotReadyError, SealedError, make_report
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.tables.model import Missing, cell_value
from sts_qa.studies.actions import choose_panel
from sts_qa.studies.models import Membership, SampledItem, Study
from tests.factories import make_assignment, make_membership, make_rating, make_user
from tests.reports.conftest import NO_MASK, scores

pytestmark = pytest.mark.django_db


def _table(rated):
    study = Study.objects.get(pk=rated.study.pk)
    return make_report(study=study, slug="quality-scores", language="en")


def _block(rated, slug):
    return next(block for block in _table(rated).blocks if block.slug == slug)


def _row(rated, slug="means", **cells):
    block = _block(rated, slug)
    return next(
        row for row in block.rows if all(row.get(code) == cell for code, cell in cells.items())
    )


def _pxi(rated, slug="means", **cells):
    return _row(rated, slug, category="A-PXI", **cells)


def test_rows_are_named_as_in_the_paper(rated):
    names = [(row["group"], row["category"]) for row in _block(rated, "means").rows]
    assert names == [("STS-2D-Tooth", "A-PXI"), ("STS-3D-Tooth", "-")]


def test_means_weigh_items_by_their_inclusion_probability(rated):
    # Item means of contrast: a (18+20+16)/3 = 18, b 12, c 10; weights 1, 2, 2
    assert _pxi(rated)["contrast"] == pytest.approx((18 + 2 * 12 + 2 * 10) / 5)
    spread = _pxi(rated, "spread", criterion="Contrast")
    assert spread["plain_mean"] == pytest.approx((18 + 12 + 10) / 3)
    assert (spread["n_items"], spread["n_ratings"]) == (3, 8)


def test_cannot_judge_is_no_zero_and_is_counted(rated):
    # Item means of sharpness: a 17, b (13+11)/2 = 12, c 19
    assert _pxi(rated)["sharpness"] == pytest.approx((17 + 2 * 12 + 2 * 19) / 5)
    spread = _pxi(rated, "spread", criterion="Sharpness")
    assert (spread["n_ratings"], spread["cannot_judge"], spread["not_rated"]) == (7, 1, 1)


def test_spread_is_between_item_means_and_between_rater_means(rated):
    spread = _pxi(rated, "spread", criterion="Contrast")
    assert spread["sd_items"] == pytest.approx(stdev([18, 12, 10]))
    raters = [mean([18, 12, 9]), mean([20, 10, 11]), mean([16, 14])]
    assert spread["sd_raters"] == pytest.approx(stdev(raters))


def test_totals_cover_labelled_items_that_one_rater_scored_completely(rated):
    # Item a: raters 1 and 2 are complete, 18+17+16 = 51 and 20+19+14 = 53
    row = _pxi(rated)
    assert row["total"] == pytest.approx(52)
    assert row["annotation_subtotal"] == pytest.approx(15)
    total = _pxi(rated, "spread", criterion="Total of 60")
    assert (total["n_items"], total["n_ratings"], total["incomplete"]) == (1, 2, 1)
    assert total["sd_items"] is None


def test_image_subtotals_cover_all_items(rated):
    # a: 35, 39, 31 -> 35; b: 25, -, 25 -> 25; c: 29, 29 -> 29
    assert _pxi(rated)["image_subtotal"] == pytest.approx((35 + 2 * 25 + 2 * 29) / 5)


def test_the_sum_of_column_means_stands_apart(rated):
    row = _pxi(rated)
    parts = row["contrast"] + row["sharpness"] + row["pixel_accuracy"]
    assert row["sum_of_means"] == pytest.approx(parts)
    assert row["sum_of_means"] != pytest.approx(row["total"])


def test_an_unlabelled_item_has_no_total_and_no_annotation_score(rated):
    spread = _pxi(rated, "spread", criterion="Pixel accuracy")
    # Three raters and two items without a mask, whether rated or not
    assert (spread["not_applicable"], spread["not_rated"], spread["n_items"]) == (6, 0, 1)


def test_one_item_has_no_spread(rated):
    row = _row(rated, "spread", group="STS-3D-Tooth", criterion="Contrast")
    assert (row["mean"], row["sd_items"]) == (16, None)


def test_a_superseded_rating_does_not_count(rated):
    old = Rating.objects.get(assignment=rated.assignments[1, "a"])
    Rating.objects.filter(pk=old.pk).update(is_current=False)
    make_rating(rated.assignments[1, "a"], scores(12, 17, 16), replaces=old)
    assert _pxi(rated)["contrast"] == pytest.approx((16 + 2 * 12 + 2 * 10) / 5)


def test_a_late_rating_counts_only_once_it_is_admitted(rated):
    assignment = rated.assignments[3, "c"]
    late = make_rating(assignment, scores(4, 4, NO_MASK), is_late=True, is_current=False)
    before = _pxi(rated)["contrast"]
    assert before == pytest.approx((18 + 2 * 12 + 2 * 10) / 5)
    Rating.objects.filter(pk=late.pk).update(is_current=True, admitted_at=timezone.now())
    assert _pxi(rated)["contrast"] == pytest.approx((18 + 2 * 12 + 2 * 8) / 5)


def test_withdrawn_items_are_out_of_tables_and_counted(rated):
    rated.withdraw("b")
    assert _pxi(rated)["contrast"] == pytest.approx((18 + 2 * 10) / 3)
    row = _pxi(rated, "sample")
    assert (row["drawn"], row["withdrawn"], row["rated"]) == (3, 1, 2)


def test_items_count_as_rated_only_with_a_rating_that_counts(rated):
    assert _pxi(rated, "sample")["rated"] == 3
    # Items b and c have no mask: "not applicable" is no rating
    unrated = Rating.objects.filter(assignment__sampled_item=rated.units["c"])
    unrated.update(is_current=False)
    assert _pxi(rated, "sample")["rated"] == 2
    Rating.objects.update(is_current=False)
    assert [row["rated"] for row in _block(rated, "sample").rows] == [0, 0]


def test_practice_and_repeats_never_count(rated):
    before = _pxi(rated)["contrast"]
    repeat = make_assignment(rated.raters[1], rated.units["a"], kind="repeat")
    make_rating(repeat, scores(0, 0, 0))
    assert _pxi(rated)["contrast"] == before


def test_a_withdrawn_rater_leaves_the_panel_and_is_named(rated):
    Membership.objects.filter(pk=rated.raters[3].pk).update(withdrawn_at=timezone.now())
    # Without rater 3: a 19, b 11, c 10
    assert _pxi(rated)["contrast"] == pytest.approx((19 + 2 * 11 + 2 * 10) / 5)
    table = _table(rated)
    assert table.provenance["Panel"] == "rater 1, rater 2"
    assert any("rater 3 (3 ratings)" in note for note in table.notes)


def test_a_replacement_for_the_rest_counts_as_one_more_rater(rated):
    replacement = make_membership(
        rated.study, make_user("rater4"), pseudonym=4, replaces=rated.raters[3]
    )
    make_rating(make_assignment(replacement, rated.units["c"]), scores(13, 13, NO_MASK))
    choose_panel(
        study=rated.study,
        memberships=[*rated.raters.values(), replacement],
        reason="The replacement rated the rest",
        acting_user=rated.coordinator,
    )
    # Item mean of c: 9, 11 and 13
    assert _pxi(rated)["contrast"] == pytest.approx((18 + 2 * 12 + 2 * 11) / 5)
    assert any("after results could be seen" in note for note in _table(rated).notes)


def test_a_rater_whose_rest_another_took_over_stays_in_the_panel(rated):
    """Study rules: 'only the rest' makes one rater more."""
    Membership.objects.filter(pk=rated.raters[3].pk).update(withdrawn_at=timezone.now())
    rest = make_membership(
        rated.study,
        make_user("rater4"),
        pseudonym=4,
        replaces=rated.raters[3],
        only_the_rest=True,
    )
    make_rating(make_assignment(rest, rated.units["c"]), scores(13, 13, NO_MASK))
    assert _pxi(rated)["contrast"] == pytest.approx((18 + 2 * 12 + 2 * 11) / 5)
    # What rater 3 had left is due from rater 4 alone, who has rated it
    assert _pxi(rated, "spread", criterion="Contrast")["not_rated"] == 0
    table = _table(rated)
    assert table.provenance["Panel"] == "rater 1, rater 2, rater 3, rater 4"
    assert "Rater 4 rated what rater 3 had left." in table.notes


def test_late_ratings_are_counted_under_the_table(rated):
    make_rating(rated.assignments[3, "c"], scores(4, 4, NO_MASK), is_late=True, is_current=False)
    assert "Late ratings: 0 admitted, 1 left out." in _table(rated).notes


def test_it_says_when_subjects_are_unknown(rated):
    note = "Subjects unknown: items treated as independent."
    assert note in _table(rated).notes
    item = rated.units["a"].item_version.item
    item.subject = "pseudonym"
    item.save()
    assert note not in _table(rated).notes


def test_slices_of_one_volume_count_as_one_item_drawn(rated):
    Study.objects.filter(pk=rated.study.pk).update(unit="slice")
    unit = rated.units["v"]
    SampledItem.objects.filter(pk=unit.pk).update(slice_index=2)
    second = SampledItem.objects.get(pk=unit.pk)
    second.pk, second.slice_index, second.number = None, 5, 99
    second.save()
    row = _row(rated, "sample", group="STS-3D-Tooth")
    assert (row["frame"], row["drawn"], row["units"]) == (1, 1, 2)
    assert _table(rated).provenance["Drawn"] == "4 of 5"


def test_an_undrawn_study_has_nothing_to_report(rated):
    Study.objects.filter(pk=rated.study.pk).update(drawn_at=None, state="draft", live_results=True)
    with pytest.raises(NotReadyError, match="Draw the sample first"):
        _table(rated)


def test_a_study_without_ratings_gives_empty_cells_not_zeros(rated):
    Membership.objects.update(withdrawn_at=timezone.now())
    Membership.objects.filter(role="coordinator").update(withdrawn_at=None)
    block = _block(rated, "means")
    column = next(column for column in block.columns if column.code == "contrast")
    assert isinstance(cell_value(block.rows[0], column), Missing)


def test_results_are_sealed_until_the_study_is_closed(rated):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    with pytest.raises(SealedError):
        _table(rated)


def test_live_results_say_so_under_the_table(rated):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING, live_results=True)
    table = _table(rated)
    assert table.provenance["Results seen before closing"] == "yes"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "standard, then free"),
        ({"view_policy": "locked"}, "locked to the standard view"),
        ({"carries_window": True}, "a window stayed for the next images of the same kind"),
        ({"imported": True}, "-"),
    ],
)
def test_the_provenance_tells_how_freely_raters_could_look(rated, fields, said):
    Study.objects.filter(pk=rated.study.pk).update(**fields)
    view = _table(rated).provenance["View"]
    assert view.endswith(said)


def test_metrics_stand_in_a_block_of_their_own(rated):
    run = MetricRun.objects.create(dataset=rated.study.dataset, created_by=rated.coordinator)
    for name, value in {"a": 0.2, "b": 0.4, "c": None}.items():
        Measurement.objects.create(
            item_version=rated.units[name].item_version,
            metric="percentile_contrast",
            metric_version=METRICS["percentile_contrast"].version,
            value=value,
            reason="" if value is not None else "constant image",
            run=run,
        )
    block = _block(rated, "metrics")
    assert block.title == "Related measurements, not the same construct"
    label = METRICS["percentile_contrast"].label
    row = _pxi(rated, "metrics", metric=label)
    assert row["mean"] == pytest.approx(0.3)
    assert (row["n"], row["missing"], row["direction"]) == (2, 1, "higher")
    assert row["criterion"] == "Contrast"
    sharpness = _pxi(rated, "metrics", metric=METRICS["blur_effect"].label)
    assert (sharpness["n"], sharpness["missing"]) == (0, 3)
    assert math.isnan(sharpness["mean"])
    study = Study.objects.get(pk=rated.study.pk)
    chinese = make_report(study=study, slug="quality-scores", language="zh-hans")
    titles = {row["metric"] for one in chinese.blocks if one.slug == "metrics" for row in one.rows}
    assert METRICS["percentile_contrast"].label_zh in titles
    assert label not in titles


def test_a_later_import_does_not_rename_the_rows_of_a_closed_study(rated):
    Category.objects.update(group="Renamed")
    names = [(row["group"], row["category"]) for row in _block(rated, "means").rows]
    assert names == [("STS-2D-Tooth", "A-PXI"), ("STS-3D-Tooth", "-")]
