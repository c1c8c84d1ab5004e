"""Submitting: never lost, never doubled, never anything but what the protocol allows."""

import json
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.models import Clarification, Draft, Rating, Score
from tests.factories import make_membership, make_protocol_version, make_user
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    current,
    in_order,
    log_in,
    running_study,
    send,
    submission,
    submit,
)
from tests.rating.late_causes import (
    close_study,
    drop_repeat,
    hide_item,
    pause_study,
    withdraw_item,
    withdraw_rater,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3)


@pytest.fixture
def rater(study):
    return add_rater(study, "rater")


@pytest.fixture
def first(rater):
    return in_order(rater)[0]


@pytest.fixture
def rater_client(client, rater):
    return log_in(client, rater)


def test_a_submission_becomes_the_current_rating(rater_client, rater, first):
    answer = submit(rater_client, first, comment="blurred at the left")
    assert answer.status_code == 201
    rating = current(first)
    assert answer.json() == {
        "rating": {"id": str(rating.public_id), "is_late": False},
        "progress": {"rated": 1, "total": 3, "shown": 1},
    }
    score = rating.scores.get(criterion__code="contrast")
    assert (score.value, score.code) == (Decimal(17), "")
    assert (rating.active_ms, rating.wall_ms, rating.waiting_ms) == (21_000, 25_000, 300)
    assert rating.comment == "blurred at the left"
    assert rating.viewer_state == {"zoom": 1.5}
    assert (rating.clarification_seen, rating.reading_conditions) == (0, None)
    assert rating.language == "en"
    assert rating.showing == 1
    assert rating.replaces is None
    first.refresh_from_db()
    rater.refresh_from_db()
    assert first.is_rated
    assert (rater.rated_count, rater.assigned_count) == (1, 3)
    assert rater.last_seen_at is not None


def test_the_language_is_that_of_the_page_on_which_it_was_rated(rater_client, first):
    submit(rater_client, first, language="zh-hans")
    assert current(first).language == "zh-hans"


@pytest.mark.parametrize("language", ["", "tlh", "EN", "x" * 500, None, 7, [], {"en": 1}])
def test_no_score_is_lost_for_a_language_that_no_page_has(rater, rater_client, first, language):
    rater.user.language = "zh-hans"
    rater.user.save()
    answer = submit(rater_client, first, language=language)
    assert answer.status_code == 201
    # That of the request, as where nothing is said
    assert current(first).language == "zh-hans"


