from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.catalogue import files
from sts_qa.catalogue.models import Item
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.science.imaging.store import open_store
from sts_qa.screening.models import ScreeningDecision
from sts_qa.studies.actions import (
    add_from_reserve,
    add_member,
    close_study,
    create_study,
    draw_sample,
    pause_study,
    replace_rater,
    start_study,
    withdraw_member,
    withdraw_sampled_item,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Assignment, Membership, Study
from tests.factories import make_protocol_version, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()


def _drawn_study(dataset, coordinator, raters=3, **plan):
    plan.setdefault("seed", 3)
    plan.setdefault("fraction", Decimal("0.5"))
    plan.setdefault("practice_items", 2)
    study = create_study(
        name="Study",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        **plan,
    )
    for number in range(raters):
        add_member(study=study, user=make_user(f"rater{number}"), acting_user=coordinator)
    return draw_sample(study=study, acting_user=coordinator)


def _start(study, coordinator):
    job = run_job(start_study(study=study, acting_user=coordinator))
    assert job.state == Job.State.DONE, job.error
    return Study.objects.get(pk=study.pk)


def _order(membership, kinds=("main", "repeat")):
    return [
        (a.sampled_item_id, a.kind)
        for a in membership.assignments.filter(kind__in=kinds, dropped_at=None).order_by("position")
    ]


def test_every_rater_gets_the_whole_sample_in_an_own_stored_order(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    raters = list(study.memberships.filter(role="rater"))
    orders = [_order(rater) for rater in raters]
    assert len({tuple(sorted(order)) for order in orders}) == 1
    assert len({tuple(order) for order in orders}) == 3
    assert all(rater.assigned_count == 13 for rater in raters)


def test_practice_comes_first_and_radiographs_before_volumes(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    rater = study.memberships.filter(role="rater").first()
    kinds = list(rater.assignments.order_by("position").values_list("kind", flat=True))
    assert kinds[:2] == ["practice", "practice"]
    images = list(
        rater.assignments.filter(kind="main")
        .order_by("position")
        .values_list("sampled_item__item_version__item__kind", flat=True)
    )
    assert images == ["radiograph"] * 10 + ["volume"] * 3


def test_it_keeps_the_drawn_bytes(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    kept = [Path(settings.DATA_FOLDER, file.path) for file in study.kept_files.all()]
    versions = [unit.item_version for unit in study.sample.all()]
    checksums = {v.sha256 for v in versions} | {v.mask.sha256 for v in versions if v.mask}
    # Equal files are kept once
    assert {path.name.split(".")[0] for path in kept} == checksums
    assert all(path.stat().st_size for path in kept)


def test_a_changed_source_file_stops_the_start_and_is_named(dataset, coordinator):
    study = _drawn_study(dataset, coordinator)
    location = study.sample.first().item_version.location
    Path(location).write_bytes(b"changed")
    job = run_job(start_study(study=study, acting_user=coordinator))
    assert job.state == Job.State.FAILED
    assert Path(location).name in job.error
    assert Study.objects.get(pk=study.pk).state == Study.State.DRAFT
    assert not Assignment.objects.exists()


def _kept_bytes(study, kind):
    """The kept copy or store of one drawn image of the kind, and its version."""
    version = study.sample.filter(item_version__item__kind=kind).first().item_version
    keep = files.keep if kind == "radiograph" else files.build_store
    return keep(version), version


@pytest.mark.parametrize("kind", ["radiograph", "volume"])
def test_bytes_kept_before_are_compared_and_mended_from_the_source(dataset, coordinator, kind):
    study = _drawn_study(dataset, coordinator)
    path, version = _kept_bytes(study, kind)
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    _start(study, coordinator)
    if kind == "radiograph":
        assert path.read_bytes() == sound
    else:
        assert open_store(path).facts.source_sha256 == version.sha256


@pytest.mark.parametrize("kind", ["radiograph", "volume"])
def test_damaged_bytes_without_a_sound_source_stop_the_start(dataset, coordinator, kind):
    study = _drawn_study(dataset, coordinator)
    path, version = _kept_bytes(study, kind)
    path.write_bytes(path.read_bytes()[:-1])
    Path(version.location).unlink()
    job = run_job(start_study(study=study, acting_user=coordinator))
    assert job.state == Job.State.FAILED
    assert Path(version.location).name in job.error
    assert Study.objects.get(pk=study.pk).state == Study.State.DRAFT


def _free(monkeypatch, size):
    disk = SimpleNamespace(total=10**9, used=0, free=size)
    monkeypatch.setattr("sts_qa.studies.actions.start.shutil.disk_usage", lambda _: disk)


def test_files_that_do_not_fit_are_refused_with_both_sizes(dataset, coordinator, monkeypatch):
    study = _drawn_study(dataset, coordinator, practice_items=0)
    files_drawn = {}
    for unit in study.sample.select_related("item_version__mask"):
        for version in filter(None, (unit.item_version, unit.item_version.mask)):
            version.size_bytes = 2048
            version.save()
            # All masks of radiographs are equal, and so are those of volumes, and all volumes
            files_drawn[version.sha256] = version
    needed = 2048 * len(files_drawn)
    _free(monkeypatch, needed - 1)
    with pytest.raises(StudyError) as refusal:
        start_study(study=study, acting_user=coordinator)
    assert f"{needed // 1024}.0\xa0KB" in str(refusal.value)
    assert not Job.objects.exists()

    _free(monkeypatch, needed)
    job = start_study(study=study, acting_user=coordinator)
    # The disk fills up before a worker takes the job
    _free(monkeypatch, 1024)
    job = run_job(job)
    assert job.state == Job.State.FAILED
    assert f"{needed // 1024}.0\xa0KB" in job.error
    assert "1.0\xa0KB" in job.error
    assert not study.kept_files.exists()


def test_it_needs_raters(dataset, coordinator):
    study = _drawn_study(dataset, coordinator, raters=0)
    with pytest.raises(StudyError, match="rater"):
        start_study(study=study, acting_user=coordinator)


def test_repeats_are_the_same_for_all_and_keep_their_distance(dataset, coordinator):
    study = _drawn_study(
        dataset, coordinator, repeat_share=Decimal("0.3"), repeat_distance=4, practice_items=0
    )
    study = _start(study, coordinator)
    repeated = []
    for rater in study.memberships.filter(role="rater"):
        order = [item for item, _ in _order(rater)]
        repeats = {item for item, kind in _order(rater) if kind == "repeat"}
        repeats |= set(
            rater.assignments.filter(kind="repeat").values_list("sampled_item_id", flat=True)
        )
        repeated.append(repeats)
        for item in {item for item, kind in _order(rater) if kind == "repeat"}:
            first, second = (place for place, other in enumerate(order) if other == item)
            assert second - first >= 4
    # 13 * 0.3 = 3.9 -> 4
    assert len(repeated[0]) == 4
    assert repeated[0] == repeated[1] == repeated[2]


def test_pairs_of_one_subject_that_cannot_be_kept_apart_are_counted(dataset, coordinator):
    study = _drawn_study(dataset, coordinator, raters=1, practice_items=0, repeat_distance=20)
    items = [unit.item_version.item for unit in study.sample.all()]
    # Thirteen showings can never lie twenty apart: first and second, second and third are close
    for item in items[:3]:
        item.subject = "somebody"
        item.save()
    study = _start(study, coordinator)
    assert study.memberships.get(role="rater").close_pairs == 2


def test_without_known_subjects_no_pair_is_close(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator, raters=1), coordinator)
    assert study.memberships.get(role="rater").close_pairs == 0


def test_two_raters_per_item_share_the_work_evenly(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator, raters_per_item=2), coordinator)
    counts = sorted(rater.assigned_count for rater in study.memberships.filter(role="rater"))
    # 13 units * 2 raters over 3 raters
    assert counts == [8, 9, 9]
    for unit in study.sample.filter(kind="main"):
        assert unit.assignments.count() == 2


def test_a_replacement_gets_the_whole_sample_in_an_own_order(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    old = study.memberships.filter(role="rater").first()
    new = replace_rater(
        membership=old, user=make_user("new"), reason="Illness", acting_user=coordinator
    )
    old.refresh_from_db()
    assert old.withdrawn_at is not None
    assert new.replaces == old
    assert sorted(_order(new)) == sorted(_order(old))
    assert _order(new) != _order(old)
    assert new.pseudonym == 4


def test_a_replacement_for_the_rest_leaves_out_what_was_rated(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    old = study.memberships.filter(role="rater").first()
    rated = old.assignments.filter(kind="main").first()
    Assignment.objects.filter(pk=rated.pk).update(is_rated=True)
    new = replace_rater(
        membership=old,
        user=make_user("new"),
        only_the_rest=True,
        reason="Illness",
        acting_user=coordinator,
    )
    assert rated.sampled_item_id not in {item for item, _ in _order(new)}
    assert new.assigned_count == 12


def test_withdrawing_an_item_and_taking_the_next_of_the_reserve(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    unit = study.sample.filter(kind="main", stratum__name="unlabelled").first()
    withdraw_sampled_item(sampled_item=unit, reason="duplicate", acting_user=coordinator)
    (added,) = add_from_reserve(replaces=unit, acting_user=coordinator)
    assert added.frame_entry.order_number == unit.stratum.drawn + 1
    assert added.stratum == unit.stratum
    for rater in study.memberships.filter(role="rater"):
        assert rater.assigned_count == 13
        assert rater.assignments.order_by("-position").first().sampled_item == added


def test_the_reserve_passes_over_what_was_excluded_or_went_missing(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    unit = study.sample.filter(kind="main", stratum__name="unlabelled").first()
    following = [
        unit.stratum.entries.get(order_number=unit.stratum.drawn + ahead).item_version.item
        for ahead in (1, 2)
    ]
    ScreeningDecision.objects.create(
        item=following[0], outcome="exclude", reason="privacy", decided_by=coordinator
    )
    Item.objects.filter(pk=following[1].pk).update(state=Item.State.MISSING)
    withdraw_sampled_item(sampled_item=unit, reason="duplicate", acting_user=coordinator)
    (added,) = add_from_reserve(replaces=unit, acting_user=coordinator)
    assert added.frame_entry.order_number == unit.stratum.drawn + 3


def test_a_reserve_file_that_cannot_be_kept_is_named_and_nothing_changes(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    unit = study.sample.filter(kind="main", stratum__name="unlabelled").first()
    entry = unit.stratum.entries.get(order_number=unit.stratum.drawn + 1)
    Path(entry.item_version.location).unlink()
    with pytest.raises(StudyError, match="cannot be kept"):
        add_from_reserve(replaces=unit, acting_user=coordinator)
    assert not study.sample.filter(added_at__isnull=False).exists()


def test_a_study_keeps_one_coordinator(dataset, coordinator):
    study = _drawn_study(dataset, coordinator)
    own = study.memberships.get(role=Membership.Role.COORDINATOR)
    with pytest.raises(StudyError, match="coordinator"):
        withdraw_member(membership=own, reason="Moved away", acting_user=coordinator)


def test_states_change_only_as_the_life_cycle_allows(dataset, coordinator):
    study = _drawn_study(dataset, coordinator)
    with pytest.raises(StudyError):
        pause_study(study=study, acting_user=coordinator)
    study = _start(study, coordinator)
    study = close_study(
        study=pause_study(study=study, acting_user=coordinator), acting_user=coordinator
    )
    assert study.state == Study.State.CLOSED
    assert not study.is_sealed
    with pytest.raises(StudyError):
        close_study(study=study, acting_user=coordinator)


def test_each_act_leaves_its_event_in_one_unbroken_chain(dataset, coordinator):
    study = _start(_drawn_study(dataset, coordinator), coordinator)
    chain = Chain.objects.get(name=f"study:{study.pk}")
    actions = list(Event.objects.filter(chain=chain).values_list("action", flat=True))
    assert actions == [
        "study.created",
        *["member.added"] * 3,
        "sample.drawn",
        "study.started",
    ]
    assert list(broken_links(chain)) == []


def test_the_page_queues_the_start_once(client, drawn):
    client.force_login(drawn.coordinator)
    for _ in range(2):
        answer = client.post(drawn.address("start_study"))
        assert answer["Location"] == drawn.address("show_study")
    job = Job.objects.get(kind="start_study")
    assert (job.subject_type, job.subject_id) == ("study", drawn.study.pk)
    assert run_job(job).state == Job.State.DONE
    assert drawn.refresh().state == Study.State.RUNNING


def test_the_page_says_what_is_missing_for_a_start(client, people):
    client.force_login(people.coordinator)
    answer = client.post(people.address("start_study"), follow=True)
    assert "Draw the sample first" in text_of(answer)
    assert not Job.objects.exists()


def test_only_coordinators_of_the_study_start_it(drawn, check_access):
    check_access(drawn, drawn.address("start_study"), method="post", observer=403)
    assert not Job.objects.exists()
