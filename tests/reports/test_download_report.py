import gc
import hashlib
import io
import json
import tracemalloc
from dataclasses import replace

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from sts_qa.audit.models import Event
from sts_qa.rating.models import Rating
from sts_qa.reports import files
from sts_qa.reports.actions import export_report, make_report
from sts_qa.reports.registry import REPORTS
from sts_qa.science.tables import stored_rows
from sts_qa.science.tables.writers import WRITERS
from sts_qa.studies.models import Study
from tests.factories import make_rating, make_user

pytestmark = pytest.mark.django_db


def _get(client, rated, slug, file_format):
    client.force_login(rated.coordinator)
    address = reverse("reports:download_report", args=[rated.study.public_id, slug])
    return client.get(address, {"format": file_format})


def _scores(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), comment="#", encoding="utf-8-sig")


def test_raw_scores_hold_every_score_once_with_its_mark(client, rated):
    rated.withdraw("b")
    frame = _scores(_get(client, rated, "raw-scores", "csv").content)
    # 10 main ratings and 3 practice ratings of three criteria each
    assert len(frame) == 39
    assert (frame["kind"] == "practice").sum() == 9
    assert (frame["item_state"] == "withdrawn").sum() == 9
    assert set(frame["rater"]) == {1, 2, 3}


def test_table_5_follows_from_the_raw_scores(client, rated):
    """The exported mean is worked out again by pandas alone, from the exported raw scores."""
    frame = _scores(_get(client, rated, "raw-scores", "csv").content)
    main = frame[
        (frame["kind"] == "main")
        & (frame["state"] == "current")
        & (frame["category"] == "A-PXI")
        & (frame["criterion"] == "sharpness")
    ]
    items = main.groupby("item").agg(value=("value", "mean"), p=("probability", "first"))
    expected = (items["value"] / items["p"]).sum() / (1 / items["p"]).sum()
    document = json.loads(_get(client, rated, "quality-scores", "json").content)
    block = next(block for block in document["blocks"] if block["slug"] == "means")
    row = next(row for row in block["rows"] if row["category"] == "A-PXI")
    assert row["sharpness"] == pytest.approx(expected, rel=1e-12)


def test_each_download_leaves_its_event_with_the_files_checksum(client, rated):
    content = _get(client, rated, "quality-scores", "csv").content
    event = Event.objects.get(action="report.exported")
    assert event.details["sha256"] == hashlib.sha256(content).hexdigest()
    assert event.actor == str(rated.coordinator.opaque_id)


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_a_long_file_is_sent_block_by_block_with_its_size_after_its_event(
    client, rated, monkeypatch, file_format
):
    whole = _get(client, rated, "raw-scores", file_format)
    monkeypatch.setattr(files, "LONG_BYTES", 100)
    answer = _get(client, rated, "raw-scores", file_format)
    assert answer.streaming
    # Nothing of it is read yet
    _first, event = Event.objects.filter(action="report.exported").order_by("pk")
    content = answer.getvalue()
    assert content == whole.content
    assert event.details["sha256"] == hashlib.sha256(content).hexdigest()
    told = ("Content-Length", "Content-Type", "Content-Disposition", "Cache-Control")
    assert answer["Content-Length"] == str(len(content))
    assert [answer[name] for name in told] == [whole[name] for name in told]


@pytest.mark.parametrize("file_format", list(WRITERS))
def test_what_fails_half_way_gives_no_file_and_no_event(
    client, rated, monkeypatch, tmp_path, file_format
):
    def failing(table, file):
        file.write(b"half of it")
        raise OSError("No space left on device")

    target = tmp_path / "raw"
    target.write_bytes(b"an older file")
    monkeypatch.setitem(WRITERS, file_format, replace(WRITERS[file_format], write=failing))
    with pytest.raises(OSError, match="No space left"):
        _get(client, rated, "raw-scores", file_format)
    with pytest.raises(OSError, match="No space left"):
        call_command(
            "export_report", "raw-scores", study="Rated", format=file_format, output=target,
            acting_user="coordinator",
        )  # fmt: skip
    assert target.read_bytes() == b"an older file"
    assert not Event.objects.filter(action="report.exported").exists()


