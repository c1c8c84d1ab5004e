"""Overseeing the rating: progress, problems, questions, clarifications and late ratings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request

from sts_qa.api.access import coordinated_items
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import Problem, faults_of_form
from sts_qa.api.routing import route
from sts_qa.api.schemas.oversight import (
    AdmissionSchema,
    AskedQuestionSchema,
    ClarificationSchema,
    LateFilterSchema,
    LateRatingSchema,
    NewClarificationSchema,
    NoteSchema,
    OverseenProblemSchema,
    ProblemDecisionSchema,
    ProblemFilterSchema,
    QuestionFilterSchema,
    StudyProgressSchema,
)
from sts_qa.rating.actions import clarifications, late, problems, questions
from sts_qa.rating.errors import InvalidSubmission, Place
from sts_qa.rating.forms import DecideProblemForm
from sts_qa.rating.models import ProblemReport, Question, Rating
from sts_qa.rating.queries.clarifications import published
from sts_qa.rating.queries.flags import RaterFlags, rater_flags
from sts_qa.rating.queries.problems import (
    late_ratings,
    open_problem_count,
    problem_reports,
    refused_decisions,
    waiting_late_count,
)
from sts_qa.rating.queries.progress import RaterProgress, rater_progress, study_categories
from sts_qa.rating.queries.questions import OPEN, open_question_count, questions_of
from sts_qa.studies.actions.life_cycle import program_rating_counts, rating_counts
from sts_qa.studies.models import Study


@endpoint("GET", scope="read", access=coordinated_items, answers=StudyProgressSchema)
def show_progress(request: Request, study: Study) -> dict[str, Any]:
    """Show how far each rater is, and signs of careless rating; no score is told."""
    categories = [category.name for category in study_categories(study)]
    flags = rater_flags(study)
    return {
        "state": study.state,
        "people": _done(*rating_counts(study)),
        "programs": _done(*program_rating_counts(study)),
        "raters": [
            _told(rater, categories, flags.get(rater.membership.pk, RaterFlags()))
            for rater in rater_progress(study)
        ],
        "open_problems": open_problem_count(study),
        "open_questions": open_question_count(study),
        "waiting_late_ratings": waiting_late_count(study),
    }


@endpoint(
    "GET",
    scope="read",
    access=coordinated_items,
    answers=OverseenProblemSchema,
    query=ProblemFilterSchema,
    paged=True,
)
def list_problems(request: Request, study: Study, query: dict[str, Any]) -> Listing:
    """List what raters have reported, the newest first."""
    reports = problem_reports(study)
    if "decided" in query:
        reports = reports.exclude(decision="") if query["decided"] else reports.filter(decision="")
    return Listing(reports, order=("-pk",))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_items,
    body=ProblemDecisionSchema,
    answers=OverseenProblemSchema,
    idempotent="accepted",
    # Copying what takes an item's place may take long. Again, a report is decided only once
    atomic=False,
)
def decide_problem(
    request: Request, study: Study, problem: UUID, body: dict[str, Any]
) -> ProblemReport:
    """Keep a reported item, withdraw it, or withdraw it and take the next of the reserve."""
    report = _one_or_404(problem_reports(study), problem)
    refused = refused_decisions(study, report.assignment.sampled_item)
    form = DecideProblemForm(body, refused=refused)
    if not form.is_valid():
        raise faults_of_form(form)
    try:
        problems.decide_problem(report=report, acting_user=request.user, **form.cleaned_data)
    except OSError as error:
        raise Problem("refused", str(error)) from error
    return _one_or_404(problem_reports(study), problem)


@endpoint(
    "GET",
    scope="read",
    access=coordinated_items,
    answers=AskedQuestionSchema,
    query=QuestionFilterSchema,
    paged=True,
)
def list_questions(request: Request, study: Study, query: dict[str, Any]) -> Listing:
    """List what raters have asked, the newest first."""
    asked = questions_of(study)
    if "settled" in query:
        asked = asked.exclude(OPEN) if query["settled"] else asked.filter(OPEN)
    return Listing(asked, order=("-pk",))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_items,
    body=NoteSchema,
    answers=AskedQuestionSchema,
    idempotent="accepted",
)
def close_question(
    request: Request, study: Study, question: UUID, body: dict[str, Any]
) -> Question:
    """Settle a question without a clarification."""
    asked = _one_or_404(questions_of(study), question)
    questions.close_question(question=asked, note=body["note"], acting_user=request.user)
    return _one_or_404(questions_of(study), question)


@endpoint("GET", scope="read", access=coordinated_items, answers=ClarificationSchema, paged=True)
def list_clarifications(request: Request, study: Study) -> Listing:
    """List what the raters were told, by number."""
    return Listing(published(study), order=("number",))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_items,
    body=NewClarificationSchema,
    answers={201: ClarificationSchema, 200: ClarificationSchema},
    idempotent="accepted",
)
def publish_clarification(request: Request, study: Study, body: dict[str, Any]) -> Answer:
    """Tell every rater, in each language that one reads; nothing changes it afterwards.

    The same again is answered 200.
    """
    try:
        done = clarifications.publish_clarification(
            study=study,
            number=body["number"],
            texts=body["texts"],
            questions=body["questions"],
            acting_user=request.user,
        )
    except InvalidSubmission as error:
        faults: dict[Place, str] = {
            ("texts", language): text for language, text in error.fields.items()
        }
        raise InvalidSubmission(faults) from error
    told = published(study).get(pk=done.clarification.pk)
    return Answer(told, status=200 if done.is_resend else 201)


@endpoint(
    "GET",
    scope="read",
    access=coordinated_items,
    answers=LateRatingSchema,
    query=LateFilterSchema,
    paged=True,
)
def list_late_ratings(request: Request, study: Study, query: dict[str, Any]) -> Listing:
    """List ratings that came too late, the newest first; no score is told."""
    ratings = late_ratings(study)
    if "admitted" in query:
        ratings = ratings.filter(admitted_at__isnull=not query["admitted"])
    return Listing(ratings, order=("-pk",))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_items,
    body=AdmissionSchema,
    answers=LateRatingSchema,
    idempotent="accepted",
)
def admit_rating(request: Request, study: Study, late_rating: UUID, body: dict[str, Any]) -> Rating:
    """Let a late rating count, on record."""
    rating = _one_or_404(late_ratings(study), late_rating)
    late.admit_rating(rating=rating, reason=body["reason"], acting_user=request.user)
    return _one_or_404(late_ratings(study), late_rating)


def _one_or_404(rows: Any, public_id: UUID) -> Any:
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _told(rater: RaterProgress, categories: list[str], flags: RaterFlags) -> dict[str, Any]:
    return {
        **vars(rater),
        "is_withdrawn": not rater.membership.is_active,
        "categories": [
            {"category": name, "done": count.done, "total": count.total}
            for name, count in zip(categories, rater.categories, strict=True)
        ],
        "flags": flags,
    }


def _done(done: int, total: int) -> dict[str, int]:
    return {"done": done, "total": total}


study = "studies/<uuid:study_id>/"
addresses = [
    *route(f"{study}progress/", show_progress),
    *route(f"{study}problems/", list_problems),
    *route(f"{study}problems/<uuid:problem>/decision/", decide_problem),
    *route(f"{study}questions/", list_questions),
    *route(f"{study}questions/<uuid:question>/close/", close_question),
    *route(f"{study}clarifications/", list_clarifications, publish_clarification),
    *route(f"{study}late-ratings/", list_late_ratings),
    *route(f"{study}late-ratings/<uuid:late_rating>/admit/", admit_rating),
]
