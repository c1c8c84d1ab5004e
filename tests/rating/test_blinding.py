"""Nothing that a rater receives tells which item it is, or what others think of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from django.urls import reverse

from sts_qa.rating.models import ProblemReport
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_rating, make_study
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    queue_of,
    running_study,
    send,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(files_study):
    noise = files_study.random.integers(0, 256, (16, 16)).astype(np.uint8)
    mask = (noise > 128).astype(np.uint8)
    volume = files_study.random.integers(0, 999, (6, 5, 4)).astype(np.int16)
    files_study.radiograph("secret_name_1.png", noise, mask=mask)
    files_study.radiograph("secret_name_2.png", noise)
    files_study.volume("secret_name_3.nii.gz", volume, mask=(volume > 500).astype(np.uint8))
    item = files_study.study.sample.first().item_version.item
    item.subject, item.source = "secret-subject", "secret-device"
    item.save()
    type(files_study.study).objects.filter(pk=files_study.study.pk).update(
        repeat_share="0.3", repeat_distance=1
    )
    files_study.study.refresh_from_db()
    rater = files_study.start()
    add_repeat(rater, in_order(rater)[0].sampled_item)
    colleague = add_rater(files_study.study, "secret-colleague")
    scores = {"contrast": {"value": "13"}, "pixel_accuracy": {"value": "19"}}
    return files_study, rater, colleague, scores


def _secrets(files_study) -> list[str]:
    secrets = ["secret", str(files_study.folder), "repeat", "labelled", "unlabelled"]
    for unit in files_study.study.sample.all():
        version = unit.item_version
        secrets += [version.sha256, version.sha256[:16]]
        if version.mask:
            secrets += [version.mask.sha256, version.mask.key]
    return secrets


def _found(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if secret.lower() in text.lower()]


def _addresses(queue) -> list[str]:
    addresses = []
    for entry in queue["assignments"]:
        addresses.append(entry["image"]["picture"])
        for part in (entry["image"], entry["mask"] or {"planes": {}}):
            addresses += [plane["url"] for plane in part["planes"].values()]
    return [address.replace("{slice}", "1") for address in addresses]


def test_no_answer_or_header_names_the_item_or_other_people(client, study):
    files_study, rater, colleague, scores = study
    log_in(client, colleague)
    for assignment in in_order(colleague):
        given = scores if assignment.sampled_item.labelled else {"contrast": {"value": "13"}}
        submit(client, assignment, scores=given, comment="secret opinion")
    client.logout()
    log_in(client, rater)
    secrets = _secrets(files_study)
    queue = queue_of(client, files_study.study)
    answers = [
        client.get(reverse("rating:rate_study", args=[files_study.study.public_id])),
        client.get(reverse("rating:list_queue", args=[files_study.study.public_id])),
        client.get(reverse("rating:list_own_ratings", args=[files_study.study.public_id])),
        *[client.get(address) for address in _addresses(queue)],
    ]
    for assignment in in_order(rater)[:3]:
        acts = ("mark_shown", "skip_assignment", "report_problem", "submit_rating")
        answers += [send(client, name, assignment.token, {"text": "x"}) for name in acts]
        answers.append(client.get(reverse("rating:show_assignment", args=[assignment.token])))
    assert len(answers) > 20
    for answer in answers:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        assert _found(head, secrets) == []
        if answer.headers["Content-Type"] in ("application/octet-stream", "image/png"):
            assert answer.status_code == 200
            assert _found(answer.content.decode("latin-1"), secrets) == []
            continue
        body = answer.content.decode()
        # The page's own words for its script may hold any of these; data may not
        page = answer.headers["Content-Type"].startswith("text/html")
        kept = [s for s in secrets if s not in ("repeat", "labelled", "unlabelled")]
        assert _found(body, kept if page else secrets) == []
        if not page:
            assert "13" not in _values_of(json.loads(body), "value")


def _values_of(content, wanted):
    if isinstance(content, dict):
        own = [content[wanted]] if wanted in content else []
        return own + [v for inner in content.values() for v in _values_of(inner, wanted)]
    if isinstance(content, list):
        return [v for inner in content for v in _values_of(inner, wanted)]
    return []


def test_the_queue_in_the_page_tells_no_more_than_the_queue_itself(client, study):
    files_study, rater, _, _ = study
    log_in(client, rater)
    address = reverse("rating:rate_study", args=[files_study.study.public_id])
    page = client.get(address).content.decode()
    embedded = page.split('<script id="first-queue" type="application/json">')[1]
    embedded = embedded.split("</script>")[0]
    assert len(json.loads(embedded)["assignments"]) == 4
    assert _found(embedded, _secrets(files_study)) == []


def test_pixels_carry_nothing_but_values(client, study):
    files_study, rater, _, _ = study
    log_in(client, rater)
    entries = queue_of(client, files_study.study)["assignments"]
    assert len(entries) == 4
    for entry in entries:
        image = entry["image"]
        for plane in image["planes"].values():
            content = client.get(plane["url"].replace("{slice}", "0")).content
            assert len(content) == image["bytes"] // plane["slices"]


def test_a_picture_carries_nothing_but_pixels(client, study):
    files_study, rater, _, _ = study
    log_in(client, rater)
    entries = queue_of(client, files_study.study)["assignments"]
    assert len(entries) == 4
    for entry in entries:
        content = client.get(entry["image"]["picture"]).content
        # One chunk for size and type, pixels, end: no text, time or profile
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert [content.count(name) for name in (b"IHDR", b"IEND")] == [1, 1]
        for name in (b"tEXt", b"iTXt", b"zTXt", b"tIME", b"eXIf", b"pHYs", b"iCCP", b"gAMA"):
            assert name not in content


def test_a_repeat_shares_no_address_or_tag_with_its_first_showing(client, study):
    files_study, rater, _, _ = study
    log_in(client, rater)
    entries = queue_of(client, files_study.study)["assignments"]
    repeat = rater.assignments.get(kind="repeat")
    main = rater.assignments.get(kind="main", sampled_item=repeat.sampled_item)
    one, two = (
        next(entry for entry in entries if entry["token"] == token)
        for token in (main.token, repeat.token)
    )
    answers = [client.get(_first(entry)) for entry in (one, two)]
    assert answers[0].content == answers[1].content
    tags = [answer.headers["ETag"] for answer in answers]
    assert tags[0] != tags[1]
    assert main.token not in tags[1]
    assert set(answers[0].headers) == set(answers[1].headers)
    assert one["token"] != two["token"]
    assert set(_addresses({"assignments": [one]})).isdisjoint(_addresses({"assignments": [two]}))


def _first(entry):
    return entry["image"]["planes"]["image"]["url"]


def test_two_raters_have_nothing_in_common_that_names_an_item(client, study):
    files_study, rater, colleague, _ = study
    seen = []
    for membership in (rater, colleague):
        queue = queue_of(log_in(client, membership), files_study.study)
        seen.append({entry["token"] for entry in queue["assignments"]} | set(_addresses(queue)))
    assert seen[0].isdisjoint(seen[1])


@pytest.mark.parametrize("name", ["show_progress", "list_problems", "list_late_ratings"])
def test_raters_do_not_open_coordinators_pages(client, study, name):
    files_study, rater, _, _ = study
    log_in(client, rater)
    address = reverse(f"rating:{name}", args=[files_study.study.public_id])
    assert client.get(address).status_code == 403


PAGES_THAT_TELL_ITEMS = (
    "list_problems",
    "decide_problem",
    "list_late_ratings",
    "admit_rating",
    "change_item",
    "show_progress",
    "show_progress_table",
)


@pytest.mark.parametrize("name", PAGES_THAT_TELL_ITEMS)
def test_a_coordinator_who_rates_elsewhere_in_the_dataset_reads_nothing_of_its_items(client, name):
    study = running_study(items=1)
    rater = add_rater(study)
    (first,) = in_order(rater)
    report = ProblemReport.objects.create(assignment=first, kind="other", idempotency_key="k")
    late = make_rating(first, {"contrast": 3}, is_current=False, is_late=True)
    of_one = {"decide_problem": report.public_id, "admit_rating": late.public_id, "change_item": 1}
    arguments = [study.public_id, *([of_one[name]] if name in of_one else [])]
    address = reverse(f"rating:{name}", args=arguments)
    method = client.post if name == "admit_rating" else client.get
    other = make_study(dataset=study.dataset, state=Study.State.RUNNING)
    make_membership(other, study.created_by)
    client.force_login(study.created_by)
    assert method(address).status_code == 403
    Study.objects.filter(pk=other.pk).update(state=Study.State.CLOSED)
    assert method(address).status_code == (302 if name == "admit_rating" else 200)