def test_raw_scores_take_no_more_memory_the_more_there_are(rated, monkeypatch):
    def held_memory():
        tracemalloc.start()
        try:
            table = make_report(study=rated.study, slug="raw-scores", language="en")
            gc.collect()
            return tracemalloc.get_traced_memory()[0], len(table.blocks[0].rows)
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(stored_rows, "MOST_BYTES_IN_MEMORY", 10_000)
    _change_often(rated, 20)
    held_memory()
    few, less = held_memory()
    _change_often(rated, 200)
    many, more = held_memory()
    assert more > 5 * less
    assert many < 2 * few


def _change_often(rated, times):
    """Make that many more ratings of one assignment, all superseded."""
    assignment = rated.assignments[1, "a"]
    Rating.objects.filter(assignment=assignment).update(is_current=False)
    for _time in range(times):
        values = {"contrast": 1, "sharpness": 2, "pixel_accuracy": 3}
        make_rating(assignment, values, is_current=False, comment="x" * 1000)


def test_the_command_writes_the_same_bytes_as_the_page(client, rated, tmp_path):
    target = tmp_path / "table5.csv"
    call_command(
        "export_report", "quality-scores", study="Rated", format="csv", output=target,
        acting_user="coordinator",
    )  # fmt: skip
    assert target.read_bytes() == _get(client, rated, "quality-scores", "csv").content
    assert [path.name for path in tmp_path.iterdir()] == ["table5.csv"]


def test_the_command_writes_titles_heads_and_notes_in_the_language_asked_for(rated, tmp_path):
    """As the page does, which is in that language as a whole."""
    target = tmp_path / "table5.csv"
    options = {"study": "Rated", "output": target, "acting_user": "coordinator"}
    call_command("export_report", "quality-scores", language="zh-hans", **options)
    with translation.override("zh-hans"):
        page = export_report(
            study=rated.study, slug="quality-scores", file_format="csv", language="zh-hans",
            acting_user=rated.coordinator,
        )  # fmt: skip
        title = str(REPORTS["quality-scores"].title)
    assert title != "Quality scores"
    assert title in target.read_text("utf-8-sig")
    assert target.read_bytes() == page.content
    call_command("export_report", "quality-scores", language="en", **options)
    assert "Quality scores" in target.read_text("utf-8-sig")


def test_the_command_refuses_a_language_that_there_is_not(rated, tmp_path):
    with pytest.raises(CommandError, match="zh-hans"):
        call_command(
            "export_report", "rubric", "--study=Rated", f"--output={tmp_path / 'x.csv'}",
            "--language=tlh", "--acting-user=coordinator",
        )  # fmt: skip


def test_the_command_refuses_sealed_results_and_writes_nothing(rated, tmp_path):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.PAUSED)
    with pytest.raises(CommandError, match="sealed"):
        call_command(
            "export_report", "raw-scores", study="Rated", output=tmp_path / "raw.csv",
            acting_user="coordinator",
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_the_command_names_a_missing_study(rated, tmp_path):
    with pytest.raises(CommandError, match="Nothing here"):
        call_command(
            "export_report", "rubric", study="Nothing here", output=tmp_path / "x.csv",
            acting_user="coordinator",
        )  # fmt: skip


@pytest.mark.parametrize("who", ["rater1", "stranger"])
def test_the_command_hands_nothing_to_people_without_the_right(rated, tmp_path, who):
    make_user("stranger", coordinator=True)
    with pytest.raises(CommandError, match="may not read"):
        call_command(
            "export_report", "sample-manifest", study="Rated", output=tmp_path / "x.csv",
            acting_user=who,
        )  # fmt: skip
    assert not list(tmp_path.iterdir())
