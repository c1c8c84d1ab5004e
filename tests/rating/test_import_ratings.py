"""The page on which old ratings are checked and imported; coordinators only."""

from __future__ import annotations

import io
import os
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sts_qa.rating.kept_tables import WAITING_SECONDS
from sts_qa.science.ratings_file.limits import MOST_BYTES
from sts_qa.studies.models import Study
from tests.factories import (
    make_dataset,
    make_item,
    make_membership,
    make_protocol_version,
    make_study,
    make_user,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/rating/import/"
GOOD = "item,rater,value\nx,Ann,1\nx,Bob,2\ny,Ann,3\ny,Bob,\n"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"


@pytest.fixture
def coordinator():
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def send(client, coordinator):
    """Return a function that posts the form as the coordinator."""

    def post(content: str | bytes | None = None, **fields: str):
        client.force_login(fields.pop("user", coordinator))
        data = {"name": "Old", "form": "auto", "step": "check", **fields}
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            data["file"] = SimpleUploadedFile("any name.pdf", raw)
        return client.post(ADDRESS, data)

    return post


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def kept(response) -> str:
    found = re.search(r'name="kept"[^>]*value="([0-9a-f]{32})"', response.content.decode())
    return found[1] if found else ""


def test_the_address_is_where_the_list_of_studies_leads(client, coordinator) -> None:
    assert reverse("rating:import_ratings") == ADDRESS
    client.force_login(coordinator)
    assert ADDRESS in client.get(reverse("studies:list_studies")).content.decode()
    client.force_login(make_user())
    assert ADDRESS not in client.get(reverse("studies:list_studies")).content.decode()


def test_who_may_open_and_send_it(client, coordinator) -> None:
    study = make_study(coordinator=coordinator)
    rater, observer = make_user(), make_user()
    make_membership(study, rater)
    make_membership(study, observer, role="observer")
    for person in (rater, observer, make_user()):
        client.force_login(person)
        assert client.get(ADDRESS).status_code == 403
        assert client.post(ADDRESS, {"name": "Old"}).status_code == 403
    client.force_login(make_user(coordinator=True))
    assert client.get(ADDRESS).status_code == 200
    client.logout()
    for answer in (client.get(ADDRESS), client.post(ADDRESS, {})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("accounts:log_in"))
    assert client.delete(ADDRESS).status_code == 405


def test_a_form_without_its_token_is_refused(coordinator) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    file = io.BytesIO(GOOD.encode())
    assert client.post(ADDRESS, {"name": "Old", "step": "import", "file": file}).status_code == 403
    assert not Study.objects.exists()


def test_a_file_is_checked_first_and_imported_without_choosing_it_again(send) -> None:
    checked = send(GOOD)
    assert checked.status_code == 200
    text = text_of(checked)
    assert "No errors." in text
    assert "long: one score in each row" in text
    assert "Ann, Bob" in text
    assert "The file that was checked is kept for a day" in text
    assert "observed: the lowest and the highest score in the file" in text
    assert not Study.objects.exists()
    imported = send(kept=kept(checked), step="import")
    study = Study.objects.get()
    assert imported.status_code == 302
    assert imported["Location"] == reverse("studies:show_study", args=[study.public_id])
    assert (study.name, study.imported, study.sample.count()) == ("Old", True, 2)


def test_the_check_names_programs_and_withdrawn_raters_and_people_too(send, client) -> None:
    head = "item,rater,value,rater_kind,model_name,model_version,rater_state"
    table = f"{head}\nx,Ann,1,expert,,,active\nx,Bob,2,expert,,,withdrawn\n"
    table += "x,net,0,model,ToothNet,1.2,active\n"
    response = send(table)
    page = text_of(response)
    assert "Of these programs 1 ToothNet 1.2 Of these withdrawn 1 Bob" in page
    send(step="import", kept=kept(response))
    people = client.get(reverse("studies:manage_members", args=[Study.objects.get().public_id]))
    rows = [row for row in people.content.decode().split("<tr") if "</th>" in row]
    [program] = [row for row in rows if "ToothNet 1.2 (program)" in row]
    assert "Rated elsewhere" in program
    assert "Tokens" not in program
    [withdrawn] = [row for row in rows if "Bob" in row]
    assert "Withdrawn" in withdrawn
    assert "Of these" not in text_of(send(GOOD, name="Plain"))


def test_errors_stand_in_the_page_by_row_and_nothing_is_imported(send) -> None:
    for step in ("check", "import"):
        answer = send("item,rater,value\nx,R1,1\nx,R1,2\n", step=step)
        assert answer.status_code == 422
        text = text_of(answer)
        assert "1 error. Nothing is imported until it is corrected." in text
        assert "3 value The same rater, item and criterion stand in row 2 already." in text
        assert 'value="import"' not in answer.content.decode()
    assert not Study.objects.exists()


def test_a_kept_file_is_its_persons_only(send) -> None:
    token = kept(send(GOOD))
    stranger = make_user("stranger", coordinator=True)
    answer = send(kept=token, step="import", user=stranger)
    assert answer.status_code == 422
    assert "Choose the file." in text_of(answer)
    for guess in ("0" * 32, "../../etc/passwd", f"{token}\0", "x"):
        assert send(kept=guess, step="import").status_code == 422
    assert not Study.objects.exists()


def test_kept_files_go_after_import_or_a_day(send, settings) -> None:
    folder = settings.DATA_FOLDER / "uploads" / "ratings"
    first = kept(send(GOOD))
    [path] = folder.iterdir()
    old = time.time() - WAITING_SECONDS - 60
    os.utime(path, (old, old))
    second = kept(send(GOOD))
    assert first != second
    assert [file.name.endswith(second) for file in folder.iterdir()] == [True]
    send(kept=second, step="import")
    assert list(folder.iterdir()) == []


def test_dataset_protocol_and_range_are_taken_from_the_form(send, coordinator) -> None:
    dataset = make_dataset(owner=coordinator)
    make_item(dataset, "x")
    make_item(dataset, "y")
    version = make_protocol_version(criteria=(("contrast", "image"),))
    fields = {"dataset": str(dataset.pk), "protocol": str(version.pk), "criterion": "contrast"}
    assert send(GOOD, step="import", **fields).status_code == 302
    study = Study.objects.get()
    assert (study.dataset, study.protocol_version) == (dataset, version)
    assert send(GOOD, step="import", name="Two", minimum="0", maximum="10").status_code == 302
    criterion = Study.objects.get(name="Two").protocol_version.criteria.get()
    assert (criterion.minimum, criterion.maximum) == (0, 10)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Taken"}, "There is a study called “Taken” already"),
        ({"minimum": "1"}, "Give both ends of the range, or neither."),
        ({"minimum": "5", "maximum": "1"}, "The highest score must be above the lowest one."),
        ({"dataset": "999999"}, "Select a valid choice."),
        ({"protocol": "999999"}, "Select a valid choice."),
        ({"form": "round"}, "Select a valid choice."),
        ({"item_column": "bild"}, "There is no column named bild for the item"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_at_its_field(send, fields, said) -> None:
    make_study(name="Taken")
    answer = send(GOOD, step="import", **fields)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Study.objects.filter(imported=True).exists()


def test_a_dataset_of_others_cannot_be_named(send) -> None:
    foreign = make_dataset()
    assert send(GOOD, step="import", dataset=str(foreign.pk)).status_code == 422


def test_without_a_file_nothing_is_checked(send) -> None:
    answer = send()
    assert answer.status_code == 422
    assert "Choose the file." in text_of(answer)


def test_too_large_a_file_is_refused_before_it_is_read(client, coordinator) -> None:
    client.force_login(coordinator)
    announced = str(MOST_BYTES * 2)
    answer = client.post(ADDRESS, {"name": "Old"}, CONTENT_LENGTH=announced)
    assert answer.status_code == 422
    assert "The file is larger than" in text_of(answer)


def test_names_in_a_file_are_shown_as_text(send) -> None:
    name = '<script>alert("x")</script>'
    answer = send(f"item,rater,value\nx,{name.replace(chr(34), '')},1\nx,R2,2\n")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert "&lt;script&gt;alert" in answer.content.decode()


def test_the_pages_of_the_study_say_that_its_ratings_were_imported(send, client) -> None:
    send(GOOD, step="import")
    study = Study.objects.get()
    overview = client.get(reverse("studies:show_study", args=[study.public_id]))
    assert "Imported ratings: not collected with this program." in text_of(overview)
    for name, arguments in (
        ("studies:manage_members", []),
        ("studies:show_manifest", []),
        ("studies:choose_panel", []),
        ("reports:list_reports", []),
        ("reports:show_report", ["quality-scores"]),
        ("reports:show_report", ["rubric"]),
    ):
        answer = client.get(reverse(name, args=[study.public_id, *arguments]))
        assert answer.status_code == 200, name
        assert '<span class="badge badge-plain">Imported</span>' in answer.content.decode(), name
    assert client.get(reverse("studies:verify_sample", args=[study.public_id])).status_code == 404
    [item, _other] = study.dataset.items.order_by("key")
    shown = client.get(reverse("catalogue:show_item", args=[study.dataset_id, item.pk]))
    assert "No image: the item is known from imported ratings only." in text_of(shown)
    for name in ("catalogue:send_thumbnail", "catalogue:send_preview"):
        address = reverse(name, args=[study.dataset_id, item.pk, 1])
        assert client.get(address).status_code == 404
    for name in ("catalogue:show_dataset", "catalogue:list_items", "measurements:show_metrics"):
        assert client.get(reverse(name, args=[study.dataset_id])).status_code == 200


def test_what_was_checked_is_imported_and_a_second_press_leads_to_the_same_study(send) -> None:
    checked = send(GOOD, minimum="0", maximum="9").content.decode()
    form = checked[: checked.index('value="import"')].rpartition("<form")[2]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    hidden.pop("csrfmiddlewaretoken")
    assert hidden | {"kept": ""} == {
        "name": "Old",
        "form": "auto",
        "minimum": "0",
        "maximum": "9",
        "kept": "",
    }
    first = send(**{**hidden, "step": "import"})
    study = Study.objects.get()
    assert first["Location"] == reverse("studies:show_study", args=[study.public_id])
    # Sent at the same moment, the second has the file too
    second = send(GOOD, step="import")
    assert second.status_code == 302
    assert second["Location"] == first["Location"]
    for again in (
        {"content": GOOD.replace("Ann", "Eve"), "step": "import"},
        {"content": GOOD},
        {"content": GOOD, "step": "import", "user": make_user(coordinator=True)},
    ):
        refused = send(again.pop("content"), **again)
        assert refused.status_code == 422
        assert "There is a study called “Old” already" in text_of(refused)
    assert Study.objects.get() == study


def test_a_file_whose_columns_are_unknown_opens_the_fields_that_name_them(send) -> None:
    opened = re.compile(r"<details\s+open>")
    assert not opened.search(send(GOOD).content.decode())
    unread = send("a,b\nx,y\n")
    assert unread.status_code == 422
    assert opened.search(unread.content.decode())


def test_a_name_that_cannot_be_shown_is_told_so(send) -> None:
    answer = send(GOOD, name="Old\u202egnp.exe")
    assert answer.status_code == 422
    assert "This name holds a character that cannot be shown. Remove it." in text_of(answer)


def test_the_people_of_the_study_show_no_account_that_nobody_logs_in_to(send, client) -> None:
    send(GOOD, step="import")
    study = Study.objects.get()
    page = text_of(client.get(reverse("studies:manage_members", args=[study.public_id])))
    assert "Ann – Rater – Rated elsewhere 2 of 2" in page
    assert "imported-" not in page


def test_the_badge_in_chinese_is_no_heading_of_a_date(send, client, coordinator) -> None:
    send(GOOD, step="import")
    coordinator.language = "zh-hans"
    coordinator.save()
    page = client.get(reverse("studies:show_study", args=[Study.objects.get().public_id]))
    assert '<span class="badge badge-plain">已导入</span>' in page.content.decode()
