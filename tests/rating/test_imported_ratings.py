"""Ratings that were given elsewhere become a closed study of their own, whole or not at all."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth import authenticate
from openpyxl import Workbook

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Dataset, Item
from sts_qa.catalogue.queries.items import ItemFilter, Standing, filtered_items
from sts_qa.catalogue.queries.stores import volume_files
from sts_qa.measurements.queries.units import units_to_measure
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.queries import built_in_version
from sts_qa.rating.actions.import_ratings import ImportReport, import_ratings
from sts_qa.rating.actions.submission import read_submission
from sts_qa.rating.actions.submit import submit_rating
from sts_qa.rating.errors import RatingError
from sts_qa.rating.models import Rating, Score
from sts_qa.rating.queries.import_plan import ImportOptions
from sts_qa.reports.actions import export_report, make_report
from sts_qa.reports.registry import REPORTS
from sts_qa.science.ratings_file import ReadingOptions
from sts_qa.science.tables.model import Missing, ReportTable
from sts_qa.studies.actions import add_member, create_invitation, set_also_rates
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Assignment, Study
from sts_qa.studies.queries.differences import changed_since_draw
from sts_qa.studies.queries.frame import build_frame
from tests.factories import make_dataset, make_item, make_protocol_version, make_study, make_user

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[1] / "data" / "ratings"
LONG = """item,rater,criterion,value,category,comment
a.png,Ann,contrast,18,A-PXI,dark
a.png,Ann,pixel_accuracy,16,A-PXI,
a.png,Bob,contrast,14,A-PXI,
a.png,Bob,pixel_accuracy,cannot_judge,A-PXI,
b.png,Ann,contrast,10,C-PXI,
b.png,Bob,contrast,,C-PXI,
"""


@pytest.fixture
def coordinator():
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def bring_in(coordinator):
    """Return a function that imports a text, or bytes, as the study "Old"."""

    def import_table(table: str | bytes, *, name: str = "Old", **options) -> ImportReport:
        data = table if isinstance(table, bytes) else table.encode()
        named = {key: options.pop(key) for key in ("dataset", "protocol_version", "dry_run")
                 if key in options}  # fmt: skip
        user = options.pop("acting_user", coordinator)
        score_range = options.pop("score_range", None)
        annotation = options.pop("annotation_criteria", ())
        reading = ImportOptions(ReadingOptions(**options), score_range, annotation)
        return import_ratings(name=name, table=data, options=reading, acting_user=user, **named)

    return import_table


def said(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.message) for error in report.errors]


def block(table: ReportTable, slug: str) -> list[dict]:
    return [dict(row) for part in table.blocks if part.slug == slug for row in part.rows]


def report(study: Study, slug: str = "quality-scores") -> ReportTable:
    return make_report(study=study, slug=slug, language="en")


def matrix_of(study: Study) -> np.ndarray:
    """Return items x raters, as the report of raw scores has them, raters as in the file."""
    rows = pd.DataFrame(block(report(study, "raw-scores"), "scores"))
    order = study.memberships.filter(role="rater").order_by("pk")
    labels = list(order.values_list("pseudonym", flat=True))
    return rows.pivot(index="item", columns="rater", values="value")[labels].to_numpy(dtype=float)


def test_a_published_data_set_gives_its_published_mean(bring_in) -> None:
    """Netflix/sureal's public data set: mean opinion score and mean standard error."""
    made = bring_in(
        (DATA / "nflx_public_raw.csv").read_bytes(), score_range=(Decimal(1), Decimal(5))
    )
    assert (made.errors, made.items, len(made.raters), made.ratings) == ((), 79, 26, 2054)
    [means] = block(report(made.study), "means")
    assert means["score"] == pytest.approx(3.544790652, abs=1e-9)
    assert (means["items"], means["image_subtotal"]) == (79, pytest.approx(3.544790652, abs=1e-9))
    matrix = matrix_of(made.study)
    assert matrix.shape == (79, 26)
    errors = matrix.std(axis=1, ddof=1) / np.sqrt(26)
    assert errors.mean() == pytest.approx(0.129866373, abs=1e-9)


def test_a_made_protocol_asks_for_the_image_before_the_mask(bring_in) -> None:
    """Whatever the order of the columns; the scores stay with their criteria."""
    table = "item,rater,criterion,value\nx,Ann,outline,1\nx,Ann,contrast,2\n"
    table += "y,Ann,outline,3\ny,Ann,contrast,4\n"
    made = bring_in(table, annotation_criteria=("outline",))
    assert made.errors == ()
    version = made.study.protocol_version
    found = version.criteria.order_by("position").values_list("code", "scope", "maximum")
    assert list(found) == [("contrast", "image", 4), ("outline", "annotation", 3)]
    rows = block(report(made.study, "raw-scores"), "scores")
    assert sorted((row["criterion"], row["value"]) for row in rows) == [
        ("contrast", 2), ("contrast", 4), ("outline", 1), ("outline", 3)
    ]  # fmt: skip


