"""Who rates in an open study of a dataset gets nothing of it, member or not."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from sts_qa.catalogue import access
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.studies.models import Membership, Study
from tests.factories import make_dataset, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return make_user(coordinator=True)


@pytest.fixture
def dataset(member):
    return make_dataset(owner=member)


def test_a_member_who_rates_nowhere_gets_the_dataset(member, dataset):
    assert dataset_or_404(member, dataset.pk) == dataset


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.RUNNING, Study.State.PAUSED])
def test_rating_in_an_open_study_closes_the_dataset(member, dataset, state):
    make_membership(make_study(dataset=dataset, state=state), member)
    with pytest.raises(PermissionDenied, match="open study"):
        dataset_or_404(member, dataset.pk)


def test_closing_the_study_opens_it_again(member, dataset):
    make_membership(make_study(dataset=dataset, state=Study.State.CLOSED), member)
    assert dataset_or_404(member, dataset.pk) == dataset


def test_a_superuser_who_rates_is_no_exception(dataset):
    superuser = make_user(is_superuser=True)
    assert dataset_or_404(superuser, dataset.pk) == dataset
    make_membership(make_study(dataset=dataset), superuser)
    with pytest.raises(PermissionDenied):
        dataset_or_404(superuser, dataset.pk)


def test_rating_another_dataset_changes_nothing(member, dataset):
    make_membership(make_study(), member)
    assert dataset_or_404(member, dataset.pk) == dataset


def test_coordinating_and_observing_change_nothing(member, dataset):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(study, member, role=Membership.Role.OBSERVER)
    assert dataset_or_404(member, dataset.pk) == dataset


def test_who_is_no_member_is_not_told_that_the_dataset_exists(dataset):
    rater = make_user(coordinator=True)
    make_membership(make_study(dataset=dataset), rater)
    with pytest.raises(Http404):
        dataset_or_404(rater, dataset.pk)


def test_any_check_of_the_list_counts(member, dataset, monkeypatch):
    seen = []
    monkeypatch.setattr(
        access, "BLINDING_CHECKS", [lambda user, pk: seen.append((user, pk)), lambda user, pk: True]
    )
    with pytest.raises(PermissionDenied):
        dataset_or_404(member, dataset.pk)
    assert seen == [(member, dataset.pk)]
