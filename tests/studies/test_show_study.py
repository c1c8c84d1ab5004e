import pytest

from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.jobs.models import Job
from sts_qa.screening.actions import decide
from sts_qa.studies.actions import (
    add_member,
    close_study,
    create_account,
    pause_study,
    start_study,
    unseal_results,
    withdraw_sampled_item,
)
from sts_qa.studies.models import Membership, Study
from tests.factories import make_membership, make_study, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    def open_page(people, user=None):
        client.force_login(user or people.coordinator)
        return client.get(people.address("show_study"))

    return open_page


def test_a_draft_says_that_drawing_is_once(page, people):
    text = text_of(page(people))
    assert "Next: draw the sample" in text
    assert "It is drawn once" in text


def test_without_a_rater_it_says_so_and_shows_no_empty_table(page, people):
    assert "No raters yet" not in text_of(page(people))
    Membership.objects.filter(role="rater").delete()
    answer = page(people)
    assert "No raters yet." in text_of(answer)
    assert 'id="raters-caption"' not in answer.content.decode()


def test_who_stands_for_simulated_ratings_takes_part(page, people):
    user = create_account(username="nobody-logs-in", acting_user=people.coordinator)
    add_member(study=people.study, user=user, acting_user=people.coordinator)
    assert "nobody-logs-in Invitation not used" in text_of(page(people))
    Study.objects.update(simulated=True)
    assert "nobody-logs-in Takes part" in text_of(page(people))


def test_a_drawn_draft_shows_the_strata_and_the_space_that_starting_takes(page, drawn):
    answer = page(drawn)
    assert "All 26 0 26 13 13" in text_of(answer)
    assert "Next: start the study" in text_of(answer)
    space = answer.context["space"]
    assert space.needed > 0
    assert space.is_enough
    assert drawn.address("start_study") in answer.content.decode()


def test_a_drawn_draft_without_raters_asks_for_them(page, drawn):
    Membership.objects.filter(role="rater").delete()
    assert "Next: add the raters" in text_of(page(drawn))


def test_too_little_space_is_said_before_starting(page, drawn, monkeypatch):
    class Disk:
        free = 1

    monkeypatch.setattr("sts_qa.studies.actions.start.shutil.disk_usage", lambda _: Disk)
    answer = page(drawn)
    assert "not enough free space" in text_of(answer)
    assert "disabled" in answer.content.decode()


def test_the_start_under_way_shows_its_progress(page, drawn):
    job = start_study(study=drawn.study, acting_user=drawn.coordinator)
    answer = page(drawn)
    assert f"/jobs/{job.public_id}/progress/" in answer.content.decode()
    assert drawn.address("start_study") not in answer.content.decode()


def test_a_failed_start_says_why_and_can_be_tried_again(page, drawn):
    job = start_study(study=drawn.study, acting_user=drawn.coordinator)
    Job.objects.filter(pk=job.pk).update(state="failed", error="The file 7.png has changed.")
    answer = page(drawn)
    assert "7.png has changed" in text_of(answer)
    assert drawn.address("start_study") in answer.content.decode()


def test_each_state_offers_what_can_be_done(page, running):
    links = page(running).content.decode()
    assert running.address("pause_study") in links
    assert running.address("close_study") in links
    assert running.address("unseal_results") in links
    pause_study(study=running.study, acting_user=running.coordinator)
    assert running.address("resume_study") in page(running).content.decode()
    close_study(study=running.study, acting_user=running.coordinator)
    links = page(running).content.decode()
    for view in ("pause_study", "resume_study", "close_study", "unseal_results", "draw_sample"):
        assert running.address(view) not in links


def test_sealed_results_are_said_to_be_sealed(page, running):
    assert "Sealed" in text_of(page(running))
    unseal_results(study=running.study, reason="Interim", acting_user=running.coordinator)
    text = text_of(page(running))
    assert "Sealed" not in text
    assert "from 0 of 13 ratings on" in text


