from decimal import Decimal

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.protocols.queries import latest_version
from sts_qa.studies.models import Membership, Study
from tests.factories import (
    make_dataset,
    make_membership,
    make_protocol_version,
    make_study,
    make_user,
)
from tests.studies.plan_data import new_study, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/studies/new/"


@pytest.fixture
def version(db):
    return make_protocol_version("own")


@pytest.fixture
def post(client, coordinator, dataset, version):
    client.force_login(coordinator)
    return lambda **changed: client.post(ADDRESS, new_study(dataset, version, **changed))


def test_it_shows_what_the_usual_plan_would_draw(client, coordinator, dataset):
    client.force_login(coordinator)
    page = client.get(ADDRESS)
    assert page.status_code == 200
    # 30 % of 20 radiographs and of 6 volumes: 6 and 1.8, so 2
    assert "All 26 0 0 0 0 26 8 18" in text_of(page)


def test_the_usual_plan_is_shown_without_complaint(client, coordinator, dataset):
    client.force_login(coordinator)
    page = client.get(ADDRESS)
    assert "cannot be carried out" not in text_of(page)
    assert "8 of 26 drawn" in text_of(page)


def test_it_creates_a_draft_with_the_plan_and_its_coordinator(post, coordinator, dataset, version):
    category = dataset.categories.get(name="A-PXI")
    answer = post(
        percent="12.5",
        raters_per_item="2",
        repeat_percent="10",
        live_results="on",
        seed="2147483647",
        **{f"size-{category.pk}-labelled": "3", f"size-{category.pk}": "50 %"},
    )
    study = Study.objects.get()
    assert answer["Location"] == reverse("studies:show_study", args=[study.public_id])
    assert (study.state, study.dataset, study.protocol_version) == ("draft", dataset, version)
    assert study.fraction == Decimal("0.125")
    assert study.repeat_share == Decimal("0.1")
    assert (study.raters_per_item, study.live_results, study.seed) == (2, True, 2147483647)
    assert study.sizes == {"A-PXI": {"fraction": "0.5"}, "A-PXI/labelled": {"number": 3}}
    assert study.memberships.get().role == Membership.Role.COORDINATOR
    assert Event.objects.filter(action="study.created").count() == 1


def test_the_seed_shown_differs_each_time(client, coordinator, dataset):
    client.force_login(coordinator)
    seeds = {client.get(ADDRESS).context["form"]["seed"].value() for _ in range(3)}
    assert len(seeds) > 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("percent", "0"),
        ("percent", "101"),
        ("percent", "many"),
        ("seed", "-1"),
        ("seed", str(2**63)),
        ("raters_per_item", "0"),
        ("slices_per_volume", "0"),
        ("repeat_percent", "101"),
        ("repeat_distance", "0"),
        ("gate_skips_rest", "on"),
        ("dataset", "999999"),
        ("protocol_version", "999999"),
        ("protocol_version", ""),
        ("unit", "tooth"),
        ("view_policy", "stretched"),
    ],
)
def test_an_error_stands_at_its_field_and_nothing_is_made(post, field, value):
    answer = post(**{field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not Study.objects.exists()


@pytest.mark.parametrize(("text", "reason"), [("5", "Only 4"), ("0.3", "whole number"), ("0%", "")])
def test_a_wrong_exception_is_refused_at_its_own_field(post, dataset, text, reason):
    field = f"size-{dataset.categories.get(name='A-PXI').pk}-labelled"
    answer = post(**{field: text})
    assert answer.status_code == 422
    assert reason in answer.context["form"].errors[field][0]
    assert not Study.objects.exists()


def test_exceptions_of_strata_count_only_where_strata_are_drawn(post, dataset):
    field = f"size-{dataset.categories.get(name='A-PXI').pk}-labelled"
    post(**{field: "3", "stratification": "none"})
    assert Study.objects.get().sizes == {}


def test_a_gate_is_taken_from_a_protocol_that_has_one(post):
    version = latest_version("iqsc-then-sts-evaluation")
    post(protocol_version=version.pk, gate_skips_rest="on")
    assert Study.objects.get().gate_skips_rest


def test_every_rater_begins_at_the_standard_view_and_is_free_then(post):
    post()
    study = Study.objects.get()
    assert (study.view_policy, study.carries_window) == ("free", False)


@pytest.mark.parametrize(
    ("chosen", "stored"),
    [
        ({"view_policy": "locked"}, ("locked", False)),
        ({"view_policy": "free", "carries_window": "on"}, ("free", True)),
    ],
)
def test_the_view_is_chosen_with_the_plan(post, chosen, stored):
    post(**chosen)
    study = Study.objects.get()
    assert (study.view_policy, study.carries_window) == stored


def test_a_locked_view_has_no_window_to_keep(post):
    answer = post(view_policy="locked", carries_window="on")
    assert answer.status_code == 422
    assert "no window to keep" in answer.context["form"].errors["carries_window"][0]
    assert not Study.objects.exists()


def test_a_name_is_given_once(post):
    post()
    answer = post()
    assert "name" in answer.context["form"].errors
    assert Study.objects.count() == 1


def test_working_out_the_sample_stores_nothing(post):
    answer = post(preview="1", name="", percent="50")
    assert answer.status_code == 200
    assert "All 26 0 0 0 0 26 13 13" in text_of(answer)
    assert not Study.objects.exists()


def test_datasets_of_others_and_datasets_that_one_rates_are_not_offered(client, dataset):
    other = make_user(coordinator=True)
    rated = make_study(dataset=make_dataset(owner=other))
    make_membership(rated, other)
    client.force_login(other)
    page = client.get(ADDRESS)
    assert "No dataset to study" in text_of(page)
    assert dataset.name not in page.content.decode()
    answer = client.post(ADDRESS, new_study(rated.dataset, make_protocol_version()))
    assert "dataset" in answer.context["form"].errors


def test_only_coordinators_of_the_installation_may(client, people):
    for user in (people.rater, people.observer):
        client.force_login(user)
        assert client.get(ADDRESS).status_code == 403
        assert client.post(ADDRESS).status_code == 403
    client.logout()
    assert client.get(ADDRESS).status_code == 302


def test_peoples_programs_may_submit_only_where_the_plan_says_so(post, client):
    post()
    study = Study.objects.get()
    assert not study.allows_program_ratings
    overview = reverse("studies:show_study", args=[study.public_id])
    assert "Raters may submit by one" not in client.get(overview).content.decode()
    post(name="Automatic", allows_program_ratings="on")
    study = Study.objects.get(name="Automatic")
    assert study.allows_program_ratings
    overview = reverse("studies:show_study", args=[study.public_id])
    assert "Raters may submit by one" in client.get(overview).content.decode()
