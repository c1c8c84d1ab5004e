"""Protocols are made, versioned and frozen by actions, each leaving an event."""

from __future__ import annotations

import copy
import hashlib
import json

import pytest

from sts_qa.audit.models import Event
from sts_qa.protocols import actions, queries
from sts_qa.protocols.content_errors import InvalidContentError
from sts_qa.protocols.models import Protocol, ProtocolVersion
from tests.factories import make_study, make_user
from tests.protocols.contents import small_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return make_user(coordinator=True)


def changed(content, title="Another title"):
    content = copy.deepcopy(content)
    content["title"]["en"] = title
    return content


def test_a_new_protocol_has_version_1_with_criterion_rows_in_order(author):
    version = actions.create_protocol(content=small_content(), acting_user=author)

    assert (version.number, version.frozen_at, version.created_by) == (1, None, author)
    rows = version.criteria.values_list("code", "position", "scope", "minimum", "maximum")
    assert list(rows) == [("contrast", 0, "image", 0, 20), ("outline", 1, "annotation", 1, 3)]


def test_the_checksum_is_the_sha256_of_the_canonical_json(author):
    version = actions.create_protocol(content=small_content(), acting_user=author)

    text = json.dumps(version.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert version.checksum == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_20_and_20_point_0_are_the_same_content(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    content = small_content()
    content["criteria"][0]["maximum"] = 20.0
    again = actions.save_protocol(content=content, acting_user=author)

    assert (again.pk, again.checksum) == (first.pk, first.checksum)


def test_what_may_be_left_out_does_not_change_the_checksum(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    content = small_content() | {"source": ""}
    content["criteria"][0] |= {"decimals": 0, "ordinal": False, "guidance": {}}
    content["criteria"][1]["levels"][0]["is_gloss"] = False

    assert actions.save_protocol(content=content, acting_user=author).checksum == first.checksum


def test_who_edited_an_outdated_page_is_told_so(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    seen = first.checksum
    actions.save_protocol(content=changed(small_content()), acting_user=author)

    with pytest.raises(InvalidContentError, match="Someone else has saved version 1"):
        actions.add_version(
            protocol=first.protocol,
            content=changed(small_content(), "Third title"),
            acting_user=author,
            expected_checksum=seen,
        )


def test_each_act_leaves_an_event_without_names(author):
    version = actions.create_protocol(content=small_content(), acting_user=author)
    actions.save_protocol(content=changed(small_content()), acting_user=author)
    actions.freeze_version(version=version, acting_user=author)

    events = Event.objects.filter(actor=str(author.opaque_id)).order_by("id")
    assert [event.action for event in events] == [
        "protocol.version_added",
        "protocol.version_replaced",
        "protocol.version_frozen",
    ]
    assert {event.chain.name for event in events} == {"installation"}
    assert events[1].details["replaced_checksum"] == events[0].details["checksum"]


def test_an_unused_version_is_replaced_with_its_criteria(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    content = small_content()
    del content["criteria"][0], content["gate"]
    second = actions.save_protocol(content=content, acting_user=author)

    assert (second.pk, second.number) == (first.pk, 1)
    assert [criterion.code for criterion in second.criteria.all()] == ["outline"]


def test_a_version_that_a_study_uses_is_kept_and_a_new_one_made(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    make_study(protocol_version=first, coordinator=author)
    second = actions.save_protocol(content=changed(small_content()), acting_user=author)

    first.refresh_from_db()
    assert second.number == 2
    assert first.content["title"]["en"] == "Own protocol"


def test_a_frozen_version_never_changes(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    actions.freeze_version(version=first, acting_user=author)
    before = ProtocolVersion.objects.values().get(pk=first.pk)
    codes = list(first.criteria.values_list("pk", "code", "minimum", "maximum"))

    content = changed(small_content())
    content["criteria"][0]["maximum"] = 40
    content["criteria"][0]["bands"][1]["to"] = 40
    second = actions.add_version(protocol=first.protocol, content=content, acting_user=author)

    assert second.number == 2
    assert ProtocolVersion.objects.values().get(pk=first.pk) == before
    assert list(first.criteria.values_list("pk", "code", "minimum", "maximum")) == codes


def test_freezing_twice_keeps_the_first_time_and_leaves_one_event(author):
    version = actions.create_protocol(content=small_content(), acting_user=author)
    stale = ProtocolVersion.objects.get(pk=version.pk)
    actions.freeze_version(version=version, acting_user=author)
    actions.freeze_version(version=stale, acting_user=author)

    assert stale.frozen_at == version.frozen_at is not None
    assert Event.objects.filter(action="protocol.version_frozen").count() == 1


def test_the_same_content_makes_no_new_version_and_no_event(author):
    first = actions.create_protocol(content=small_content(), acting_user=author)
    actions.freeze_version(version=first, acting_user=author)
    events = Event.objects.count()

    again = actions.save_protocol(content=small_content(), acting_user=author)

    assert again.pk == first.pk
    assert Event.objects.count() == events


def test_a_taken_slug_is_refused_at_the_slug(author):
    actions.create_protocol(content=small_content(), acting_user=author)
    with pytest.raises(InvalidContentError) as caught:
        actions.create_protocol(content=small_content(), acting_user=author)
    assert [error.path for error in caught.value.errors] == [("slug",)]


@pytest.mark.parametrize("slug", ["sts-evaluation", "iqsc", "iqsc-then-sts-evaluation"])
def test_nobody_changes_a_built_in_protocol(author, slug):
    before = queries.built_in_version(slug)
    content = changed(before.content)
    for act in (actions.create_protocol, actions.save_protocol):
        with pytest.raises(InvalidContentError) as caught:
            act(content=content, acting_user=author)
        assert [error.path for error in caught.value.errors] == [("slug",)]
    assert queries.built_in_version(slug).checksum == before.checksum


def test_a_version_for_another_protocol_is_refused(author):
    version = actions.create_protocol(content=small_content(), acting_user=author)
    content = small_content(slug="other")
    with pytest.raises(InvalidContentError) as caught:
        actions.add_version(protocol=version.protocol, content=content, acting_user=author)
    assert [error.path for error in caught.value.errors] == [("slug",)]


def test_refused_content_leaves_nothing(author):
    before = (Protocol.objects.count(), Event.objects.count())
    content = small_content()
    content["criteria"][0]["maximum"] = -1
    with pytest.raises(InvalidContentError):
        actions.create_protocol(content=content, acting_user=author)
    assert (Protocol.objects.count(), Event.objects.count()) == before


def test_installing_the_built_in_protocols_again_changes_nothing():
    before = list(ProtocolVersion.objects.values())
    events = Event.objects.count()
    actions.install_built_in_protocols()
    assert list(ProtocolVersion.objects.values()) == before
    assert len(before) == 3
    assert Event.objects.count() == events


def test_new_texts_of_a_used_built_in_protocol_become_a_new_version():
    old = queries.built_in_version("iqsc")
    ProtocolVersion.objects.filter(pk=old.pk).update(
        content=changed(old.content), checksum="0" * 64
    )
    actions.freeze_version(version=old, acting_user=None)
    actions.install_built_in_protocols()

    newest = queries.built_in_version("iqsc")
    assert newest.number == 2
    assert old.protocol.versions.get(number=1).content["title"]["en"] == "Another title"


@pytest.mark.django_db(transaction=True)
def test_built_in_protocols_survive_the_flush_between_tests_first_run():
    queries.built_in_version("sts-evaluation")


@pytest.mark.django_db(transaction=True)
def test_built_in_protocols_survive_the_flush_between_tests_second_run():
    assert queries.built_in_version("sts-evaluation").criteria.count() == 5