def test_a_resend_gets_the_first_answer_and_writes_nothing(rater_client, rater, first):
    body = submission()
    answers = [send(rater_client, "submit_rating", first.token, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert Rating.objects.count() == 1
    rater.refresh_from_db()
    assert rater.rated_count == 1
    assert Event.objects.filter(action="rating.submitted").count() == 1


def test_a_resend_after_a_later_change_still_gets_the_first_answer(rater_client, first):
    body = submission()
    one = send(rater_client, "submit_rating", first.token, body)
    submit(rater_client, first, replaces=one.json()["rating"]["id"])
    again = send(rater_client, "submit_rating", first.token, body)
    assert again.status_code == 200
    assert again.json()["rating"] == one.json()["rating"]
    assert Rating.objects.count() == 2


def test_a_key_stands_for_one_body(rater_client, first):
    submit(rater_client, first, idempotency_key="same")
    other = {"contrast": {"value": "3"}}
    answer = submit(rater_client, first, idempotency_key="same", scores=other)
    assert answer.status_code == 422
    assert answer.json()["problem"] == "idempotency"
    assert Rating.objects.count() == 1


def test_a_change_is_a_new_rating_and_the_old_one_is_kept(rater_client, rater, first):
    one = submit(rater_client, first).json()["rating"]["id"]
    answer = submit(rater_client, first, replaces=one, scores={"contrast": {"value": "9"}})
    assert answer.status_code == 201
    old, new = Rating.objects.order_by("pk")
    assert (old.is_current, new.is_current) == (False, True)
    assert new.replaces == old
    assert old.scores.get(criterion__code="contrast").value == 17
    rater.refresh_from_db()
    assert rater.rated_count == 1


@pytest.mark.parametrize("replaces", [None, "6f1f9c1e-6a3b-4b8e-9a51-0d2f7a5d9c11"])
def test_a_submission_from_a_stale_window_is_refused_with_the_current_rating(
    rater_client, first, replaces
):
    one = submit(rater_client, first).json()["rating"]["id"]
    answer = submit(rater_client, first, replaces=replaces, scores={"contrast": {"value": "1"}})
    assert answer.status_code == 409
    assert answer.json()["problem"] == "replaced"
    assert answer.json()["rating"] == {
        "id": one,
        "scores": {"contrast": {"value": "17"}},
        "comment": "",
    }
    assert Rating.objects.count() == 1


def test_naming_a_rating_where_there_is_none_is_refused(rater_client, first):
    answer = submit(rater_client, first, replaces="6f1f9c1e-6a3b-4b8e-9a51-0d2f7a5d9c11")
    assert (answer.status_code, answer.json()["rating"]) == (409, None)
    assert not Rating.objects.exists()


def test_annotation_criteria_do_not_apply_without_a_mask(rater_client, first):
    submit(rater_client, first)
    score = current(first).scores.get(criterion__code="pixel_accuracy")
    assert (score.value, score.code) == (None, Score.Code.NOT_APPLICABLE)


def test_annotation_criteria_are_asked_for_labelled_items(client):
    rater = add_rater(running_study(items=1, labelled=1))
    (assignment,) = in_order(rater)
    log_in(client, rater)
    answer = submit(client, assignment)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"pixel_accuracy"}
    scores = {"contrast": {"value": "17"}, "pixel_accuracy": {"value": "0"}}
    assert submit(client, assignment, scores=scores).status_code == 201
    assert current(assignment).scores.get(criterion__code="pixel_accuracy").value == 0


def test_on_a_slice_without_mask_pixels_the_protocol_says_what_applies(client):
    version = make_protocol_version(
        criteria=(
            ("contrast", "image"),
            ("pixel_accuracy", "annotation"),
            ("boundary_accuracy", "annotation"),
        )
    )
    version.content["criteria"][2]["applies_to_slice_without_mask_pixels"] = False
    version.save()
    study = running_study(items=1, labelled=1, protocol_version=version)
    study.sample.update(slice_index=0, mask_on_slice=False)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    scores = {"contrast": {"value": "17"}, "pixel_accuracy": {"value": "20"}}
    assert submit(log_in(client, rater), assignment, scores=scores).status_code == 201
    codes = dict(current(assignment).scores.values_list("criterion__code", "code"))
    assert codes == {"contrast": "", "pixel_accuracy": "", "boundary_accuracy": "not_applicable"}


@pytest.mark.parametrize("minimum_skips", [True, False])
def test_the_gate_skips_the_rest_only_where_the_study_says_so(client, minimum_skips):
    version = make_protocol_version(criteria=(("iqsc", "image"), ("contrast", "image")), maximum=4)
    version.content["gate"] = {"criterion": "iqsc", "minimum": 3}
    version.save()
    study = running_study(items=1, protocol_version=version, gate_skips_rest=minimum_skips)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    answer = submit(log_in(client, rater), assignment, scores={"iqsc": {"value": "2"}})
    if not minimum_skips:
        assert set(answer.json()["fields"]) == {"contrast"}
        return
    assert answer.status_code == 201
    codes = dict(current(assignment).scores.values_list("criterion__code", "code"))
    assert codes == {"iqsc": "", "contrast": "not_asked"}


def test_at_the_gate_s_minimum_the_rest_is_asked(client):
    version = make_protocol_version(criteria=(("iqsc", "image"), ("contrast", "image")), maximum=4)
    version.content["gate"] = {"criterion": "iqsc", "minimum": 3}
    version.save()
    study = running_study(items=1, protocol_version=version, gate_skips_rest=True)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    log_in(client, rater)
    assert submit(client, assignment, scores={"iqsc": {"value": "3"}}).status_code == 422
    unasked = {"iqsc": {"value": "2"}, "contrast": {"value": "1"}}
    assert set(submit(client, assignment, scores=unasked).json()["fields"]) == {"contrast"}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"value": "0"}, (Decimal(0), "", "", "")),
        ({"value": "20"}, (Decimal(20), "", "", "")),
        ({"value": "007"}, (Decimal(7), "", "", "")),
        ({"value": "-0"}, (Decimal(0), "", "", "")),
        (
            {"code": "cannot_judge", "reason": "region", "text": ""},
            (None, "cannot_judge", "region", ""),
        ),
        (
            {"code": "cannot_judge", "reason": "other", "text": " 牙列不全 "},
            (None, "cannot_judge", "other", "牙列不全"),
        ),
    ],
)
def test_a_score_is_a_number_or_that_it_cannot_be_judged(rater_client, first, given, stored):
    assert submit(rater_client, first, scores={"contrast": given}).status_code == 201
    score = current(first).scores.get(criterion__code="contrast")
    assert (score.value, score.code, score.reason, score.reason_text) == stored