def test_only_coordinators_read_the_names_of_raters(page, running):
    Membership.objects.filter(user=running.rater).update(pseudonym=7)
    assert "rater" in text_of(page(running)).split("Panel")[0]
    running.rater.first_name, running.rater.last_name = "Wei", "Lin"
    running.rater.save()
    assert "Wei Lin" in text_of(page(running))
    seen = page(running, running.observer)
    assert "Wei" not in seen.content.decode()
    assert "R7" in text_of(seen)


def test_an_observer_can_change_nothing(page, running):
    content = page(running, running.observer).content.decode()
    for view in ("pause_study", "close_study", "unseal_results", "manage_members", "choose_panel"):
        assert running.address(view) not in content


def test_who_may_open_it(people, check_access):
    check_access(people, people.address("show_study"), observer=200)


def test_a_coordinator_of_another_study_of_the_dataset_finds_nothing(client, people):
    other = make_user(coordinator=True)
    people.study.dataset.members.create(user=other)
    client.force_login(other)
    assert client.get(people.address("show_study")).status_code == 404
    assert Study.objects.count() == 2


def _changed_ways(people) -> dict[str, str]:
    """Let one drawn item each change in one of five ways; return its key by the words for it."""
    units = iter(people.study.sample.select_related("item_version__item", "item_version__mask"))

    def newer(version, **changed):
        copy = ItemVersion.objects.get(pk=version.pk)
        copy.pk, copy.number = None, 2
        for name, value in changed.items():
            setattr(copy, name, value)
        copy.save()
        Item.objects.filter(pk=version.item_id).update(current_version=copy)

    missing, unreadable, excluded, image, mask = (next(units).item_version for _ in range(5))
    Item.objects.filter(pk=missing.item_id).update(state=Item.State.MISSING)
    Item.objects.filter(pk=unreadable.item_id).update(state=Item.State.UNREADABLE)
    exclude = {"outcome": "exclude", "reason": "duplicate", "acting_user": people.coordinator}
    decide(item=excluded.item, **exclude)
    newer(image, sha256="a" * 64)
    newer(mask, mask_error=ItemVersion.MaskError.MISSING)
    return {
        "missing at the last import": missing.item.key,
        "unreadable at the last import": unreadable.item.key,
        "excluded since": excluded.item.key,
        "another image since": image.item.key,
        "another mask since": mask.item.key,
    }


def test_the_coordinator_is_told_what_has_changed_since_the_draw(page, running):
    assert "Changed since the draw" not in text_of(page(running))
    ways = _changed_ways(running)
    text = text_of(page(running))
    assert "5 drawn items are no longer in the dataset as they were drawn" in text
    for words, key in ways.items():
        assert f"{key} : {words}" in text
    assert "Changed since the draw" not in text_of(page(running, running.observer))
    # Nor a coordinator who rates the same images elsewhere: the list names them
    elsewhere = make_study(dataset=running.study.dataset)
    membership = make_membership(elsewhere, running.coordinator)
    assert "Changed since the draw" not in text_of(page(running))
    membership.delete()


def test_a_withdrawn_item_and_one_not_drawn_are_no_news(page, running):
    drawn = running.study.sample.values("item_version__item")
    running.study.dataset.items.exclude(pk__in=drawn).update(state=Item.State.MISSING)
    unit = running.study.sample.filter(kind="main").first()
    Item.objects.filter(pk=unit.item_version.item_id).update(state=Item.State.MISSING)
    assert "1 drawn item is no longer" in text_of(page(running))
    withdraw_sampled_item(sampled_item=unit, reason="gone", acting_user=running.coordinator)
    assert "Changed since the draw" not in text_of(page(running))


def test_a_long_list_of_changes_is_cut_short(page, drawn):
    drawn.study.dataset.items.update(state=Item.State.MISSING)
    text = text_of(page(drawn))
    assert "15 drawn items are" in text
    assert text.count("missing at the last import") == 5
