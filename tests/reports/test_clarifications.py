"""What reports tell of clarifications, in the line that all end with and as a table."""

import csv
import io
import json

import pandas as pd
import pytest
from django.utils import timezone

from sts_qa.rating.models import Acknowledgement, Rating, ReadingConditions
from sts_qa.reports.actions import export_report, make_report
from sts_qa.reports.registry import REPORTS
from sts_qa.studies.models import Membership, Study
from tests.rating.helpers import add_clarification

pytestmark = pytest.mark.django_db

WITH_THE_TABLE = ("clarifications", "quality-scores", "rubric")


@pytest.fixture
def explained(rated):
    """Two clarifications; of three raters one was withdrawn after acknowledging both."""
    first = add_clarification(rated.study, 1, {"en": "=Grain\nis noise.", "zh-hans": "噪声。"}, 4)
    second = add_clarification(rated.study, 2, {"en": "Crowns #1 and #2 count."}, 1)
    for clarification, numbers in ((first, (1, 2, 3)), (second, (1, 3))):
        for number in numbers:
            Acknowledgement.objects.create(
                clarification=clarification, membership=rated.raters[number]
            )
    Membership.objects.filter(pk=rated.raters[3].pk).update(withdrawn_at=timezone.now())
    rated.days = [one.published_at.date().isoformat() for one in (first, second)]
    return rated


def _table(rated, slug, language="en"):
    return make_report(study=rated.study, slug=slug, language=language)


def _block(table):
    (block,) = [block for block in table.blocks if block.slug == "clarifications"]
    return block


@pytest.mark.parametrize("slug", WITH_THE_TABLE)
def test_the_table_has_texts_ratings_before_and_who_acknowledged(explained, slug):
    block = _block(_table(explained, slug))
    assert [column.code for column in block.columns] == [
        "number",
        "published_at",
        "text_en",
        "text_zh_hans",
        "ratings_before",
        "acknowledged",
        "raters",
    ]
    first, second = block.rows
    assert (first["number"], first["text_en"], first["text_zh_hans"]) == (
        1,
        "=Grain\nis noise.",
        "噪声。",
    )
    assert first["published_at"].startswith(explained.days[0])
    assert (second["number"], "text_zh_hans" in second) == (2, False)
    assert [row["ratings_before"] for row in block.rows] == [4, 1]
    assert [(row["acknowledged"], row["raters"]) for row in block.rows] == [(2, 2), (1, 2)]


@pytest.mark.parametrize("slug", sorted(REPORTS))
def test_every_report_names_them_in_its_provenance(explained, slug):
    one, two = explained.days
    assert _table(explained, slug).provenance["Clarifications"] == (
        f"2: number 1 on {one} after 4 ratings; number 2 on {two} after 1 rating"
    )


@pytest.mark.parametrize("slug", sorted(REPORTS))
def test_without_clarifications_reports_say_so_and_have_no_empty_table(rated, slug):
    add_clarification_elsewhere(rated)
    table = _table(rated, slug)
    assert table.provenance["Clarifications"] == "0"
    if slug == "clarifications":
        assert (_block(table).rows, table.notes) == ([], ["No clarification was published."])
    else:
        assert "clarifications" not in [block.slug for block in table.blocks]


def add_clarification_elsewhere(rated):
    other = Study.objects.get(pk=rated.study.pk)
    other.pk, other.public_id, other.name = None, "00000000-0000-4000-8000-000000000001", "Other"
    other.save()
    add_clarification(other, 1)


def _file(rated, slug, file_format):
    return export_report(
        study=rated.study,
        slug=slug,
        file_format=file_format,
        language="en",
        acting_user=rated.coordinator,
    ).content


@pytest.mark.parametrize("slug", WITH_THE_TABLE)
def test_json_files_hold_the_table(explained, slug):
    document = json.loads(_file(explained, slug, "json"))
    (block,) = [block for block in document["blocks"] if block["slug"] == "clarifications"]
    assert block["rows"][0]["text_zh_hans"] == "噪声。"
    assert block["rows"][1]["text_zh_hans"] is None
    assert [row["ratings_before"] for row in block["rows"]] == [4, 1]


@pytest.mark.parametrize("slug", WITH_THE_TABLE)
def test_csv_files_hold_the_table(explained, slug):
    content = _file(explained, slug, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    found = [row for row in rows if row.get("block", "clarifications") == "clarifications"]
    # The apostrophe keeps a spreadsheet from taking the text for a formula
    assert found[0]["text_en"] == "'=Grain\nis noise."
    assert found[0]["text_zh_hans"] == "噪声。"
    assert found[1]["text_en"] == "Crowns #1 and #2 count."
    assert (found[0]["acknowledged"], found[0]["raters"]) == ("2", "2")
    assert (found[1]["acknowledged"], found[1]["raters"]) == ("1", "2")


def test_pandas_reads_the_file_as_the_guide_says(explained):
    frame = pd.read_csv(io.BytesIO(_file(explained, "clarifications", "csv")), comment="#")
    assert list(frame["text_en"]) == ["'=Grain\nis noise.", "Crowns #1 and #2 count."]


def test_raw_scores_stay_one_table(explained):
    table = _table(explained, "raw-scores")
    assert [block.slug for block in table.blocks] == ["scores"]


def test_it_can_be_read_before_results_are_open(explained):
    Study.objects.filter(pk=explained.study.pk).update(state=Study.State.RUNNING)
    explained.study.refresh_from_db()
    assert explained.study.is_sealed
    assert len(_block(_table(explained, "clarifications")).rows) == 2


def test_raw_scores_tell_what_was_seen_and_under_which_conditions(explained):
    rating = Rating.objects.filter(assignment=explained.assignments[1, "a"]).get()
    rating.clarification_seen = 2
    rating.reading_conditions = ReadingConditions.objects.create(
        user=explained.raters[1].user,
        room="dim",
        monitor="laptop",
        sees_dark_patch=True,
        sees_bright_patch=False,
    )
    rating.save()
    (block,) = _table(explained, "raw-scores").blocks
    stated = [row for row in block.rows if row["rating"] == str(rating.public_id)]
    assert len(stated) == 3
    for row in stated:
        assert row["clarification_seen"] == 2
        assert (row["room"], row["monitor"]) == ("dim", "laptop")
        assert (row["sees_dark_patch"], row["sees_bright_patch"]) == ("yes", "no")
    others = [row for row in block.rows if row not in stated]
    assert {row["monitor"].code for row in others} == {"not_stated"}
    assert {row["sees_dark_patch"].code for row in others} == {"not_stated"}