@pytest.mark.parametrize(
    "given",
    [
        {"value": "21"},
        {"value": "-1"},
        {"value": "17.0"},
        {"value": "1e1"},
        {"value": "１７"},
        {"value": "٣"},
        {"value": ""},
        {"value": " 7"},
        {"value": "7\n"},
        {"value": "+7"},
        {"value": "0x10"},
        {"value": "NaN"},
        {"value": "Infinity"},
        {"value": "9" * 5000},
        {"value": 17},
        {"value": True},
        {"value": None},
        {"value": []},
        {"value": "17", "code": "cannot_judge"},
        {"value": "17", "code": ""},
        {"code": "cannot_judge"},
        {"code": "cannot_judge", "reason": "lazy"},
        {"code": "cannot_judge", "reason": ["other"]},
        {"code": "cannot_judge", "reason": "other", "text": "  "},
        {"code": "cannot_judge", "reason": "other", "text": "x" * 301},
        {"code": "cannot_judge", "reason": "other", "text": 7},
        {"code": "cannot_judge", "reason": "region", "why": "x"},
        {"code": "not_applicable"},
        {"code": "not_asked"},
        {"code": ["cannot_judge"]},
        {},
        [],
        "17",
        17,
        None,
    ],
)
def test_a_wrong_score_is_refused_at_its_field(rater_client, first, given):
    answer = submit(rater_client, first, scores={"contrast": given})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"contrast"}
    assert not Rating.objects.exists()


@pytest.mark.parametrize("code", ["pixel_accuracy", "sharpness", "", "x" * 500, "con\u202etrast"])
def test_scores_of_other_criteria_are_refused(rater_client, first, code):
    scores = {"contrast": {"value": "17"}, code: {"value": "3"}}
    answer = submit(rater_client, first, scores=scores)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {code[:60]}
    assert not Rating.objects.exists()


def test_decimals_as_many_as_the_protocol_allows(client):
    version = make_protocol_version(criteria=(("contrast", "image"),))
    version.criteria.update(decimals=1)
    rater = add_rater(running_study(items=1, protocol_version=version))
    (assignment,) = in_order(rater)
    log_in(client, rater)
    refused = submit(client, assignment, scores={"contrast": {"value": "17.25"}})
    assert refused.status_code == 422
    assert submit(client, assignment, scores={"contrast": {"value": "17.5"}}).status_code == 201
    assert current(assignment).scores.get().value == Decimal("17.5")


