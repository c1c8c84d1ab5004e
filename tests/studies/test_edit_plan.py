from decimal import Decimal

import pytest

from sts_qa.audit.models import Event
from tests.studies.plan_data import PLAN

pytestmark = pytest.mark.django_db


def test_it_shows_the_plan_as_it_stands(client, people):
    client.force_login(people.coordinator)
    form = client.get(people.address("edit_plan")).context["form"]
    assert (form["percent"].value(), form["seed"].value()) == ("50", 3)


def test_it_changes_the_plan_on_record(client, people):
    client.force_login(people.coordinator)
    answer = client.post(people.address("edit_plan"), PLAN | {"percent": "25", "seed": "9"})
    assert answer["Location"] == people.address("show_study")
    study = people.refresh()
    assert (study.fraction, study.seed) == (Decimal("0.25"), 9)
    assert Event.objects.filter(action="study.plan_changed").count() == 1


def test_exceptions_come_back_as_they_were_typed(client, people, dataset):
    client.force_login(people.coordinator)
    field = f"size-{dataset.categories.get(name='A-PXI').pk}"
    typed = {field: "12.5%", f"{field}-labelled": "2"}
    client.post(people.address("edit_plan"), PLAN | typed)
    form = client.get(people.address("edit_plan")).context["form"]
    assert {name: form[name].value() for name in typed} == typed


def test_an_error_changes_nothing(client, people):
    client.force_login(people.coordinator)
    answer = client.post(people.address("edit_plan"), PLAN | {"percent": "200"})
    assert answer.status_code == 422
    assert people.refresh().fraction == Decimal("0.5")


def test_the_view_is_shown_as_it_stands_and_changes_until_the_draw(client, people):
    client.force_login(people.coordinator)
    client.post(people.address("edit_plan"), PLAN | {"view_policy": "locked"})
    form = client.get(people.address("edit_plan")).context["form"]
    assert form["view_policy"].value() == "locked"
    answer = client.post(people.address("edit_plan"), PLAN | {"carries_window": "on"})
    assert answer.status_code == 302
    study = people.refresh()
    assert (study.view_policy, study.carries_window) == ("free", True)


def test_a_drawn_sample_fixes_the_plan(client, drawn):
    client.force_login(drawn.coordinator)
    assert client.get(drawn.address("edit_plan")).status_code == 302
    client.post(drawn.address("edit_plan"), PLAN | {"view_policy": "locked"})
    study = drawn.refresh()
    assert (study.fraction, study.view_policy) == (Decimal("0.5"), "free")


def test_only_coordinators_of_the_study_may(people, check_access):
    check_access(people, people.address("edit_plan"), observer=403)
    check_access(people, people.address("edit_plan"), method="post", observer=403)
