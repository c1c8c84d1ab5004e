"""Ratings of programs in reports: left out, in rows of their own, or counted as raters."""

from __future__ import annotations

import io
import json
from statistics import stdev

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import Rating
from sts_qa.reports.actions import make_report
from sts_qa.reports.options import OptionError
from sts_qa.studies.actions import close_study, unseal_results
from sts_qa.studies.models import Membership, Study
from tests.factories import make_assignment, make_membership, make_rating, make_user
from tests.reports.conftest import NO_MASK, scores

pytestmark = pytest.mark.django_db

# Item name -> contrast, sharpness, pixel accuracy
PROGRAM = {"a": (5, 7, 9), "b": (1, 3, NO_MASK), "c": (2, 8, NO_MASK)}
NAME = "ToothNet 1.2 (program)"


@pytest.fixture
def program(rated) -> Membership:
    """A program that has rated all but the volume."""
    member = make_membership(
        rated.study, make_user("net"), pseudonym=4, model_name="ToothNet", model_version="1.2",
        assigned_count=4, rated_count=3,
    )  # fmt: skip
    for name, unit in rated.units.items():
        assignment = make_assignment(
            member, unit, kind="practice" if name == "practice" else "main"
        )
        if name in PROGRAM:
            make_rating(assignment, scores(*PROGRAM[name]), active_ms=0, channel="api")
    return member


def table_of(rated, models=None, slug="quality-scores"):
    study = Study.objects.get(pk=rated.study.pk)
    options = {} if models is None else {"models": models}
    return make_report(study=study, slug=slug, language="en", options=options)


def block_of(rated, models, slug="means"):
    return next(block for block in table_of(rated, models).blocks if block.slug == slug)


def raw_scores(client, rated) -> pd.DataFrame:
    client.force_login(rated.coordinator)
    address = reverse("reports:download_report", args=[rated.study.public_id, "raw-scores"])
    content = client.get(address, {"format": "csv"}).content
    return pd.read_csv(io.BytesIO(content), comment="#", encoding="utf-8-sig")


def expected_mean(frame: pd.DataFrame, criterion: str, category="A-PXI") -> float:
    """Table 5's mean by pandas alone: item means, weighted by 1 / probability."""
    rows = frame[
        (frame["kind"] == "main")
        & (frame["state"] == "current")
        & (frame["category"] == category)
        & (frame["criterion"] == criterion)
    ]
    items = rows.groupby("item").agg(value=("value", "mean"), p=("probability", "first"))
    items = items.dropna()
    return (items["value"] / items["p"]).sum() / (1 / items["p"]).sum()


@pytest.mark.parametrize("models", [None, "none"])
def test_unasked_a_program_changes_no_number_of_the_experts(rated, models, request):
    def on_scores(table):
        return [(block.slug, block.rows) for block in table.blocks if block.slug != "metrics"]

    before = on_scores(table_of(rated))
    request.getfixturevalue("program")
    table = table_of(rated, models)
    assert on_scores(table) == before
    assert {"means", "spread", "sample"} <= {slug for slug, _rows in before}
    assert table.provenance["Panel"] == "rater 1, rater 2, rater 3"
    assert table.provenance["Programs"] == f"left out: {NAME}"
    assert f"Programs rated too and are left out: {NAME}, 3 of 4 ratings." in table.notes
    assert not any("Left out of the panel" in note for note in table.notes)


def test_without_programs_nothing_is_said_of_them(rated):
    table = table_of(rated)
    assert "Programs" not in table.provenance
    assert not any("rogram" in note for note in table.notes)
    assert table_of(rated, "beside").provenance["Programs"] == "none takes part in this study"