HOSTILE_FIELDS = [
    ("idempotency_key", None),
    ("idempotency_key", ""),
    ("idempotency_key", "x" * 65),
    ("idempotency_key", 7),
    ("idempotency_key", "a b"),
    ("idempotency_key", "schlüssel"),
    ("replaces", "no identifier"),
    ("replaces", 7),
    ("replaces", {}),
    ("scores", None),
    ("scores", []),
    ("scores", "17"),
    ("comment", None),
    ("comment", 7),
    ("comment", ["x"]),
    ("comment", "x" * 4001),
    ("active_ms", -1),
    ("active_ms", 2**31),
    ("active_ms", 10**30),
    ("active_ms", 1.5),
    ("active_ms", "21000"),
    ("active_ms", True),
    ("active_ms", None),
    ("wall_ms", -1),
    ("waiting_ms", -1),
    ("viewer_state", None),
    ("viewer_state", []),
    ("viewer_state", {"x": "y" * 9000}),
    ("submitted_at", None),
    ("submitted_at", ""),
    ("submitted_at", "yesterday"),
    ("submitted_at", "2026-03-02T08:30:00"),
    ("submitted_at", "2026-13-40T08:30:00Z"),
    ("submitted_at", "0001-01-01T00:00:00+14:00"),
    ("submitted_at", "9999-12-31T23:59:59-14:00"),
    ("submitted_at", 1772411400),
    ("rater", "someone else"),
]


SEEN = [(0, 0), (1, 1), (2, 2), (3, 2), (10**40, 2), (-1, 0)]


@pytest.mark.parametrize(
    ("sent", "stored"), [*SEEN, (None, 0), ("1", 0), (1.0, 0), (True, 0), ([1], 0), ({}, 0)]
)
def test_only_a_clarification_that_exists_counts_as_seen(rater_client, first, sent, stored):
    study = first.membership.study
    for number in (1, 2):
        Clarification.objects.create(
            study=study,
            number=number,
            texts={"en": "Judge the whole image."},
            ratings_before=0,
            published_by=study.created_by,
        )
    assert submit(rater_client, first, clarification_seen=sent).status_code == 201
    assert current(first).clarification_seen == stored


@pytest.mark.parametrize("sent", [None, "", "x" * 5000, "dim", 7, 1.5, True, [], {"id": "x"}])
def test_no_rating_is_lost_for_odd_conditions(rater_client, first, sent):
    assert submit(rater_client, first, conditions=sent).status_code == 201
    assert current(first).reading_conditions is None


def test_optional_fields_may_be_left_out(rater_client, first):
    body = submission()
    for name in ("conditions", "clarification_seen"):
        body.pop(name, None)
    assert send(rater_client, "submit_rating", first.token, body).status_code == 201
    assert current(first).clarification_seen == 0


@pytest.mark.parametrize(("name", "value"), HOSTILE_FIELDS)
def test_a_wrong_field_is_refused_by_name(rater_client, first, name, value):
    answer = submit(rater_client, first, **{name: value})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {name}
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "missing", ["idempotency_key", "scores", "active_ms", "wall_ms", "waiting_ms", "submitted_at"]
)
def test_a_missing_field_is_refused(rater_client, first, missing):
    body = submission()
    del body[missing]
    answer = send(rater_client, "submit_rating", first.token, body)
    assert answer.status_code == 422
    assert not Rating.objects.exists()


def _with(text: str) -> str:
    return json.dumps(submission(comment="HERE")).replace("HERE", text)


