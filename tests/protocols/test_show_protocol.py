from __future__ import annotations

import re
from html import unescape

import pytest

from sts_qa.protocols import actions
from tests.protocols.contents import small_content

ADDRESS = "/protocols/sts-evaluation/"


def rows_of(page: str, caption_id: str) -> list[list[str]]:
    """Return the texts of the cells of the table with that caption, row by row."""
    table = page[page.index(f'id="{caption_id}"') :]
    table = table[: table.index("</table>")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_the_rubric_reads_as_table_4_of_the_paper(as_coordinator):
    rows = rows_of(as_coordinator.get(ADDRESS).content.decode(), "bands-1")
    assert rows == [
        [
            "Score",
            "Contrast image",
            "Sharpness image",
            "Artifacts image",
            "Pixel accuracy annotation",
            "Boundary accuracy annotation",
        ],
        ["0–5", "Unclear", "Unclear", "Many", "Unclear", "Unclear"],
        ["6–10", "Slightly Clear", "Slightly Clear", "Some", "Slightly Clear", "Slightly Clear"],
        ["11–15", "Mostly Clear", "Mostly Clear", "Few", "Mostly Clear", "Mostly Clear"],
        ["16–20", "Clear", "Clear", "None", "Clear", "Clear"],
    ]


def test_the_rubric_in_chinese(as_coordinator):
    page = as_coordinator.get(ADDRESS, {"language": "zh-hans"}).content.decode()
    assert rows_of(page, "bands-1")[1] == ["0–5", "不清晰", "不清晰", "多", "不清晰", "不清晰"]
    assert 'lang="zh-hans"' in page


def test_guidance_follows_the_kind_of_image(as_coordinator):
    radiograph = as_coordinator.get(ADDRESS).content.decode()
    volume = as_coordinator.get(ADDRESS, {"kind": "volume"}).content.decode()
    assert "one in ten" in volume
    assert "one in ten" not in radiograph


def test_levels_show_what_is_a_gloss_and_the_required_structures(as_coordinator):
    page = as_coordinator.get("/protocols/iqsc/").content.decode()
    levels = rows_of(page, "levels-iqsc")[1:]
    assert [level[0] for level in levels] == ["0", "1", "2", "3", "4"]
    assert ["LDCTIQAC" in level[2] for level in levels] == [False, True, True, False, False]
    assert "Crowns of the teeth" in levels[0][2]
    assert "below 3 counts as poor" in page


def test_a_language_that_the_protocol_lacks_falls_back_with_a_notice(as_coordinator, coordinator):
    content = small_content("english-only")
    content["languages"] = ["en"]

    def in_english(value):
        if isinstance(value, dict):
            return {name: in_english(inner) for name, inner in value.items() if name != "zh-hans"}
        return [in_english(inner) for inner in value] if isinstance(value, list) else value

    actions.create_protocol(content=in_english(content), acting_user=coordinator)
    page = as_coordinator.get("/protocols/english-only/", {"language": "zh-hans"}).content.decode()
    assert "no texts in the language asked for" in page
    assert "no texts" not in as_coordinator.get("/protocols/english-only/").content.decode()


def test_each_version_has_its_own_page(as_coordinator, own, coordinator):
    actions.freeze_version(version=own, acting_user=None)
    content = small_content()
    content["title"]["en"] = "Second title"
    actions.save_protocol(content=content, acting_user=coordinator)

    assert "Own protocol" in as_coordinator.get("/protocols/own/1/").content.decode()
    assert "Second title" in as_coordinator.get("/protocols/own/2/").content.decode()
    assert "Second title" in as_coordinator.get("/protocols/own/").content.decode()


def test_texts_are_shown_as_text_never_as_markup(as_coordinator, coordinator):
    content = small_content("markup")
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"{{ 7|add:7 }}"
    content["title"]["en"] = attack
    content["source"] = attack + " https://example.org/'onclick='alert(1)"
    content["description"] = {"en": attack, "zh-hans": attack}
    for criterion in content["criteria"]:
        criterion["title"]["en"] = criterion["ends"]["minimum"]["en"] = attack
        criterion["question"] = {"en": attack, "zh-hans": attack}
        criterion["guidance"] = {
            "radiograph": {"text": {"en": attack, "zh-hans": attack}, "source": attack}
        }
    content["criteria"][0]["bands"][0]["label"]["en"] = attack
    content["criteria"][1]["levels"][0] |= {
        "text": {"en": attack, "zh-hans": attack},
        "is_gloss": True,
        "source": attack,
    }
    version = actions.create_protocol(content=content, acting_user=coordinator)
    for address in (
        "/protocols/",
        "/protocols/markup/",
        f"/protocols/markup/{version.number}/edit/",
    ):
        page = as_coordinator.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "'onclick='" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "address",
    [
        "/protocols/none-such/",
        "/protocols/sts-evaluation/99/",
        f"/protocols/sts-evaluation/{10**40}/",
        "/protocols/sts-evaluation/?kind=film",
    ],
)
def test_what_does_not_exist_is_404(as_coordinator, address):
    assert as_coordinator.get(address).status_code == 404


def test_people_without_permission_are_refused(as_rater):
    assert as_rater.get(ADDRESS).status_code == 403


@pytest.mark.django_db
def test_who_is_not_logged_in_is_sent_to_log_in(client):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.url) == (302, f"/account/log-in/?next={ADDRESS}")