def test_beside_the_experts_a_program_has_rows_of_its_own(client, rated, program):
    frame = raw_scores(client, rated)
    experts, model = (frame[frame["rater_kind"] == kind] for kind in ("expert", "model"))
    block = block_of(rated, "beside")
    assert [(row["raters"], row["group"]) for row in block.rows] == [
        ("Experts", "STS-2D-Tooth"),
        ("Experts", "STS-3D-Tooth"),
        (NAME, "STS-2D-Tooth"),
        (NAME, "STS-3D-Tooth"),
    ]
    for criterion in ("contrast", "sharpness", "pixel_accuracy"):
        assert block.rows[0][criterion] == pytest.approx(expected_mean(experts, criterion))
        assert block.rows[2][criterion] == pytest.approx(expected_mean(model, criterion))
    # By hand: contrast 5, 1, 2 with weights 1, 2, 2; the total of item a is 5 + 7 + 9
    assert block.rows[2]["contrast"] == pytest.approx((5 + 2 * 1 + 2 * 2) / 5)
    assert block.rows[2]["total"] == 21


def test_the_experts_rows_beside_a_program_are_those_without_it(rated, program):
    for slug in ("means", "spread", "sample"):
        alone = [dict(row) for row in block_of(rated, "none", slug).rows]
        beside = [dict(row) for row in block_of(rated, "beside", slug).rows]
        assert [row for row in beside if row.pop("raters") == "Experts"] == alone


def test_spread_and_numbers_of_a_program_are_its_own(rated, program):
    rows = block_of(rated, "beside", "spread").rows
    row = next(
        row for row in rows
        if row["raters"] == NAME and row["category"] == "A-PXI" and row["criterion"] == "Contrast"
    )  # fmt: skip
    assert row["sd_items"] == pytest.approx(stdev([5, 1, 2]))
    assert (row["sd_raters"], row["n_items"], row["n_ratings"]) == (None, 3, 3)
    sample = block_of(rated, "beside", "sample").rows
    assert [(row["raters"], row["rated"]) for row in sample] == [
        ("Experts", 3), ("Experts", 1), (NAME, 3), (NAME, 0),
    ]  # fmt: skip


def test_counted_as_a_rater_it_is_in_means_and_numbers_and_the_table_says_so(
    client, rated, program
):
    frame = raw_scores(client, rated)
    table = table_of(rated, "panel")
    row = table.blocks[0].rows[0]
    for criterion in ("contrast", "sharpness", "pixel_accuracy"):
        assert row[criterion] == pytest.approx(expected_mean(frame, criterion))
    spread = next(block for block in table.blocks if block.slug == "spread").rows[0]
    # 8 ratings of experts and 3 of the program
    assert spread["n_ratings"] == 11
    assert table.provenance["Panel"] == f"rater 1, rater 2, rater 3, rater 4: {NAME}"
    assert table.provenance["Programs"] == f"counted as raters: {NAME}"
    assert any(note.startswith("Programs count as raters here") for note in table.notes)


def test_a_study_of_programs_alone_has_no_mean_unless_they_are_asked_for(rated, program):
    Membership.objects.filter(pk__in=[m.pk for m in rated.raters.values()]).update(
        withdrawn_at=timezone.now()
    )
    assert block_of(rated, "none").rows[0]["items"] == 0
    assert block_of(rated, "panel").rows[0]["contrast"] == pytest.approx((5 + 2 + 4) / 5)


@pytest.mark.parametrize("models", ["beside", "panel"])
def test_a_withdrawn_program_is_left_out_and_named(rated, program, models):
    Membership.objects.filter(pk=program.pk).update(withdrawn_at=timezone.now())
    table = table_of(rated, models)
    assert [dict(row) for row in table.blocks[0].rows] == [
        dict(row) for row in table_of(rated, "none").blocks[0].rows
    ]
    assert f"Withdrawn programs are left out: {NAME}, 3 of 4 ratings." in table.notes


def progress_notes(rated, models, slug="quality-scores"):
    notes = table_of(rated, models, slug).notes
    return [note for note in notes if note.startswith(("Results seen", "The study was closed"))]