def subject_model(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bias, inconsistency and quality by alternate projection (Li and others 2020; ITU-T P.910)."""
    quality = np.nanmean(scores, axis=1)
    while True:
        bias = np.nanmean(scores - quality[:, None], axis=0)
        spread = np.nanstd(scores - quality[:, None] - bias, axis=0)
        weights = np.where(np.isnan(scores), 0, 1 / spread**2)
        before = quality
        quality = np.nansum(weights * (np.nan_to_num(scores) - bias), axis=1) / weights.sum(axis=1)
        if np.linalg.norm(quality - before) < 1e-8:
            return bias, spread, quality


def test_the_worked_example_of_the_subject_model_comes_in_exactly(bring_in) -> None:
    """Published: bias, inconsistency and quality of ITU-T P.910's sample_data.csv."""
    made = bring_in((DATA / "p910_sample_data.csv").read_bytes(), form="matrix")
    bias, inconsistency, quality = subject_model(matrix_of(made.study))
    centred = bias - bias.mean()
    assert centred[:3] == pytest.approx([-0.189852446, -0.202510674, 0.240527301], abs=1e-6)
    assert inconsistency[:3] == pytest.approx([1.833936422, 1.792802363, 1.605246372], abs=1e-6)
    assert (quality + bias.mean())[:3] == pytest.approx(
        [4.926232196, 4.871884031, 4.660024318], abs=1e-6
    )
    notes = report(made.study).notes
    assert "The study was closed incomplete: 2053 of 2054 ratings." in notes
    [spread] = [row for row in block(report(made.study), "spread") if row["criterion"] == "score"]
    assert (spread["n_ratings"], spread["not_rated"]) == (2053, 1)


def test_wines_by_four_judges_give_the_means_of_their_columns(bring_in, sample_data) -> None:
    data = (sample_data / "ratings" / "pingouin" / "icc.csv").read_bytes()
    made = bring_in(data, columns={"item": "Wine"})
    frame = pd.read_csv(io.BytesIO(data))
    [means] = block(report(made.study), "means")
    assert means["score"] == pytest.approx(frame.groupby("Wine")["Scores"].mean().mean())
    assert made.study.memberships.filter(role="rater").count() == 4


def test_a_matrix_with_missing_cells_keeps_them_missing(bring_in, sample_data) -> None:
    data = (sample_data / "ratings" / "pingouin" / "cronbach_wide_missing.csv").read_bytes()
    made = bring_in(data, form="matrix")
    frame = pd.read_csv(io.BytesIO(data))
    assert made.missing_cells == int(frame.isna().sum().sum()) == 4
    assert np.array_equal(matrix_of(made.study), frame.to_numpy(dtype=float), equal_nan=True)


def test_a_workbook_is_imported_like_a_text_file(bring_in) -> None:
    book = Workbook()
    for row in (["item", "rater 1", "rater 2"], ["x", 1, 2], ["y", 3, None]):
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    made = bring_in(target.getvalue())
    assert np.array_equal(matrix_of(made.study), [[1, 2], [3, np.nan]], equal_nan=True)


def test_the_study_is_closed_marked_and_whole(bring_in, coordinator) -> None:
    version = make_protocol_version()
    made = bring_in(LONG, protocol_version=version)
    study = Study.objects.get(pk=made.study.pk)
    assert (study.imported, study.state, study.is_sealed) == (True, Study.State.CLOSED, False)
    assert (study.name, study.dataset.name, study.protocol_version) == ("Old", "Old", version)
    assert ProtocolVersion.objects.get(pk=version.pk).frozen_at is not None
    assert study.memberships.get(role="coordinator").user == coordinator
    raters = study.memberships.filter(role="rater").order_by("pk")
    assert [(r.user.first_name, r.assigned_count, r.rated_count) for r in raters] == [
        ("Ann", 2, 2),
        ("Bob", 2, 1),
    ]
    assert sorted(r.pseudonym for r in raters) == [1, 2]
    ratings = Rating.objects.filter(assignment__membership__study=study)
    assert {(r.channel, r.is_current, r.is_late) for r in ratings} == {("import", True, False)}
    assert [r.comment for r in ratings.order_by("pk")] == ["dark", "", ""]
    strata = [(s.category.name, s.name, s.found, s.frame, s.drawn) for s in study.strata.all()]
    assert strata == [("A-PXI", "labelled", 1, 1, 1), ("C-PXI", "unlabelled", 1, 1, 1)]


def test_scores_are_those_of_the_file_and_masks_count_where_they_were_judged(bring_in) -> None:
    made = bring_in(LONG, protocol_version=make_protocol_version())
    scores = Score.objects.filter(rating__assignment__membership__study=made.study)
    found = {
        (s.rating.assignment.membership.user.first_name,
         s.rating.assignment.sampled_item.frame_entry.key, s.criterion.code): s.code or s.value
        for s in scores
    }  # fmt: skip
    assert found == {
        ("Ann", "a.png", "contrast"): 18,
        ("Ann", "a.png", "pixel_accuracy"): 16,
        ("Bob", "a.png", "contrast"): 14,
        ("Bob", "a.png", "pixel_accuracy"): "cannot_judge",
        ("Ann", "b.png", "contrast"): 10,
        ("Ann", "b.png", "pixel_accuracy"): "not_applicable",
    }
    rows = block(report(made.study), "means")
    assert [(r["group"], r["contrast"], r["pixel_accuracy"]) for r in rows] == [
        ("A-PXI", 16, 16),
        ("C-PXI", 10, Missing("not_applicable")),
    ]


def test_a_criterion_left_open_in_a_rating_counts_as_not_rated(bring_in) -> None:
    text = "item,rater,contrast,sharpness\nx,R1,10,\nx,R2,12,8\n"
    made = bring_in(text, score_range=(Decimal(0), Decimal(20)))
    spread = {row["criterion"]: row for row in block(report(made.study), "spread")}
    assert (spread["sharpness"]["n_ratings"], spread["sharpness"]["not_rated"]) == (1, 1)
    assert (spread["contrast"]["n_ratings"], spread["contrast"]["not_rated"]) == (2, 0)
    [sample] = block(report(made.study), "sample")
    assert sample["rated"] == 1


def test_repeats_and_slices_are_kept_apart(bring_in) -> None:
    text = (
        "item,slice,rater,repeat,value\n"
        "v.nii.gz,3,R1,no,10\nv.nii.gz,3,R1,yes,12\nv.nii.gz,7,R1,no,14\n"
    )
    made = bring_in(text, score_range=(Decimal(0), Decimal(20)))
    assert made.study.unit == Study.Unit.SLICE
    found = Assignment.objects.filter(membership__study=made.study).order_by("position")
    assert [(a.sampled_item.slice_index, a.kind) for a in found] == [
        (2, "main"), (2, "repeat"), (6, "main"),
    ]  # fmt: skip
    [means] = block(report(made.study), "means")
    assert means["score"] == 12
    assert Item.objects.get().kind == "volume"


def test_a_protocol_is_made_of_what_the_file_shows(bring_in) -> None:
    made = bring_in("item,rater,criterion,value\nx,R1,Contrast,2.5\nx,R2,Contrast,4\n")
    [criterion] = made.criteria
    assert (criterion.minimum, criterion.maximum, criterion.decimals) == (Decimal("2.5"), 4, 1)
    assert criterion.range_source == "observed"
    content = made.study.protocol_version.content
    assert content["slug"] == "imported-old"
    assert "the observed one" in content["description"]["en"]
    again = bring_in("item,rater,value\nx,R1,1\n", name="OLD", score_range=(Decimal(0), Decimal(4)))
    assert again.study.protocol_version.protocol.slug == "imported-old-2"
    assert again.criteria[0].range_source == "given"


def test_criteria_are_known_by_code_or_title_in_any_language(bring_in) -> None:
    text = "item,rater,对比度,SHARPNESS,Pixel accuracy\nx,R1,18,17,16\n"
    made = bring_in(text, protocol_version=built_in_version("sts-evaluation"))
    assert said(made) == []
    assert [criterion.code for criterion in made.criteria] == [
        "contrast", "sharpness", "pixel_accuracy",
    ]  # fmt: skip


def test_every_fault_is_named_by_row_and_column_and_nothing_is_written(bring_in) -> None:
    version = make_protocol_version()
    before = [model.objects.count() for model in (Study, Dataset, Item, Rating, Event)]
    text = (
        "item,rater,criterion,value,labelled\n"
        "x,R1,contrast,21,no\n"
        "x,R1,beauty,5,no\n"
        "x,R2,contrast,7.5,no\n"
        "x,R2,pixel_accuracy,7,no\n"
        "x,R3,contrast,abc,no\n"
        "x,R2,contrast,7,no\n"
    )
    made = bring_in(text, protocol_version=version)
    assert made.study is None
    assert [(row, column) for row, column, _message in said(made)] == [
        (0, "beauty"), (2, "value"), (4, "value"), (5, "value"), (6, "value"), (7, "value"),
    ]  # fmt: skip
    messages = [message for _row, _column, message in said(made)]
    assert messages[0].startswith("The protocol has no criterion “beauty”")
    assert messages[1:4] == [
        "From 0 to 20.",
        "Whole numbers only.",
        "A mask is judged, but the item has none. Leave the cell empty.",
    ]
    after = [model.objects.count() for model in (Study, Dataset, Item, Rating, Event)]
    assert after == before


def test_a_dry_run_says_the_same_and_writes_nothing(bring_in) -> None:
    made = bring_in(LONG, protocol_version=make_protocol_version(), dry_run=True)
    assert (made.study, made.is_dry_run, made.errors) == (None, True, ())
    counts = (made.items, made.new_items, made.raters, made.ratings, made.scores)
    assert counts == (2, 2, ("Ann", "Bob"), 3, 5)
    assert (made.missing_cells, made.unread_columns) == (1, ())
    assert not Study.objects.exists()
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\0b", "taken"])
def test_a_name_that_cannot_be_used_is_refused(bring_in, name) -> None:
    make_study(name="taken")
    for dry_run in (True, False):
        with pytest.raises(StudyError):
            bring_in(LONG, name=name, dry_run=dry_run)


def test_only_coordinators_import(bring_in) -> None:
    with pytest.raises(StudyError, match="Only coordinators"):
        bring_in(LONG, acting_user=make_user("rater"))


def test_items_of_a_dataset_are_meant_by_their_keys(bring_in, coordinator) -> None:
    dataset = make_dataset(owner=coordinator)
    labelled = make_item(dataset, "A-PXI/a.png", labelled=True)
    make_item(dataset, "A-PXI/b.png")
    text = "item,rater,contrast,pixel_accuracy\nA-PXI/a.png,R1,5,6\nA-PXI/b.png,R1,7,\n"
    made = bring_in(text, dataset=dataset, protocol_version=make_protocol_version())
    assert (said(made), made.new_items) == ([], 0)
    assert made.study.dataset == dataset
    assert made.study.sample.get(number=1).item_version == labelled.current_version
    assert [unit.labelled for unit in made.study.sample.order_by("number")] == [True, False]
    assert dataset.items.count() == 2

    wrong = text.replace("A-PXI/b.png", "b.png").replace("7,", "7,8")
    made = bring_in(wrong, name="Other", dataset=dataset, protocol_version=make_protocol_version())
    [(row, _column, message)] = said(made)
    assert row == 3
    assert message.startswith("The dataset has no readable item “b.png”.")


def test_a_slice_that_the_volume_does_not_have_is_an_error(bring_in, coordinator) -> None:
    dataset = make_dataset(owner=coordinator)
    make_item(dataset, "v.nii.gz", kind="volume", shape=(8, 8, 4))
    make_item(dataset, "p.png")
    text = "item,slice,rater,value\nv.nii.gz,4,R1,1\nv.nii.gz,5,R1,2\np.png,1,R1,3\n"
    made = bring_in(text, dataset=dataset)
    assert [(row, message) for row, _column, message in said(made)] == [
        (3, "The volume has 4 slices."),
        (4, "Only a volume has slices."),
    ]


def test_a_second_import_may_use_the_same_placeholders(bring_in) -> None:
    first = bring_in(LONG, protocol_version=make_protocol_version())
    dataset = first.study.dataset
    second = bring_in(
        LONG.replace("b.png", "c.png"),
        name="Older",
        dataset=dataset,
        protocol_version=make_protocol_version(),
    )
    assert (said(second), second.new_items) == ([], 1)
    assert sorted(dataset.items.values_list("key", flat=True)) == ["a.png", "b.png", "c.png"]


def test_placeholders_are_never_drawn_measured_shown_or_told_as_changed(bring_in) -> None:
    text = "item,slice,rater,value\nv.nii.gz,1,R1,1\nv.nii.gz,2,R1,2\n"
    study = bring_in(text).study
    dataset = study.dataset
    [stratum] = build_frame(dataset, Study.Stratification.NONE)
    assert (stratum.items, dict(stratum.counts)) == ([], {"missing": 1})
    assert list(units_to_measure(dataset, ["michelson_contrast"])) == []
    assert list(volume_files(dataset)) == []
    assert changed_since_draw(study) == []
    missing = filtered_items(dataset, ItemFilter(standing=Standing.MISSING))
    assert missing.get().current_version is None


def test_nobody_can_rate_or_log_in_or_be_invited(bring_in, coordinator) -> None:
    study = bring_in(LONG, protocol_version=make_protocol_version()).study
    member = study.memberships.filter(role="rater").first()
    assert (member.user.is_active, member.user.has_usable_password()) == (False, False)
    assert authenticate(username=member.user.username, password="") is None
    with pytest.raises(StudyError, match="Nobody logs in"):
        create_invitation(membership=member, acting_user=coordinator)
    with pytest.raises(StudyError, match="closed"):
        add_member(study=study, user=make_user("late"), acting_user=coordinator)
    own = study.memberships.get(role="coordinator")
    with pytest.raises(StudyError, match="closed"):
        set_also_rates(membership=own, also_rates=True, acting_user=coordinator)
    with pytest.raises(RatingError, match="none is added"):
        submit_rating(
            assignment=member.assignments.first(),
            submission=read_submission(SUBMISSION),
            language="en",
            acting_user=member.user,
        )


SUBMISSION = (
    b'{"idempotency_key": "0b9c7a54-6d5c-4b0e-9d2b-3f1f5a1f0001", "replaces": null,'
    b'"scores": {"contrast": {"value": "3"}}, "active_ms": 1, "wall_ms": 1, "waiting_ms": 0,'
    b'"viewer_state": {}, "submitted_at": "2026-01-01T00:00:00Z", "comment": ""}'
)


def test_no_other_study_takes_imported_ratings(running_assignment) -> None:
    before = Rating.objects.count()
    with pytest.raises(RatingError, match="a study of their own"):
        submit_rating(
            assignment=running_assignment,
            submission=read_submission(SUBMISSION),
            language="en",
            acting_user=running_assignment.membership.user,
            channel=Rating.Channel.IMPORT,
        )
    assert Rating.objects.count() == before


@pytest.fixture
def running_assignment(coordinator):
    dataset = make_dataset(owner=coordinator)
    make_item(dataset, "a.png")
    from tests.factories import make_assignment, make_membership, make_sampled_item

    study = make_study(dataset=dataset, coordinator=coordinator, state=Study.State.RUNNING)
    unit = make_sampled_item(study, dataset.items.get())
    return make_assignment(make_membership(study, make_user("open")), unit)


def test_every_report_says_that_the_ratings_were_imported(bring_in, coordinator) -> None:
    study = bring_in(LONG, protocol_version=make_protocol_version()).study
    for slug in REPORTS:
        table = report(study, slug)
        line = table.provenance["Imported ratings"]
        assert line.startswith("not collected with this program"), slug
        content = export_report(
            study=study, slug=slug, file_format="csv", language="zh-hans", acting_user=coordinator
        ).content.decode()
        assert "not collected with this program" in content or "未使用本程序" in content
    for slug in ("quality-scores", "raw-scores", "sample-manifest"):
        assert "Imported ratings: not collected with this program." in report(study, slug).notes
    assert report(study).provenance["Results seen before closing"] == "-"


def test_times_that_the_file_does_not_tell_are_unknown(bring_in) -> None:
    text = "item,rater,value,time\nx,R1,1,2019-05-04\ny,R1,2,\n"
    study = bring_in(text, score_range=(Decimal(0), Decimal(5))).study
    rows = block(report(study, "raw-scores"), "scores")
    assert [row["submitted_at"] for row in rows] == [
        "2019-05-04T00:00:00+00:00",
        Missing("unknown"),
    ]
    assert {row["active_seconds"] for row in rows} == {Missing("unknown")}
    assert report(study).provenance["Dates"] == "2019-05-04 to 2019-05-04"


def test_what_a_report_of_raw_scores_holds_can_be_imported_again(bring_in, coordinator) -> None:
    version = make_protocol_version()
    first = bring_in(LONG, protocol_version=version).study
    file = export_report(
        study=first, slug="raw-scores", file_format="csv", language="en", acting_user=coordinator
    )
    second = bring_in(file.content, name="Again", protocol_version=version)
    assert said(second) == []
    again = block(report(second.study), "means")
    assert again == block(report(first), "means")


def test_the_import_is_on_record_without_names(bring_in) -> None:
    made = bring_in(LONG, protocol_version=make_protocol_version())
    event = Event.objects.get(action="study.imported")
    assert event.details["file_sha256"] == made.sha256
    assert (event.details["ratings"], event.details["scores"]) == (3, 5)
    assert not any("Ann" in str(event.details) for event in Event.objects.all())
