import pytest
from django.urls import reverse

from sts_qa.catalogue.models import Item
from sts_qa.studies.models import Study
from tests.factories import make_protocol_version
from tests.studies.plan_data import PLAN, new_study, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/studies/new/preview/"


@pytest.fixture
def preview(client, coordinator, dataset):
    version = make_protocol_version()
    client.force_login(coordinator)
    return lambda **changed: client.post(ADDRESS, new_study(dataset, version, **changed))


def test_the_counts_of_each_stratum_add_up(preview, dataset):
    items = Item.objects.filter(dataset=dataset, category__name="A-PXI", labelled=False)
    Item.objects.filter(pk=items[0].pk).update(state=Item.State.MISSING)
    Item.objects.filter(pk=items[1].pk).update(state=Item.State.UNREADABLE)
    text = text_of(preview(percent="50"))
    # 18 of A-PXI are left: 9, of which 2 labelled and 7 unlabelled
    assert "A-PXI Labelled 4 0 0 0 0 4 2 2" in text
    assert "A-PXI Unlabelled 16 1 1 0 0 14 7 7" in text
    assert "All 26 1 1 0 0 24 12 12" in text


def test_hours_follow_the_seconds(preview):
    text = text_of(preview(percent="50", seconds_per_radiograph="60", seconds_per_volume="600"))
    # 10 radiographs of a minute, 3 volumes of ten: 40 minutes; five raters: 3 h 20
    assert "10 radiographs, 3 volumes 0.7 hours" in text
    assert "5 raters together 3.3 hours" in text


def test_slices_count_by_the_slice(preview):
    text = text_of(preview(percent="50", unit="slice", slices_per_volume="4"))
    assert "10 radiographs, 12 slices" in text


def test_two_of_five_raters_per_item_share_the_hours(preview):
    whole = preview(percent="100").context["workload"].hours
    shared = preview(percent="100", raters_per_item="2").context["workload"].hours
    assert shared == pytest.approx(whole * 2 / 5)


def test_a_name_still_missing_is_not_yet_an_error(preview):
    answer = preview(name="")
    assert answer.status_code == 200
    assert "cannot be carried out" not in text_of(answer)


def test_it_says_what_cannot_be_drawn(preview, dataset):
    category = dataset.categories.get(name="A-PXI")
    assert "Only 20 can be drawn" in text_of(preview(**{f"size-{category.pk}": "21"}))


def test_the_exceptions_are_made_anew_when_the_strata_change(preview, dataset):
    kept = preview(sizes_shape=f"{dataset.pk}/1")
    assert "plan-sizes" not in kept.content.decode()
    changed = preview(sizes_shape=f"{dataset.pk}/1", stratification="none")
    assert "plan-sizes" in changed.content.decode()


def test_it_stores_nothing(preview):
    preview()
    assert not Study.objects.exists()


def test_a_draft_is_previewed_by_its_coordinator_only(client, people, check_access):
    address = people.address("preview_plan")
    client.force_login(people.coordinator)
    assert "All 26 0 0 0 0 26 8 18" in text_of(client.post(address, PLAN))
    check_access(people, address, method="post", observer=403)


def test_who_may_not_create_studies_gets_no_preview(client, people):
    client.force_login(people.rater)
    assert client.post(ADDRESS, {}).status_code == 403
    client.logout()
    answer = client.post(ADDRESS, {})
    assert answer["Location"].startswith(reverse("accounts:log_in"))


def test_it_only_answers_to_a_form(client, people):
    client.force_login(people.coordinator)
    assert client.get(ADDRESS).status_code == 405