def test_a_study_of_programs_says_when_results_were_seen_and_that_it_was_closed_incomplete(
    rated, program
):
    people = Membership.objects.filter(pk__in=[member.pk for member in rated.raters.values()])
    people.update(withdrawn_at=timezone.now())
    given = Membership.objects.filter(pk=program.pk)
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    given.update(rated_count=1)
    unseal_results(study=rated.study, reason="A look", acting_user=rated.coordinator)
    given.update(rated_count=3)
    close_study(study=rated.study, acting_user=rated.coordinator)
    said = [
        "The study was closed incomplete: 3 of 4 ratings.",
        "Results seen from 1 of 4 ratings on.",
    ]
    for models in ("panel", "beside"):
        assert progress_notes(rated, models) == said
    assert progress_notes(rated, None, "raw-scores") == said
    event = Event.objects.get(action="results.unsealed")
    assert (event.details["program_ratings"], event.details["program_due"]) == (1, 4)


def test_ratings_of_programs_join_those_of_people_only_where_the_table_holds_them(rated, program):
    Study.objects.filter(pk=rated.study.pk).update(
        unsealed_at=timezone.now(),
        ratings_at_unsealing=5,
        ratings_due_at_unsealing=12,
        program_ratings_at_unsealing=2,
        program_ratings_due_at_unsealing=4,
    )
    # People gave 10 of 12 and the program 3 of 4
    assert progress_notes(rated, "none") == [
        "The study was closed incomplete: 10 of 12 ratings.",
        "Results seen from 5 of 12 ratings on.",
    ]
    for models in ("panel", "beside"):
        assert progress_notes(rated, models) == [
            "The study was closed incomplete: 13 of 16 ratings.",
            "Results seen from 7 of 16 ratings on.",
        ]
    Study.objects.filter(pk=rated.study.pk).update(unsealed_at=None, live_results=True)
    assert progress_notes(rated, "none")[1] == "Results seen from 0 of 12 ratings on."
    assert progress_notes(rated, "panel")[1] == "Results seen from 0 of 16 ratings on."


def test_where_people_are_complete_only_a_table_with_the_program_is_incomplete(rated, program):
    Membership.objects.filter(pk__in=[m.pk for m in rated.raters.values()]).update(rated_count=4)
    assert progress_notes(rated, "none") == []
    assert progress_notes(rated, "panel") == ["The study was closed incomplete: 15 of 16 ratings."]


def test_an_unsealing_from_before_programs_were_counted_says_so(rated, program):
    Study.objects.filter(pk=rated.study.pk).update(
        unsealed_at=timezone.now(), ratings_at_unsealing=5, ratings_due_at_unsealing=12
    )
    uncounted = "Ratings of programs were not counted when results were first seen."
    assert progress_notes(rated, "panel")[1] == "Results seen from 5 of 12 ratings on."
    assert uncounted in table_of(rated, "panel").notes
    assert uncounted not in table_of(rated, "none").notes


def test_ratings_are_counted_by_channel_under_every_score_table(rated, program):
    def note(models, slug="quality-scores"):
        notes = table_of(rated, models, slug).notes
        return next(note for note in notes if note.startswith("Ratings by channel"))

    Rating.objects.filter(assignment=rated.assignments[1, "a"]).update(channel="api")
    Rating.objects.filter(assignment=rated.assignments[2, "a"]).update(channel="import")
    # Ten main ratings of experts, three of the program; the raw scores hold practice too
    assert note("none") == "Ratings by channel: Page 8, API 1, Import 1."
    assert note("beside") == note("panel") == "Ratings by channel: Page 8, API 4, Import 1."
    assert note(None, "raw-scores") == "Ratings by channel: Page 11, API 4, Import 1."


def test_a_programs_late_ratings_and_dropped_repeats_are_no_matter_of_the_experts(rated, program):
    assignment = make_assignment(
        program, rated.units["a"], kind="repeat", dropped_at=timezone.now(),
        drop_reason="repeat_distance",
    )  # fmt: skip
    make_rating(assignment, scores(1, 1, 1), is_late=True, is_current=False)
    assert not any("ate rating" in n or "epeat" in n for n in table_of(rated, "none").notes)
    assert "Late ratings: 0 admitted, 1 left out." in table_of(rated, "panel").notes


