from __future__ import annotations

import pytest

from sts_qa.protocols import actions, queries
from sts_qa.protocols.models import Protocol
from tests.protocols.contents import small_content

OWN = "/protocols/own/1/edit/"
BUILT_IN = "/protocols/sts-evaluation/1/edit/"


def filled(client, address: str) -> dict[str, str]:
    """Return what a browser would post when the page is saved as it is."""
    return values_in(client.get(address))


def values_in(answer) -> dict[str, str]:
    form = answer.context["form"]
    values = {"latest_checksum": answer.context["latest_checksum"]}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            values[name] = "on"
        elif value is not False:
            values[name] = str(value)
    return values


def problems(answer) -> list[str]:
    assert answer.status_code == 422
    return [text for _field, text in answer.context["form"].problems]


@pytest.mark.parametrize("slug", ["sts-evaluation", "iqsc", "iqsc-then-sts-evaluation"])
def test_a_copy_of_a_built_in_protocol_keeps_everything_but_its_name(as_coordinator, slug):
    address = f"/protocols/{slug}/1/edit/"
    answer = as_coordinator.post(address, filled(as_coordinator, address))
    assert (answer.status_code, answer.url) == (302, f"/protocols/{slug}-copy/1/")
    original = queries.built_in_version(slug).content
    assert queries.latest_version(f"{slug}-copy").content == original | {"slug": f"{slug}-copy"}


def test_a_built_in_protocol_cannot_be_saved_over(as_coordinator):
    values = filled(as_coordinator, BUILT_IN) | {"slug": "sts-evaluation", "title-en": "Mine"}
    (problem,) = problems(as_coordinator.post(BUILT_IN, values))
    assert problem.startswith("slug: This is a built-in protocol")
    assert queries.built_in_version("sts-evaluation").content["title"]["en"] == "STS evaluation"


def test_a_changed_text_of_a_frozen_version_is_saved_as_the_next_one(as_coordinator, own):
    actions.freeze_version(version=own, acting_user=None)
    values = filled(as_coordinator, OWN) | {"criteria-0-bands-1-label-en": "Very high"}
    assert as_coordinator.post(OWN, values).url == "/protocols/own/2/"

    labels = [
        queries.version_of("own", number).content["criteria"][0]["bands"][1]["label"]["en"]
        for number in (1, 2)
    ]
    assert labels == ["High", "Very high"]


def test_another_name_makes_another_protocol_and_never_touches_a_third(
    as_coordinator, own, coordinator
):
    third = actions.create_protocol(content=small_content("third"), acting_user=coordinator)
    values = filled(as_coordinator, OWN) | {"title-en": "Changed"}
    assert as_coordinator.post(OWN, values | {"slug": "fresh"}).url == "/protocols/fresh/1/"
    (problem,) = problems(as_coordinator.post(OWN, values | {"slug": "third"}))
    assert problem == "slug: Another protocol has this name. Choose another one."
    assert queries.latest_version("third").checksum == third.checksum
    assert queries.latest_version("own").checksum == own.checksum


def test_who_saves_an_outdated_page_overwrites_nothing(as_coordinator, own, coordinator):
    values = filled(as_coordinator, OWN) | {"title-en": "Mine"}
    content = small_content()
    content["title"]["en"] = "Theirs"
    actions.save_protocol(content=content, acting_user=coordinator)

    (problem,) = problems(as_coordinator.post(OWN, values))
    assert "Someone else has saved version 1" in problem
    assert queries.latest_version("own").content["title"]["en"] == "Theirs"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("slug", "Not A Slug", "slug: Use lower-case letters a to z, digits and single hyphens."),
        ("title-en", " ", "title, en: The text in this language is missing."),
        ("criteria-0-maximum", "many", "criteria 1, maximum: Give a number."),
        ("criteria-0-maximum", "", "criteria 1, maximum: This field is missing."),
        (
            "criteria-0-maximum",
            "nan",
            "criteria 1, maximum: This is not a number. Give a plain number.",
        ),
        ("criteria-0-scope", "film", "criteria 1, scope: Must be one of: image, annotation."),
        (
            "criteria-0-bands-1-from",
            "9",
            "criteria 1, bands 2, from: Overlaps or starts too low: must be 10.",
        ),
        (
            "criteria-1-levels-2-value",
            "2",
            "criteria 2, levels 3, value: Another level has this value.",
        ),
        ("gate-minimum", "21", "gate, minimum: Must lie between 0 and 20."),
        (
            "criteria-1-guidance-slice-text-en",
            "Look",
            "criteria 2, guidance, slice, text, zh-hans: The text in this language is missing.",
        ),
    ],
)
def test_each_fault_is_told_at_its_field(as_coordinator, own, name, value, problem):
    answer = as_coordinator.post(OWN, filled(as_coordinator, OWN) | {name: value})
    assert problem in problems(answer)
    link = next(field for field, text in answer.context["form"].problems if text == problem)
    assert f'href="#{link}"' in answer.content.decode()
    assert f'id="{link}"' in answer.content.decode()
    assert queries.latest_version("own").checksum == own.checksum


