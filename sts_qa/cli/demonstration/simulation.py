"""Ratings simulated by a seeded model and submitted like any others. Never expert data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from sts_qa.catalogue.models import ImageKind
from sts_qa.rating.actions.showing import drop_blocked_repeats, mark_shown
from sts_qa.rating.actions.submission import read_submission
from sts_qa.rating.actions.submit import submit_rating
from sts_qa.rating.models import Rating
from sts_qa.rating.queries.queue import next_assignments
from sts_qa.science.phantoms.demonstration import PlannedItem, latent_qualities
from sts_qa.science.phantoms.ratings import ScoreRange, simulate_ratings
from sts_qa.science.phantoms.truth import generator
from sts_qa.studies.models import Assignment, Membership, Study

# One block of simulated scores each, so that a repeat is judged anew by the same rater
KINDS = (Assignment.Kind.MAIN, Assignment.Kind.REPEAT, Assignment.Kind.PRACTICE)
ACTIVE_SECONDS = {ImageKind.RADIOGRAPH: 25.0, ImageKind.VOLUME: 80.0}
SPREAD_OF_TIMES = 0.35
WAITING_MS = 200
_TIMES = 51


@dataclass(frozen=True)
class SimulatedScores:
    """Scores of all items by all simulated raters, once for each kind of assignment.

    `scores` and `relative_times` have the shapes (kinds, items, criteria, raters) and
    (kinds, items, raters); scores are nan where a criterion does not apply.
    """

    rows: dict[str, int]
    codes: tuple[str, ...]
    scores: NDArray[np.float64]
    relative_times: NDArray[np.float64]

    @classmethod
    def of(
        cls, items: Sequence[PlannedItem], criteria: Sequence[ScoreRange], *, raters: int, seed: int
    ) -> SimulatedScores:
        codes = tuple(criterion.code for criterion in criteria)
        latent = np.tile(latent_qualities(items, codes), (len(KINDS), 1))
        scores = simulate_ratings(latent, criteria, raters=raters, seed=seed)
        times = generator(seed, _TIMES).normal(0.0, SPREAD_OF_TIMES, (len(latent), raters))
        return cls(
            rows={item.key: row for row, item in enumerate(items)},
            codes=codes,
            scores=scores.reshape(len(KINDS), len(items), len(codes), raters),
            relative_times=np.exp(times).reshape(len(KINDS), len(items), raters),
        )

    def body(self, assignment: Assignment, rater: int) -> bytes:
        """Return what a browser would send for the assignment, marked as simulated."""
        item = assignment.sampled_item.item_version.item
        kind, row = KINDS.index(Assignment.Kind(assignment.kind)), self.rows[item.key]
        given = zip(self.codes, self.scores[kind, row, :, rater].tolist(), strict=True)
        seconds = ACTIVE_SECONDS[ImageKind(item.kind)] * self.relative_times[kind, row, rater]
        active = round(1000 * float(seconds))
        return json.dumps(
            {
                "idempotency_key": f"simulated-{assignment.token}",
                "replaces": None,
                "scores": {
                    code: {"value": str(int(score))} for code, score in given if score == score
                },
                "comment": "",
                "active_ms": active,
                "wall_ms": active + WAITING_MS,
                "waiting_ms": WAITING_MS,
                "viewer_state": {"simulated": True},
                "submitted_at": timezone.now().isoformat(),
            }
        ).encode()


def score_ranges(study: Study) -> list[ScoreRange]:
    """Return the protocol's criteria as the simulation needs them."""
    return [
        ScoreRange(criterion.code, int(criterion.minimum), int(criterion.maximum))
        for criterion in study.protocol_version.criteria.order_by("position")
    ]


def rate_everything(
    members: Sequence[Membership], simulated: SimulatedScores, advance: Callable[[], None]
) -> None:
    """Work off the queue of every simulated rater, whatever of it was done before."""
    for rater, member in enumerate(members):
        while (assignment := _next(member)) is not None:
            mark_shown(assignment=assignment, acting_user=member.user)
            submit_rating(
                assignment=assignment,
                submission=read_submission(simulated.body(assignment, rater)),
                language="en",
                acting_user=member.user,
                channel=Rating.Channel.IMPORT,
            )
            advance()


def _next(member: Membership) -> Assignment | None:
    queue = next_assignments(Membership.objects.select_related("study", "user").get(pk=member.pk))
    if queue.handed_out:
        return queue.handed_out[0].assignment
    if queue.blocked and drop_blocked_repeats(membership=member, acting_user=member.user):
        return _next(member)
    return None
