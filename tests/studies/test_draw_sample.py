from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Category, Item
from sts_qa.science.statistics.drawing import draw
from sts_qa.screening.models import ScreeningDecision
from sts_qa.studies.actions import create_study, draw_sample
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import FrameEntry, SampledItem, Stratum, Study
from sts_qa.studies.queries.plan import PlanError
from sts_qa.studies.queries.verification import sample_differences
from tests.factories import make_protocol_version
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(dataset, coordinator):
    return _study(dataset, coordinator)


def _study(dataset, coordinator, **plan):
    plan.setdefault("seed", 7)
    return create_study(
        name=f"Study {Study.objects.count()}",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        **plan,
    )


def _sizes(study):
    return {
        (s.category.name, s.name): (s.frame, s.drawn)
        for s in study.strata.select_related("category")
    }


def test_it_draws_thirty_percent_of_each_category_split_over_the_strata(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    # 20 * 0.3 = 6 -> 1.2 and 4.8, the larger remainder takes the rest; 6 * 0.3 = 1.8 -> 2
    assert _sizes(study) == {
        ("A-PXI", "labelled"): (4, 1),
        ("A-PXI", "unlabelled"): (16, 5),
        ("STS-3D-Tooth", "labelled"): (2, 1),
        ("STS-3D-Tooth", "unlabelled"): (4, 1),
    }


def test_it_takes_the_first_of_each_stored_order(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    keys = [f"A-PXI/{number:02}.png" for number in range(4, 20)]
    expected = [drawn.key for drawn in draw(keys, 7, "A-PXI/unlabelled")[:5]]
    sampled = study.sample.filter(
        kind="main", stratum__name="unlabelled", stratum__category__name="A-PXI"
    ).order_by("frame_entry__order_number")
    assert [unit.frame_entry.key for unit in sampled] == expected


def test_it_stores_the_whole_frame_and_inclusion_probabilities(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    assert FrameEntry.objects.filter(stratum__study=study).count() == 26
    unit = study.sample.filter(kind="main", stratum__name="unlabelled").first()
    assert (unit.probability_numerator, unit.probability_denominator) == (5, 16)


def test_it_leaves_out_and_counts_what_is_not_in_the_frame(study, coordinator, dataset):
    unlabelled = list(Item.objects.filter(category__name="A-PXI", labelled=False))
    Item.objects.filter(pk=unlabelled[0].pk).update(state=Item.State.MISSING)
    Item.objects.filter(pk=unlabelled[1].pk).update(state=Item.State.UNREADABLE)
    ScreeningDecision.objects.create(
        item=unlabelled[2], outcome="exclude", reason="privacy", decided_by=coordinator
    )
    labelled = Item.objects.filter(category__name="A-PXI", labelled=True).first()
    version = labelled.current_version
    version.mask_error = "shape"
    version.save()
    study = draw_sample(study=study, acting_user=coordinator)
    stratum = Stratum.objects.get(study=study, category__name="A-PXI", name="unlabelled")
    counts = (stratum.found, stratum.missing, stratum.unreadable, stratum.excluded, stratum.frame)
    assert counts == (16, 1, 1, 1, 13)
    held = Stratum.objects.get(study=study, category__name="A-PXI", name="labelled")
    assert (held.found, held.held_back, held.frame) == (4, 1, 3)


def test_practice_items_come_from_the_reserve(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    practice = study.sample.filter(kind=SampledItem.Kind.PRACTICE)
    assert practice.count() == 5
    assert all(unit.frame_entry.order_number > unit.stratum.drawn for unit in practice)


def test_it_draws_only_once(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    with pytest.raises(StudyError, match="drawn once"):
        draw_sample(study=study, acting_user=coordinator)
    assert Event.objects.filter(action="sample.drawn").count() == 1


def test_it_refuses_more_than_the_frame_holds(dataset, coordinator):
    study = _study(dataset, coordinator, sizes={"A-PXI/labelled": {"number": 5}})
    with pytest.raises(PlanError, match="only 4"):
        draw_sample(study=study, acting_user=coordinator)
    assert not Stratum.objects.exists()


def test_simple_random_within_the_category_makes_one_stratum_each(dataset, coordinator):
    study = _study(dataset, coordinator, stratification="none")
    study = draw_sample(study=study, acting_user=coordinator)
    assert _sizes(study) == {("A-PXI", "all"): (20, 6), ("STS-3D-Tooth", "all"): (6, 2)}


def test_slices_are_drawn_in_each_drawn_volume_with_their_probability(dataset, coordinator):
    study = _study(dataset, coordinator, unit="slice", slices_per_volume=3, fraction=Decimal("0.5"))
    study = draw_sample(study=study, acting_user=coordinator)
    slices = study.sample.filter(kind="main", slice_index__isnull=False, stratum__name="unlabelled")
    # 2 of 4 volumes, 3 of 10 slices in each
    assert slices.count() == 6
    unit = slices.first()
    assert unit.probability_numerator / unit.probability_denominator == pytest.approx(0.15)
    assert sample_differences(study) == []


def test_slices_within_the_mask_stay_within_its_extent(dataset, coordinator):
    study = _study(dataset, coordinator, unit="slice", slices_within_mask=True, fraction=Decimal(1))
    study = draw_sample(study=study, acting_user=coordinator)
    drawn = study.sample.filter(labelled=True, slice_index__isnull=False)
    assert {unit.slice_index for unit in drawn} == {3, 4, 5}


def test_drawing_again_gives_the_same_sample(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    assert sample_differences(study) == []


def test_a_changed_order_seed_or_sample_is_found(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    Study.objects.filter(pk=study.pk).update(seed=8)
    assert any("order" in text for text in sample_differences(Study.objects.get(pk=study.pk)))
    Study.objects.filter(pk=study.pk).update(seed=7)
    entry = FrameEntry.objects.filter(stratum__study=study).first()
    FrameEntry.objects.filter(pk=entry.pk).update(checksum="0" * 64)
    assert any("hash" in text for text in sample_differences(Study.objects.get(pk=study.pk)))


def test_random_numbers_are_stored_to_the_last_digit(study, coordinator):
    """Databases that keep decimals as floating point would round 20 digits."""
    study = draw_sample(study=study, acting_user=coordinator)
    keys = [f"A-PXI/{number:02}.png" for number in range(4, 20)]
    stored = FrameEntry.objects.filter(stratum__study=study, key__in=keys)
    assert {entry.key: int(entry.draw_number) for entry in stored} == {
        drawn.key: drawn.number for drawn in draw(keys, 7, "A-PXI/unlabelled")
    }
    FrameEntry.objects.filter(pk=stored[0].pk).update(draw_number="1")
    assert any("random number" in text for text in sample_differences(study))


def test_verifying_does_not_look_at_todays_catalogue(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    Item.objects.update(state=Item.State.MISSING)
    assert sample_differences(study) == []


def test_the_page_draws_once(client, people):
    client.force_login(people.coordinator)
    answer = client.post(people.address("draw_sample"))
    assert answer["Location"] == people.address("show_study")
    first = people.refresh().drawn_at
    assert people.study.sample.filter(kind="main").count() == 13
    answer = client.post(people.address("draw_sample"), follow=True)
    assert "drawn once" in text_of(answer)
    assert people.refresh().drawn_at == first


def test_the_page_says_why_nothing_can_be_drawn(client, people):
    Item.objects.update(state=Item.State.MISSING)
    client.force_login(people.coordinator)
    answer = client.post(people.address("draw_sample"), follow=True)
    assert "Nothing can be drawn" in text_of(answer)
    assert people.refresh().drawn_at is None


def test_only_coordinators_of_the_study_draw(client, people, check_access):
    check_access(people, people.address("draw_sample"), method="post", observer=403)
    assert people.refresh().drawn_at is None
    client.force_login(people.coordinator)
    assert client.get(people.address("draw_sample")).status_code == 405


def test_strata_keep_the_group_that_their_category_had(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    Category.objects.filter(dataset=study.dataset).update(group="Elsewhere")
    groups = {s.category.name: s.group for s in study.strata.select_related("category")}
    assert groups == {"A-PXI": "STS-2D-Tooth", "STS-3D-Tooth": ""}


def test_strata_drawn_before_groups_were_kept_get_their_categorys_group(study, coordinator):
    study = draw_sample(study=study, acting_user=coordinator)
    study.strata.update(group="")
    import_module("sts_qa.studies.migrations.0004_stratum_group").copy_groups(apps, None)
    groups = {s.category.name: s.group for s in study.strata.select_related("category")}
    assert groups == {"A-PXI": "STS-2D-Tooth", "STS-3D-Tooth": ""}
