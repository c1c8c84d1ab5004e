from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from sts_qa.protocols import queries
from tests.factories import make_user
from tests.protocols.contents import small_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol_file(tmp_path):
    file = tmp_path / "protocol.json"
    file.write_text(json.dumps(small_content()), encoding="utf-8")
    return file


def test_a_file_becomes_a_protocol_of_who_is_named(protocol_file, capsys):
    user = make_user("alice", coordinator=True)
    call_command("import_protocol", str(protocol_file), "--as", "alice")
    assert queries.latest_version("own").created_by == user
    assert capsys.readouterr().out == "Version 1 of “own” is saved.\n"


def test_errors_name_file_and_field(protocol_file):
    make_user("alice", coordinator=True)
    content = small_content()
    content["criteria"][0]["bands"][1]["from"] = 11
    protocol_file.write_text(json.dumps(content))
    with pytest.raises(CommandError) as caught:
        call_command("import_protocol", str(protocol_file), "--as", "alice")
    expected = f"{protocol_file}: criteria 1, bands 2, from: Leaves a gap: must be 10."
    assert str(caught.value) == expected
    assert queries.latest_version("own") is None


def test_image_criteria_after_the_mask_s_are_refused(protocol_file):
    make_user("alice", coordinator=True)
    content = small_content()
    del content["gate"]
    content["criteria"].reverse()
    protocol_file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CommandError, match="criteria 2, scope: The image criterion “contrast”"):
        call_command("import_protocol", str(protocol_file), "--as", "alice")
    assert queries.latest_version("own") is None


def test_a_missing_file_is_named(tmp_path):
    make_user("alice", coordinator=True)
    with pytest.raises(CommandError, match=r"none\.json: No such file"):
        call_command("import_protocol", str(tmp_path / "none.json"), "--as", "alice")


def test_a_huge_file_is_refused(protocol_file):
    make_user("alice", coordinator=True)
    protocol_file.write_bytes(b" " * 1_000_001)
    with pytest.raises(CommandError, match="larger than 1000 kB"):
        call_command("import_protocol", str(protocol_file), "--as", "alice")


def test_who_may_not_coordinate_is_refused(protocol_file):
    make_user("bob")
    with pytest.raises(CommandError, match="bob may not change protocols"):
        call_command("import_protocol", str(protocol_file), "--as", "bob")
    assert queries.latest_version("own") is None
