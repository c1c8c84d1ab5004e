from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sts_qa.protocols import actions, queries
from sts_qa.protocols.models import Protocol
from tests.protocols.contents import small_content

ADDRESS = "/protocols/upload/"


def upload(client, data: bytes, name: str = "protocol.json"):
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, data)})


def as_bytes(content) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def refused(answer) -> list[str]:
    """Return the errors shown for a file that was refused; nothing may have been saved."""
    assert answer.status_code == 422
    assert Protocol.objects.filter(built_in=False).count() == 0
    return [str(error) for error in answer.context["errors"]]


def test_a_good_file_becomes_a_protocol(as_coordinator):
    answer = upload(as_coordinator, as_bytes(small_content()))
    assert (answer.status_code, answer.url) == (302, "/protocols/own/1/")
    assert queries.latest_version("own").content["title"]["zh-hans"] == "自有方案"


def test_a_byte_order_mark_is_accepted(as_coordinator):
    upload(as_coordinator, b"\xef\xbb\xbf" + as_bytes(small_content()))
    assert queries.latest_version("own") is not None


def test_the_name_of_an_own_frozen_protocol_makes_its_next_version(as_coordinator, own):
    actions.freeze_version(version=own, acting_user=None)
    content = small_content()
    content["title"]["en"] = "Second title"
    assert upload(as_coordinator, as_bytes(content)).url == "/protocols/own/2/"


def test_the_name_of_a_built_in_protocol_is_refused(as_coordinator):
    content = queries.built_in_version("iqsc").content | {"source": "mine"}
    (error,) = refused(upload(as_coordinator, as_bytes(content)))
    assert error.startswith("slug: This is a built-in protocol")


def test_errors_name_their_fields(as_coordinator):
    content = small_content()
    content["criteria"][0]["bands"][1]["from"] = 11
    content["criteria"][1]["code"] = "contrast"
    answer = upload(as_coordinator, as_bytes(content))
    errors = refused(answer)
    assert "criteria 1, bands 2, from: Leaves a gap: must be 10." in errors
    assert "criteria 2, code: Another criterion has this code already." in errors
    assert "criteria 1, bands 2, from" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not UTF-8"),
        (b"slug: own", "not JSON: line 1, column 1"),
        (b'{"format": 1,}', "not JSON: line 1"),
        ('{"format": 1}'.encode("utf-16"), "not UTF-8"),
        ("{“format”: 1}".encode("gb18030"), "not UTF-8"),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply"),
        (b'{"title": ' + b"[" * 50 + b"]" * 50 + b"}", "nested too deeply"),
        (b'{"format": 1, "slug": "a", "slug": "b"}', "“slug” stands twice"),
        (b'{"format": NaN}', "NaN is not a number"),
        (b'{"format": -Infinity}', "-Infinity is not a number"),
        (b'{"format": 1e999}', "format: This is not a number"),
        (b'{"format": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (b'{"slug": "a\\u0000b"}', "slug: Holds a character that is not text (U+0000)"),
        (b'{"slug": "\\ud800"}', "slug: Holds a character that is not text (U+D800)"),
        (b'{"\\ud800": 1}', "?: Holds a character that is not text (U+D800)"),
        (b"[]", "Give a group of named fields"),
        (b"null", "Give a group of named fields"),
        (b"7", "Give a group of named fields"),
        (b'"text"', "Give a group of named fields"),
    ],
)
def test_hostile_files_are_refused_with_their_reason(as_coordinator, data, words):
    assert any(words in error for error in refused(upload(as_coordinator, data)))


def test_a_huge_file_is_refused_unread(as_coordinator, monkeypatch):
    monkeypatch.setattr("sts_qa.protocols.forms.read_content", lambda data: pytest.fail("read"))
    errors = refused(upload(as_coordinator, b" " * 1_000_001))
    assert errors == ["The file is larger than 1000 kB; a protocol is a small text file."]


def test_thousands_of_faults_make_a_page_of_bounded_size(as_coordinator):
    content = small_content() | {f"unknown{number}": 1 for number in range(5000)}
    assert len(refused(upload(as_coordinator, as_bytes(content)))) == 100


def test_markup_in_a_field_name_is_shown_as_text(as_coordinator):
    content = small_content() | {"<script>alert(1)</script>": 1}
    answer = upload(as_coordinator, as_bytes(content))
    refused(answer)
    assert "<script>alert" not in answer.content.decode()
    assert "&lt;script&gt;alert" in answer.content.decode()


def test_naughty_strings_are_kept_or_refused_and_never_break_a_page(as_coordinator, sample_data):
    text = (sample_data / "hostile" / "text" / "blns.txt").read_text(encoding="utf-8")
    strings = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    assert len(strings) > 400
    for start in range(0, len(strings), 20):
        content = small_content()
        part = strings[start : start + 20]
        content["description"] = {"en": "\n".join(part), "zh-hans": part[0]}
        content["criteria"][0]["title"] = {"en": part[-1][:200], "zh-hans": part[0][:200]}
        answer = upload(as_coordinator, as_bytes(content))
        assert answer.status_code in {302, 422}
        if answer.status_code == 302:
            stored = queries.latest_version("own").content["description"]["en"]
            assert stored == "\n".join(part)
            page = as_coordinator.get(answer.url)
            assert page.status_code == 200
            assert "<script>alert" not in page.content.decode()
            assert "<img src=x" not in page.content.decode()


def test_no_file_is_an_error_at_the_field(as_coordinator):
    answer = as_coordinator.post(ADDRESS)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_the_page_shows_the_form(as_coordinator):
    assert 'type="file"' in as_coordinator.get(ADDRESS).content.decode()


def test_people_without_permission_are_refused(as_rater):
    assert as_rater.get(ADDRESS).status_code == 403
    assert upload(as_rater, as_bytes(small_content())).status_code == 403
    assert queries.latest_version("own") is None


@pytest.mark.django_db
def test_who_is_not_logged_in_is_sent_to_log_in(client):
    answer = upload(client, as_bytes(small_content()))
    assert (answer.status_code, answer.url) == (302, f"/account/log-in/?next={ADDRESS}")
    assert queries.latest_version("own") is None