HOSTILE_BODIES = [
    b"",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"{",
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    b"{'a': 1}",
    b'{"active_ms": NaN}',
    b'{"active_ms": Infinity}',
    b'{"active_ms": -Infinity}',
    b'{"viewer_state": {"zoom": 1e999}}',
    b'{"active_ms": ' + b"9" * 5000 + b"}",
    b"[" * 30_000,
    b'{"viewer_state": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    b'{"viewer_state": ' + b'{"a":' * 50 + b"1" + b"}" * 51,
    _with("\\u0000").encode(),
    _with("\\ud800").encode(),
    _with("\\udc00\\ud800").encode(),
    json.dumps(submission(viewer_state={"\0": 1})).encode(),
    json.dumps(submission(scores={"contrast\0": {"value": "1"}})).encode(),
    b'{"comment": "' + b"x" * 70_000 + b'"}',
    b"x" * 6_000_000,
]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=range(len(HOSTILE_BODIES)))
@pytest.mark.parametrize("name", ["submit_rating", "save_draft", "report_problem"])
def test_a_hostile_body_is_refused_and_never_an_error(rater_client, first, name, body):
    method = "put" if name == "save_draft" else "post"
    address = {"submit_rating": "ratings", "save_draft": "draft", "report_problem": "problems"}
    answer = getattr(rater_client, method)(
        f"/rating/assignments/{first.token}/{address[name]}/",
        body,
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.json()["fields"]
    assert not Rating.objects.exists()
    assert not Draft.objects.exists()


NAUGHTY = [
    "'; DROP TABLE rating_rating; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% debug %}",
    "%s %d %(x)s %n",
    "../../../../etc/passwd",
    "\u202e\u2066abc\u2069\u202c",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "\ufeff\u200b\u00ad",
    "\x01\x1b[31m\x7f",
    "田中さんにあげて下さい",
    "ﷺ" * 100,
    "\u2028\u2029",
    "=cmd|' /C calc'!A0",
    "\r\n\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_is_kept_as_it_was_typed(rater_client, first, text):
    scores = {"contrast": {"code": "cannot_judge", "reason": "other", "text": f"a{text}b"}}
    answer = submit(
        rater_client, first, comment=text, scores=scores, viewer_state={"note": text, text: 1}
    )
    assert answer.status_code == 201
    rating = current(first)
    assert rating.comment == text
    assert rating.viewer_state == {"note": text, text: 1}
    assert rating.scores.get(criterion__code="contrast").reason_text == f"a{text}b"


@pytest.mark.parametrize("said", ["1971-01-01T00:00:00+00:00", "2199-06-01T12:00:00-11:00"])
def test_the_sender_s_clock_is_kept_as_it_says(rater_client, first, said):
    before = timezone.now()
    submit(rater_client, first, submitted_at=said)
    rating = current(first)
    assert rating.submitted_at == timezone.datetime.fromisoformat(said)
    assert before <= rating.received_at <= timezone.now()


def test_the_first_main_rating_freezes_the_protocol(rater_client, study, first):
    submit(rater_client, first)
    study.protocol_version.refresh_from_db()
    assert study.protocol_version.frozen_at is not None


def test_practice_counts_for_nothing_and_does_not_freeze_the_protocol(client):
    study = running_study(items=1, practice=1)
    rater = add_rater(study)
    practice = in_order(rater)[0]
    answer = submit(log_in(client, rater), practice)
    assert answer.json()["progress"] == {"rated": 0, "total": 1, "shown": 0}
    study.protocol_version.refresh_from_db()
    assert study.protocol_version.frozen_at is None


def test_it_deletes_the_draft(rater_client, first):
    draft = {"scores": {"contrast": {"value": "1"}}, "comment": "", "sequence": 5}
    send(rater_client, "save_draft", first.token, draft, method="put")
    assert Draft.objects.count() == 1
    submit(rater_client, first)
    assert not Draft.objects.exists()


def test_each_rating_leaves_one_event_without_names_or_scores(rater_client, study, first):
    one = submit(rater_client, first, comment="a remark").json()["rating"]["id"]
    submit(rater_client, first, replaces=one, scores={"contrast": {"value": "9"}})
    chain = Chain.objects.get(name=f"study:{study.pk}")
    events = list(Event.objects.filter(chain=chain, action="rating.submitted"))
    assert [event.object_id for event in events] == [
        str(pk) for pk in Rating.objects.order_by("pk").values_list("pk", flat=True)
    ]
    for event in events:
        assert set(event.details) == {"assignment", "body_hash"}
    assert list(broken_links(chain)) == []


@pytest.mark.parametrize(
    ("happen", "reason"),
    [
        (withdraw_rater, "rater_withdrawn"),
        (pause_study, "study_paused"),
        (close_study, "study_closed"),
        (withdraw_item, "item_withdrawn"),
        (hide_item, "item_hidden"),
        (drop_repeat, "repeat_dropped"),
    ],
)
def test_what_comes_too_late_is_kept_and_does_not_count(
    rater_client, rater, study, first, happen, reason
):
    happen(rater, first)
    body = submission()
    answers = [send(rater_client, "submit_rating", first.token, body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    rating = Rating.objects.get()
    # A dropped repeat must not be told from a withdrawn item
    told = "item_withdrawn" if reason == "repeat_dropped" else reason
    late = {"id": str(rating.public_id), "is_late": True, "late_reason": told}
    assert answers[0].json()["rating"] == answers[1].json()["rating"] == late
    assert (rating.is_late, rating.is_current, rating.late_reason) == (True, False, reason)
    assert rating.scores.get(criterion__code="contrast").value == 17
    first.refresh_from_db()
    rater.refresh_from_db()
    study.protocol_version.refresh_from_db()
    assert not first.is_rated
    assert rater.rated_count == 0
    assert study.protocol_version.frozen_at is None
    event = Event.objects.get(action="rating.submitted")
    assert event.details["late"] == reason


def test_a_late_change_leaves_the_current_rating_as_it_is(rater_client, rater, first):
    one = submit(rater_client, first).json()["rating"]["id"]
    close_study(rater, first)
    answer = submit(rater_client, first, replaces=one, scores={"contrast": {"value": "1"}})
    assert answer.status_code == 202
    assert str(current(first).public_id) == one
    assert Rating.objects.count() == 2


def test_with_repeats_a_change_after_the_distance_is_late(client):
    study = running_study(items=4, repeat_share="0.25", repeat_distance=2)
    rater = add_rater(study)
    add_repeat(rater, in_order(rater)[0].sampled_item)
    first, second, third = in_order(rater)[:3]
    log_in(client, rater)
    one = submit(client, first).json()["rating"]["id"]
    submit(client, second)
    change = submit(client, first, replaces=one)
    assert change.status_code == 201
    submit(client, third)
    too_late = submit(client, first, replaces=change.json()["rating"]["id"])
    assert too_late.status_code == 202
    assert too_late.json()["rating"]["late_reason"] == "reopened_too_late"
    assert current(first).public_id != too_late.json()["rating"]["id"]


def test_without_repeats_an_old_rating_can_be_changed(client):
    rater = add_rater(running_study(items=4, repeat_distance=1))
    log_in(client, rater)
    ids = [submit(client, one).json()["rating"]["id"] for one in in_order(rater)]
    answer = submit(client, in_order(rater)[0], replaces=ids[0])
    assert answer.status_code == 201


def test_other_people_do_not_find_the_assignment(client, rater, study, first):
    colleague = add_rater(study, "colleague")
    stranger = add_rater(running_study(items=1), "stranger")
    observer = make_membership(study, make_user("observer"), role="observer")
    coordinator = study.memberships.get(role="coordinator")
    for membership in (colleague, stranger, observer, coordinator):
        assert submit(log_in(client, membership), first).status_code == 404
    assert not Rating.objects.exists()


def test_without_log_in_it_answers_401_and_writes_nothing(client, first):
    answer = submit(client, first)
    assert answer.status_code == 401
    assert answer.json()["problem"] == "log_in"
    assert not Rating.objects.exists()


def test_it_needs_the_csrf_token(rater, first):
    strict = log_in(Client(enforce_csrf_checks=True), rater)
    assert submit(strict, first).status_code == 403
    assert not Rating.objects.exists()


def test_only_post(rater_client, first):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = rater_client.generic(method, f"/rating/assignments/{first.token}/ratings/")
        assert answer.status_code == 405


@pytest.mark.parametrize("items", [5, 60])
def test_the_number_of_queries_does_not_grow_with_the_study(
    client, items, django_assert_max_num_queries
):
    rater = add_rater(running_study(items=items))
    log_in(client, rater)
    first, second = in_order(rater)[:2]
    submit(client, first)
    with django_assert_max_num_queries(30):
        assert submit(client, second).status_code == 201
