"""A file of raw scores, imported elsewhere, gives the same raters the same part in its tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sts_qa.api.actions import create_token
from sts_qa.api.errors import TokenRefused
from sts_qa.api.models import Scope
from sts_qa.rating.actions.import_ratings import ImportReport, import_ratings
from sts_qa.reports.actions import export_report, make_report
from sts_qa.science.tables.model import ReportTable
from sts_qa.studies.models import Membership, SampledItem, Study
from sts_qa.studies.queries.panel import current_panel
from tests.factories import make_assignment, make_membership, make_rating, make_user
from tests.reports.conftest import NO_MASK, scores

pytestmark = pytest.mark.django_db
NAME = "ToothNet 1.2 (program)"
CRITERIA = ("contrast", "sharpness", "pixel_accuracy")


@pytest.fixture
def panelled(rated):
    """The rated study: rater 3 withdrawn, a program that gives 0, every item drawn with certainty.

    An import knows no inclusion probabilities, so that others would make other means.
    """
    SampledItem.objects.filter(study=rated.study).update(probability_denominator=1)
    Membership.objects.filter(pk=rated.raters[3].pk).update(withdrawn_at=timezone.now())
    program = make_membership(
        rated.study, make_user("net"), pseudonym=4, model_name="ToothNet", model_version="1.2",
        assigned_count=4, rated_count=4,
    )  # fmt: skip
    for name, unit in rated.units.items():
        if name != "practice":
            mask = 0 if name in ("a", "v") else NO_MASK
            make_rating(make_assignment(program, unit), scores(0, 0, mask), channel="api")
    return rated


def brought_in(rated, file_format: str = "csv", **options) -> ImportReport:
    """Import the study's own file of raw scores as the study "Again"."""
    file = export_report(
        study=rated.study, slug="raw-scores", file_format=file_format, language="en",
        acting_user=rated.coordinator,
    )  # fmt: skip
    return import_ratings(
        name="Again", table=file.content, protocol_version=rated.study.protocol_version,
        acting_user=rated.coordinator, **options,
    )  # fmt: skip


def names_in_file(members: list[Membership]) -> list[str]:
    """Return imported raters by their numbers in the study that they come from."""
    return sorted(member.user.first_name for member in members)


def table_of(study: Study, models: str) -> ReportTable:
    options = {"models": models}
    return make_report(study=study, slug="quality-scores", language="en", options=options)


def means_of(study: Study, models: str) -> list[tuple]:
    """Return Table 5 by who rated and the number of items; raw scores tell no groups."""
    block = next(block for block in table_of(study, models).blocks if block.slug == "means")
    return sorted(
        (
            str(row.get("raters", "")),
            row["items"],
            *(row[criterion] for criterion in CRITERIA),
            row["total"],
        )
        for row in block.rows
    )


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_panel_and_table_5_are_those_of_the_study_that_was_exported(panelled, file_format):
    report = brought_in(panelled, file_format)
    assert report.errors == ()
    assert (report.programs, report.withdrawn_raters) == (("ToothNet 1.2",), ("3",))
    study = report.study
    assert names_in_file(current_panel(study)[0]) == ["1", "2"]
    assert means_of(study, "none") == means_of(panelled.study, "none")
    # By hand: contrast of a, b and c by raters 1 and 2
    assert ((18 + 20) / 2 + (12 + 10) / 2 + (9 + 11) / 2) / 3 in {
        row[2] for row in means_of(study, "none")
    }
    assert table_of(study, "none").provenance["Programs"] == f"left out: {NAME}"


@pytest.mark.parametrize("models", ["beside", "panel"])
def test_the_program_counts_only_where_the_report_asks(panelled, models):
    study = brought_in(panelled).study
    asked = means_of(study, models)
    assert asked == means_of(panelled.study, models)
    assert asked != means_of(study, "none")
    assert NAME in table_of(study, models).provenance["Programs"]


def test_a_rater_whose_replacement_rates_only_the_rest_stays_in_the_panel(panelled):
    successor = make_membership(
        panelled.study, make_user("late"), pseudonym=5, replaces=panelled.raters[3],
        only_the_rest=True, assigned_count=1, rated_count=1,
    )  # fmt: skip
    make_rating(make_assignment(successor, panelled.units["c"]), scores(10, 10, NO_MASK))
    report = brought_in(panelled)
    assert (report.errors, report.withdrawn_raters) == ((), ())
    assert [rater.pseudonym for rater in current_panel(panelled.study)[0]] == [1, 2, 3, 5]
    assert names_in_file(current_panel(report.study)[0]) == ["1", "2", "3", "5"]
    assert means_of(report.study, "none") == means_of(panelled.study, "none")


def test_a_study_of_which_only_the_program_is_left_has_a_table(panelled):
    Membership.objects.filter(pk__in=[rater.pk for rater in panelled.raters.values()]).update(
        withdrawn_at=timezone.now()
    )
    report = brought_in(panelled)
    assert (report.errors, report.withdrawn_raters) == ((), ("1", "2", "3"))
    assert current_panel(report.study)[0] == []
    for models in ("none", "beside", "panel"):
        assert means_of(report.study, models) == means_of(panelled.study, models)


def test_what_was_imported_can_be_exported_and_imported_again(panelled):
    first = brought_in(panelled).study
    panelled.study = first
    Study.objects.filter(pk=first.pk).update(name="First")
    again = brought_in(panelled)
    assert (again.errors, again.programs) == ((), ("ToothNet 1.2",))
    assert len(again.withdrawn_raters) == 1
    assert means_of(again.study, "none") == means_of(first, "none")


def test_nobody_gets_a_token_for_an_imported_program(panelled):
    study = brought_in(panelled).study
    program = study.memberships.exclude(model_name="").get()
    assert (program.user.is_active, program.user.has_usable_password()) == (False, False)
    with pytest.raises(TokenRefused, match="imported"):
        create_token(
            user=program.user, name="again", scopes=[Scope.RATE], study=study,
            expires_at=timezone.now() + timedelta(days=1), acting_user=panelled.coordinator,
        )  # fmt: skip
