"""Raters of a study that are programs, and the tokens with which they rate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from sts_qa.api import actions
from sts_qa.api.access import coordinated_study
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.models import PROGRAM_SCOPES, Token
from sts_qa.api.paging import Listing
from sts_qa.api.queries import own_token_or_404, tokens_of
from sts_qa.api.resources.members import member_or_404, told_member
from sts_qa.api.routing import route
from sts_qa.api.schemas.members import (
    MadeTokenSchema,
    MemberSchema,
    ModelSchema,
    NewProgramTokenSchema,
    TokenSchema,
)
from sts_qa.studies.actions import create_model_rater
from sts_qa.studies.models import Membership, Study


def program_of_study(request: Request, study_id: UUID, member: int) -> Membership:
    """Return a program that rates in a study that the account coordinates."""
    membership = member_or_404(coordinated_study(request, study_id), member)
    if not membership.is_program:
        raise Http404
    return membership


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=ModelSchema,
    answers={201: MemberSchema},
    idempotent="accepted",
    located=[201],
)
def add_model_rater(request: Request, study: Study, body: dict[str, Any]) -> Answer:
    """Let a program rate: the whole sample, in an order of its own, blinded like everyone.

    It never counts as an expert. It submits with a token of its own.
    """
    membership = create_model_rater(
        study=study, name=body["name"], version=body["version"], acting_user=request.user
    )
    place = reverse("api:show_member", args=[study.public_id, membership.pk])
    return Answer(told_member(membership), status=201, headers={"Location": place})


@endpoint("GET", scope="read", access=program_of_study, answers=TokenSchema, paged=True)
def list_tokens_of_program(request: Request, program: Membership) -> Listing:
    """List a program's tokens, the newest first."""
    return Listing(tokens_of(program.user), order=("-pk",))


@endpoint(
    "POST",
    scope="manage",
    access=program_of_study,
    body=NewProgramTokenSchema,
    answers={201: MadeTokenSchema},
    idempotent="accepted",
    secret_answer=True,
)
def create_token_of_program(request: Request, program: Membership, body: dict[str, Any]) -> Answer:
    """Make a token with which a program reads and rates in this study; its secret is told once."""
    token, secret = actions.create_token(
        user=program.user,
        name=body["name"],
        scopes=PROGRAM_SCOPES,
        study=program.study,
        expires_at=timezone.now() + timedelta(days=body["days"]),
        acting_user=request.user,
    )
    return Answer({"token": token, "secret": secret}, status=201)


@endpoint("POST", scope="manage", access=program_of_study, answers=TokenSchema)
def revoke_token_of_program(request: Request, program: Membership, token_id: int) -> Token:
    """Revoke a program's token: who uses it is refused from now on."""
    token = own_token_or_404(program.user, token_id)
    actions.revoke_token(token=token, acting_user=request.user)
    return own_token_or_404(program.user, token_id)


members = "studies/<uuid:study_id>/members/"
tokens = f"{members}<int:member>/tokens/"
addresses = [
    *route(f"{members}programs/", add_model_rater),
    *route(tokens, list_tokens_of_program, create_token_of_program),
    *route(f"{tokens}<int:token_id>/revoke/", revoke_token_of_program),
]