def test_raw_scores_mark_the_rows_of_a_program(client, rated, program):
    frame = raw_scores(client, rated)
    model = frame[frame["rater_kind"] == "model"]
    assert len(model) == 9
    assert set(model["rater"]) == {4}
    assert set(model["model_name"]) == {"ToothNet"}
    assert set(model["model_version"].astype(str)) == {"1.2"}
    experts = frame[frame["rater_kind"] == "expert"]
    assert set(experts["rater"]) == {1, 2, 3}
    assert experts["model_name"].isna().all()


@pytest.mark.parametrize(
    ("slug", "options", "field"),
    [
        ("quality-scores", {"models": "all"}, "models"),
        ("quality-scores", {"model": "beside"}, "model"),
        ("raw-scores", {"models": "beside"}, "models"),
    ],
)
def test_what_a_report_does_not_offer_is_refused_by_its_name(client, rated, slug, options, field):
    with pytest.raises(OptionError, match=f"^{field}: ") as raised:
        make_report(study=rated.study, slug=slug, language="en", options=options)
    assert raised.value.field == field
    client.force_login(rated.coordinator)
    for view in ("show_report", "download_report"):
        answer = client.get(reverse(f"reports:{view}", args=[rated.study.public_id, slug]), options)
        assert answer.status_code == 400
        assert f"{field}: " in answer.content.decode()


def test_the_page_asks_nothing_where_no_program_rates(client, rated):
    client.force_login(rated.coordinator)
    address = reverse("reports:show_report", args=[rated.study.public_id, "quality-scores"])
    assert 'name="models"' not in client.get(address).content.decode()


def test_the_page_offers_the_choice_and_its_files_follow_it(client, rated, program):
    client.force_login(rated.coordinator)
    address = reverse("reports:show_report", args=[rated.study.public_id, "quality-scores"])
    assert 'name="models"' in client.get(address).content.decode()
    page = client.get(address, {"models": "beside"}).content.decode()
    assert '<option value="beside" selected>' in page
    assert NAME in page
    assert "?format=json&amp;models=beside" in page
    download = reverse("reports:download_report", args=[rated.study.public_id, "quality-scores"])
    file = client.get(download, {"format": "json", "models": "beside"})
    assert "quality-scores-models-beside.json" in file["Content-Disposition"]
    rows = json.loads(file.content)["blocks"][0]["rows"]
    assert [row["raters"] for row in rows] == ["Experts", "Experts", NAME, NAME]
    assert Event.objects.get(action="report.exported").details["options"] == {"models": "beside"}
    plain = client.get(address).content.decode()
    assert NAME not in plain.partition("report-notes")[0]


def test_the_command_takes_the_same_choices(client, rated, program, tmp_path):
    target = tmp_path / "table5.json"

    def export(*texts):
        call_command(
            "export_report", "quality-scores", "--study", "Rated", "--format", "json",
            "--as", "coordinator", "-o", str(target), *texts,
        )  # fmt: skip

    export("--option", "models=panel")
    client.force_login(rated.coordinator)
    download = reverse("reports:download_report", args=[rated.study.public_id, "quality-scores"])
    page = client.get(download, {"format": "json", "models": "panel"})
    assert target.read_bytes() == page.content
    target.unlink()
    for wrong in ("models=all", "models", "model=panel"):
        with pytest.raises(CommandError, match="model"):
            export("--option", wrong)
    assert not target.exists()


def test_sealed_results_stay_sealed_whatever_is_asked_for(client, rated, program):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    client.force_login(rated.coordinator)
    address = reverse("reports:show_report", args=[rated.study.public_id, "quality-scores"])
    assert client.get(address, {"models": "panel"}).status_code == 403