def step(client, name: str, values=None) -> dict:
    """Press one of the buttons that change the outline; return the content then in the form."""
    answer = client.post(OWN, (values or filled(client, OWN)) | {"step": name})
    assert answer.status_code == 200
    return answer.context["form"].outline


def test_a_criterion_moved_behind_the_mask_s_is_told_at_its_field(as_coordinator, own):
    step_down = filled(as_coordinator, OWN) | {"step": "down-criterion-0"}
    values = values_in(as_coordinator.post(OWN, step_down)) | {"gate-minimum": ""}
    answer = as_coordinator.post(OWN, values)
    (problem,) = problems(answer)
    assert problem.startswith("criteria 2, scope: The image criterion “contrast” comes after")
    assert answer.context["form"].errors.keys() == {"criteria-1-scope"}
    assert f"{problem.partition(': ')[2]}</" in answer.content.decode()


def test_the_outline_is_changed_by_buttons_without_saving(as_coordinator, own):
    def codes(content):
        return [criterion.get("code", "") for criterion in content["criteria"]]

    assert codes(step(as_coordinator, "down-criterion-0")) == ["outline", "contrast"]
    assert codes(step(as_coordinator, "up-criterion-1")) == ["outline", "contrast"]
    assert codes(step(as_coordinator, "up-criterion-0")) == ["contrast", "outline"]
    assert codes(step(as_coordinator, "remove-criterion-0")) == ["outline"]
    assert codes(step(as_coordinator, "add-criterion")) == ["contrast", "outline", ""]
    assert len(step(as_coordinator, "add-bands-0")["criteria"][0]["bands"]) == 3
    assert len(step(as_coordinator, "remove-bands-0-0")["criteria"][0]["bands"]) == 1
    assert len(step(as_coordinator, "add-levels-1")["criteria"][1]["levels"]) == 4
    assert queries.latest_version("own").checksum == own.checksum


def test_what_was_typed_survives_a_button(as_coordinator, own):
    values = filled(as_coordinator, OWN) | {"title-en": "Half typed", "criteria-0-maximum": "x"}
    content = step(as_coordinator, "add-criterion", values)
    assert content["title"]["en"] == "Half typed"
    assert content["criteria"][0]["maximum"] == "x"


def test_a_language_can_be_dropped(as_coordinator, own):
    values = filled(as_coordinator, OWN) | {"languages": "en"}
    assert as_coordinator.post(OWN, values).status_code == 302
    assert queries.latest_version("own").content["languages"] == ["en"]


@pytest.mark.parametrize(
    "hostile",
    ["remove-criterion-99", "add-", "up-criterion", "drop-table-1", "add-bands-99", "x" * 9999],
)
def test_unknown_buttons_change_nothing(as_coordinator, own, hostile):
    assert len(step(as_coordinator, hostile)["criteria"]) == 2


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"criteria-count": "-1"},
        {"criteria-count": "999999999999"},
        {"criteria-count": "²"},
        {"criteria-count": "1", "criteria-0-bands-count": "999", "languages": "<b>,'" + "x" * 500},
        {"slug": "a\x00b"},
    ],
)
def test_posted_nonsense_is_refused_and_saves_nothing(as_coordinator, own, values):
    before = Protocol.objects.count()
    assert as_coordinator.post(OWN, values).status_code == 422
    assert Protocol.objects.count() == before


def test_a_protocol_with_more_fields_than_a_form_may_have_points_to_the_file(
    as_coordinator, coordinator
):
    content = small_content("large")
    first = content["criteria"][0]
    content["languages"] = ["en", "zh-hans"]
    content["criteria"] = [
        first
        | {
            "code": f"criterion{number}",
            "maximum": 19,
            "bands": [
                {"from": score, "to": score, "label": {"en": "a", "zh-hans": "b"}}
                for score in range(20)
            ],
        }
        for number in range(20)
    ]
    del content["gate"]
    actions.create_protocol(content=content, acting_user=coordinator)
    answer = as_coordinator.get("/protocols/large/1/edit/", follow=True)
    assert answer.redirect_chain == [("/protocols/large/1/", 302)]
    assert "too large for the form" in answer.content.decode()


def test_a_button_that_would_outgrow_the_form_keeps_what_was_typed(
    as_coordinator, own, monkeypatch
):
    values = filled(as_coordinator, OWN) | {"title-en": "Half typed"}
    monkeypatch.setattr("sts_qa.protocols.views.MOST_FIELDS", len(values))
    page = as_coordinator.post(OWN, values | {"step": "add-criterion"}).content.decode()
    assert "too large for the form" in page
    assert 'value="Half typed"' in page


def test_an_unknown_version_is_404(as_coordinator, own):
    assert as_coordinator.get("/protocols/own/2/edit/").status_code == 404


def test_people_without_permission_are_refused(as_rater):
    assert as_rater.get(BUILT_IN).status_code == 403
    assert as_rater.post(BUILT_IN, {"slug": "mine"}).status_code == 403


@pytest.mark.django_db
def test_who_is_not_logged_in_is_sent_to_log_in(client):
    answer = client.post(BUILT_IN, {"slug": "mine"})
    assert (answer.status_code, answer.url) == (302, f"/account/log-in/?next={BUILT_IN}")
