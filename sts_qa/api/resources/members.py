"""Who takes part in a study: the list, adding, inviting, withdrawing, replacing, and the panel."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.accounts.languages import current_language
from sts_qa.api.access import coordinated_study, overseeing
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import Problem, faults_of_form, invalid
from sts_qa.api.routing import route
from sts_qa.api.schemas.members import (
    AlsoRatesSchema,
    InvitationSchema,
    JoinedSchema,
    MemberFilterSchema,
    MemberSchema,
    NewMemberSchema,
    NewPanelSchema,
    PanelSchema,
    ReplacementSchema,
)
from sts_qa.api.schemas.studies import ReasonSchema
from sts_qa.studies import actions
from sts_qa.studies.actions.people import INVITATION_DAYS
from sts_qa.studies.forms import AddMemberForm, ReplaceRaterForm
from sts_qa.studies.forms.people import AccountForm
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.people import Member, members_of, panel_candidates
from sts_qa.studies.queries.programs import active_programs, program_label

ROLES: list[str] = [Membership.Role.COORDINATOR, Membership.Role.OBSERVER, Membership.Role.RATER]


@endpoint(
    "GET",
    scope="read",
    access=overseeing,
    answers=MemberSchema,
    query=MemberFilterSchema,
    paged=True,
)
def list_members(request: Request, own: Membership, query: dict[str, Any]) -> Listing:
    """List everyone who takes or took part; to observers those who rate, without names."""
    with_names = own.role == Membership.Role.COORDINATOR
    wanted = query.get("role")
    rows = [
        {**_place(one.membership, with_names), "member": one}
        for one in members_of(own.study, with_names=with_names)
        if (with_names or one.membership.rates) and wanted in (None, one.membership.role)
    ]
    return Listing(
        rows,
        order=("role", "is_program", "number", "same_number"),
        each=lambda some: [_told(one["member"], with_names) for one in some],
    )


@endpoint("GET", scope="read", access=coordinated_study, answers=MemberSchema)
def show_member(request: Request, study: Study, member: int) -> dict[str, Any]:
    """Show one member to a coordinator."""
    return told_member(member_or_404(study, member))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=NewMemberSchema,
    answers={201: JoinedSchema},
    idempotent="accepted",
    secret_answer=True,
    located=[201],
)
def add_member(request: Request, study: Study, body: dict[str, Any]) -> Answer:
    """Let a person take part; a new account gets an invitation link, told this once."""
    form = _checked(AddMemberForm({"language": current_language(), **body}))
    with transaction.atomic():
        membership = actions.add_member(
            study=study,
            user=_account(request, form),
            role=form.cleaned_data["role"],
            acting_user=request.user,
        )
        return _joined(request, membership)


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    answers={201: InvitationSchema},
    idempotent="accepted",
    secret_answer=True,
)
def invite_member(request: Request, study: Study, member: int) -> Answer:
    """Make a new invitation link, told this once; the former one stops working."""
    membership = member_or_404(study, member)
    secret = actions.create_invitation(membership=membership, acting_user=request.user)
    return Answer(_invitation(request, secret), status=201)


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=ReasonSchema,
    answers=MemberSchema,
    idempotent="accepted",
)
def withdraw_member(
    request: Request, study: Study, member: int, body: dict[str, Any]
) -> dict[str, Any]:
    """Take a member's access away at once; what was rated stays."""
    membership = member_or_404(study, member)
    actions.withdraw_member(membership=membership, reason=body["reason"], acting_user=request.user)
    return told_member(member_or_404(study, member))


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=ReplacementSchema,
    answers={201: JoinedSchema},
    idempotent="accepted",
    secret_answer=True,
    located=[201],
)
def replace_rater(request: Request, study: Study, member: int, body: dict[str, Any]) -> Answer:
    """Withdraw a rater and let another person begin, in an order of their own."""
    membership = member_or_404(study, member)
    if membership.role != Membership.Role.RATER or membership.is_program:
        raise Http404
    form = _checked(ReplaceRaterForm({"language": current_language(), **body}))
    with transaction.atomic():
        replacement = actions.replace_rater(
            membership=membership,
            user=_account(request, form),
            only_the_rest=form.cleaned_data["only_the_rest"],
            reason=form.cleaned_data["reason"],
            acting_user=request.user,
        )
        return _joined(request, replacement)


@endpoint(
    "POST", scope="manage", access=coordinated_study, body=AlsoRatesSchema, answers=MemberSchema
)
def set_also_rates(
    request: Request, study: Study, member: int, body: dict[str, Any]
) -> dict[str, Any]:
    """Let a coordinator rate too, or no longer."""
    membership = actions.set_also_rates(
        membership=member_or_404(study, member),
        also_rates=body["also_rates"],
        acting_user=request.user,
    )
    return told_member(membership)


