"""`python -m trials.api_fuzz [--quick] [--postgres] [--only ASKER ...]`: made-up requests.

schemathesis asks every endpoint of the API of a real server, with the token of a coordinator, of a
rater, of an observer and of a program, and without any: values at and beyond all limits of the
OpenAPI document, random ones, and chains along its links. No answer may be a 5xx or differ from
the document. All on SQLite, or with --postgres on PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.folders import write_radiographs
from benchmarks.installation import temporary_installation
from benchmarks.people import add_rater
from benchmarks.postgres import postgres_server
from benchmarks.programs import import_folder, secret_of, start_program_study
from benchmarks.report import Measurement, report
from benchmarks.serving import choose_address, served
from trials.fuzzing import Extent, Findings, fuzz

IMAGES = 60
RESULTS = Path(__file__).resolve().parent / "results"
LONG = Extent(examples=60, chains=150, chain_length=12, covers=True)
QUICK = Extent(examples=4, chains=15)
ALL_SCOPES = ("read", "rate", "manage")


@dataclass(frozen=True)
class World:
    """Who asks, by their tokens' secrets, identifiers that exist, and scores of some items."""

    secrets: Mapping[str, str | None]
    known: Mapping[str, list[Any]]
    scores: list[dict[str, Any]]


def prepare(folder: Path, person: Any) -> World:
    """Make a study that runs, one that is closed and one in preparation, of one dataset."""
    from sts_qa.accounts.actions import accept_notice
    from sts_qa.studies import actions as studies

    accept_notice(acting_user=person)
    write_radiographs(folder, IMAGES)
    dataset = import_folder(folder, "To be rated", person)
    running, programs = start_program_study(
        dataset, "Running", person, programs=1, allows_program_ratings=True
    )
    add_rater(running, "rater", person)
    rater = running.memberships.get(user__username="rater")
    add_rater(running, "observer", person, role="observer")
    observer = running.memberships.get(user__username="observer").user
    closed, raters = start_program_study(
        dataset, "Closed", person, programs=2, fraction=Decimal("0.1")
    )
    studies.add_member(study=closed, user=observer, role="observer", acting_user=person)
    for one in raters:
        _rate_everything(one.membership)
    closed = studies.close_study(study=closed, acting_user=person)
    draft = studies.create_study(
        name="Draft",
        dataset=dataset,
        protocol_version=running.protocol_version,
        acting_user=person,
    )
    return World(
        # Who may close the studies comes last
        secrets={
            "nobody": None,
            "program": programs[0].secret,
            "observer": secret_of(observer, observer, scopes=ALL_SCOPES),
            "rater": secret_of(rater.user, rater.user, scopes=ALL_SCOPES),
            "coordinator": secret_of(person, person, scopes=ALL_SCOPES),
        },
        known=_known([running, closed, draft], [rater, programs[0].membership]),
        scores=_sets_of_scores(rater),
    )


def _rate_everything(membership: Any) -> None:
    """Rate all of a program's items, as the API does."""
    from sts_qa.rating.actions.submission import read_program_submission
    from sts_qa.rating.actions.submit import submit_rating
    from sts_qa.rating.models import Rating

    for number, assignment in enumerate(membership.assignments.order_by("position")):
        scores = _scores_of(assignment, (7 * number) % 21)
        submit_rating(
            assignment=assignment,
            submission=read_program_submission(
                {"scores": scores}, idempotency_key=assignment.token
            ),
            language="en",
            acting_user=membership.user,
            channel=Rating.Channel.API,
        )


def _scores_of(assignment: Any, value: int) -> dict[str, Any]:
    """Return one value for every criterion that the item asks for."""
    from sts_qa.rating.queries.criteria import asked_criteria, criteria_of

    version = assignment.membership.study.protocol_version
    applying = asked_criteria(assignment.sampled_item, criteria_of(version), version)
    return {one.code: {"value": str(value)} for one in applying.asked}


def _sets_of_scores(membership: Any) -> list[dict[str, Any]]:
    """Return scores for each set of criteria that the rater's items ask for."""
    assignments = membership.assignments.order_by("turn")
    found = {tuple(scores): scores for one in assignments if (scores := _scores_of(one, 3))}
    return list(found.values())


def _known(studies: list[Any], raters: list[Any]) -> dict[str, list[Any]]:
    """Return identifiers that exist, by where they stand in a request."""
    from sts_qa.protocols.models import ProtocolVersion
    from sts_qa.reports.registry import REPORTS

    dataset = studies[0].dataset
    tokens = [one.token for rater in raters for one in rater.assignments.order_by("turn")[:5]]
    protocols = ProtocolVersion.objects.values_list("protocol__slug", flat=True)
    return {
        "path.study_id": [str(study.public_id) for study in studies],
        "path.dataset_id": [dataset.pk],
        "path.item_id": list(dataset.items.values_list("pk", flat=True)[:5]),
        "path.run_id": list(dataset.imports.values_list("pk", flat=True)),
        "path.assignment_token": tokens,
        "path.slug": sorted(set(protocols)),
        "path.report": sorted(REPORTS),
        "path.number": [1],
        "path.member": list(studies[0].memberships.values_list("pk", flat=True)),
        "path.unit": list(studies[0].sample.values_list("number", flat=True)[:5]),
        "body.ratings[*].assignment": tokens,
        "body.dataset": [dataset.pk],
        "body.protocol": sorted(set(protocols)),
    }


def never(findings: Findings) -> set[str]:
    return findings.answers.keys() - findings.successful


def measurements_of(asker: str, findings: Findings) -> list[Measurement]:
    faults, answered = len(findings.faults), len(findings.answers)
    return [
        Measurement(f"{asker}: faults", faults, "", goal="0", met=not faults),
        Measurement("  requests", findings.requests, ""),
        Measurement("  of these along links", findings.steps_by_link, ""),
        Measurement("  endpoints asked", answered, ""),
        Measurement("  of these with success at least once", len(findings.successful), ""),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few examples, no limits")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not SQLite")
    parser.add_argument("--only", action="append", metavar="ASKER", help="leave out the others")
    chosen = parser.parse_args()
    address = choose_address()
    os.environ["STS_QA_API_RATE"] = "1000000/min"
    measurements: list[Measurement] = []
    database = postgres_server() if chosen.postgres else nullcontext("")
    with database as url, temporary_installation(url) as (folder, person):
        world = prepare(folder / "images", person)
        with served(address, folder / "serve.log"):
            for asker, secret in world.secrets.items():
                if chosen.only and asker not in chosen.only:
                    continue
                extent = QUICK if chosen.quick else LONG
                findings = fuzz(address, secret, world.known, extent, scores=world.scores)
                print(f"{asker}: never successful: {', '.join(sorted(never(findings)))}")
                print("\n\n".join(f"{asker}: {fault}" for fault in findings.faults), flush=True)
                measurements += measurements_of(asker, findings)
    # What is not the whole is not kept
    quick = chosen.quick or bool(chosen.only)
    parts = ["api_fuzz"] + ["postgres"] * chosen.postgres + ["quick"] * quick
    return report("-".join(parts), measurements, folder=RESULTS)


if __name__ == "__main__":
    sys.exit(main())
