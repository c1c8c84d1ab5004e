import csv
import io

import pytest

from sts_qa.audit.models import Event
from sts_qa.science.statistics.drawing import draw
from sts_qa.studies.models import FrameEntry

pytestmark = pytest.mark.django_db


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_anyone_can_draw_the_sample_again_from_the_file(client, drawn):
    client.force_login(drawn.coordinator)
    rows = rows_of(client.get(drawn.address("download_manifest")))
    assert len(rows) == 26
    strata = {(row["category"], row["stratum"]) for row in rows}
    assert len(strata) == 4
    for category, stratum in strata:
        own = [row for row in rows if (row["category"], row["stratum"]) == (category, stratum)]
        again = draw([row["key"] for row in own], drawn.study.seed, f"{category}/{stratum}")
        assert [(e.key, e.order, e.number) for e in again] == [
            (row["key"], int(row["order"]), int(row["draw_number"])) for row in own
        ]
    assert sum(row["state"] == "drawn" for row in rows) == 13


def test_the_export_is_recorded(client, drawn):
    client.force_login(drawn.coordinator)
    client.get(drawn.address("download_manifest"))
    event = Event.objects.get(action="manifest.exported")
    assert event.details == {"format": "csv", "frame_hash": drawn.study.frame_hash}
    assert event.actor == str(drawn.coordinator.opaque_id)


def test_a_name_that_looks_like_a_formula_is_made_harmless(client, drawn):
    entry = FrameEntry.objects.first()
    FrameEntry.objects.filter(pk=entry.pk).update(key="=HYPERLINK(1).png")
    client.force_login(drawn.coordinator)
    keys = {row["key"] for row in rows_of(client.get(drawn.address("download_manifest")))}
    assert "'=HYPERLINK(1).png" in keys


def test_it_is_a_file_and_kept_by_no_cache(client, drawn):
    client.force_login(drawn.coordinator)
    answer = client.get(drawn.address("download_manifest"))
    assert answer["Content-Disposition"] == 'attachment; filename="teeth-sample.csv"'
    assert "no-store" in answer["Cache-Control"]


def test_who_may_download_it(drawn, check_access):
    check_access(drawn, drawn.address("download_manifest"), observer=200)
    assert Event.objects.filter(action="manifest.exported").count() == 2