@endpoint("GET", scope="read", access=coordinated_study, answers=PanelSchema)
def show_panel(request: Request, study: Study) -> dict[str, Any]:
    """Show the raters behind the tables, and who else could be of the panel."""
    return _panel(study)


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=NewPanelSchema,
    answers=PanelSchema,
    idempotent="accepted",
)
def choose_panel(request: Request, study: Study, body: dict[str, Any]) -> dict[str, Any]:
    """Choose whose ratings the tables use, on record; marked when results could be seen."""
    if study.started_at is None and not study.imported:
        raise Problem("refused", _("The panel can be chosen once the study was started."))
    wanted = set(body["raters"])
    chosen = [one for one in panel_candidates(study) if one.pseudonym in wanted]
    if unknown := sorted(wanted - {one.pseudonym for one in chosen}):
        raise invalid("/raters", _("There is no rater R%d in this study.") % unknown[0])
    actions.choose_panel(
        study=study, memberships=chosen, reason=body["reason"], acting_user=request.user
    )
    return _panel(study)


def member_or_404(study: Study, member: int) -> Membership:
    found = study.memberships.select_related("user", "study").filter(pk=member).first()
    if found is None:
        raise Http404
    return found


def told_member(membership: Membership) -> dict[str, Any]:
    """Return one member as coordinators see it."""
    members = members_of(membership.study, with_names=True)
    return _told(next(one for one in members if one.membership.pk == membership.pk), True)


def _place(membership: Membership, with_names: bool) -> dict[str, Any]:
    """Return what names the member's place in the list, which who asks can read in a cursor.

    To observers it must not tell the order of joining, nor the account.
    """
    tie = salted_hmac("sts_qa.api.members", str(membership.pk)).hexdigest()[:16]
    return {
        "role": ROLES.index(membership.role),
        "is_program": membership.is_program,
        "number": membership.pk if with_names else membership.pseudonym or 0,
        "same_number": "" if with_names else tie,
    }


def _told(member: Member, with_names: bool) -> dict[str, Any]:
    one = member.membership
    names_person = with_names and not one.is_program
    return {
        "id": one.pk if with_names else None,
        "label": member.label,
        "username": one.user.username if names_person else None,
        "role": one.role,
        "also_rates": one.also_rates,
        "model": {"name": one.model_name, "version": one.model_version} if one.is_program else None,
        "language": one.user.language if names_person else None,
        "state": member.state,
        "ratings": _done(one),
        "replaces": one.replaces_id if with_names else None,
        "only_the_rest": one.only_the_rest,
    }


def _done(membership: Membership) -> dict[str, int]:
    return {"done": membership.rated_count, "total": membership.assigned_count}


def _checked(form: AccountForm) -> AccountForm:
    if not form.is_valid():
        raise faults_of_form(form)
    return form


def _account(request: Request, form: AccountForm) -> Any:
    if form.cleaned_data["user"] is not None:
        return form.cleaned_data["user"]
    return actions.create_account(
        username=form.cleaned_data["username"],
        full_name=form.cleaned_data["full_name"],
        language=form.cleaned_data["language"],
        acting_user=request.user,
    )


def _joined(request: Request, membership: Membership) -> Answer:
    secret = actions.first_invitation(membership=membership, acting_user=request.user)
    place = reverse("api:show_member", args=[membership.study.public_id, membership.pk])
    content = {
        "member": told_member(membership),
        "invitation": _invitation(request, secret) if secret else None,
    }
    return Answer(content, status=201, headers={"Location": place})


def _invitation(request: Request, secret: str) -> dict[str, Any]:
    link = request.build_absolute_uri(reverse("studies:use_invitation", args=[secret]))
    return {"link": link, "days": INVITATION_DAYS}


def _panel(study: Study) -> dict[str, Any]:
    raters, choice = current_panel(study)
    counted = {rater.pk for rater in raters}
    return {
        "raters": [
            {
                "pseudonym": one.pseudonym,
                "in_panel": one.pk in counted,
                "is_withdrawn": not one.is_active,
                "ratings": _done(one),
            }
            for one in panel_candidates(study)
        ],
        "choice": choice,
        "programs": [program_label(program) for program in active_programs(study)],
    }


members = "studies/<uuid:study_id>/members/"
addresses = [
    *route(members, list_members, add_member),
    *route(f"{members}<int:member>/", show_member),
    *route(f"{members}<int:member>/invitation/", invite_member),
    *route(f"{members}<int:member>/withdraw/", withdraw_member),
    *route(f"{members}<int:member>/replace/", replace_rater),
    *route(f"{members}<int:member>/also-rates/", set_also_rates),
    *route("studies/<uuid:study_id>/panel/", show_panel, choose_panel),
]
