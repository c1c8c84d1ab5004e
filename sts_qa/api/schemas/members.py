"""Members of a study, raters that are programs, and the panel, as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.accounts.languages import OWN_NAMES
from sts_qa.api.models import TOKEN_NAME_LENGTH
from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.api.schemas.studies import DoneSchema, ReasonSchema
from sts_qa.studies.forms import AddMemberForm
from sts_qa.studies.models import Membership
from sts_qa.studies.models.people import LONGEST_MODEL_NAME, LONGEST_MODEL_VERSION

LONGEST_NAME = 150
STATES = ("active", "invited", "expired", "withdrawn", "imported")


class ModelSchema(Schema):
    """A program that rates."""

    name = serializers.CharField(max_length=LONGEST_MODEL_NAME)
    version = serializers.CharField(
        max_length=LONGEST_MODEL_VERSION, help_text="Each version rates once in a study."
    )


class MemberFilterSchema(Schema):
    """Which members are listed."""

    role = serializers.ChoiceField(choices=Membership.Role.values, required=False)


class MemberSchema(Schema):
    """Who takes or took part in a study.

    Observers get those who rate only, under the labels that reports use, and nothing that names a
    person.
    """

    identifies = {"member": "id"}

    id = Whole(allow_null=True, help_text="Null to observers.")
    label = serializers.CharField(help_text="The name; to observers the label in reports.")
    username = serializers.CharField(allow_null=True, help_text="Null of programs.")
    role = serializers.ChoiceField(choices=Membership.Role.values)
    also_rates = serializers.BooleanField(help_text="Of a coordinator who rates too.")
    model = ModelSchema(allow_null=True, help_text="Null of a person.")
    language = serializers.CharField(
        allow_null=True, help_text="That the person has chosen; empty where none."
    )
    state = serializers.ChoiceField(choices=STATES)
    ratings = DoneSchema()
    replaces = Whole(allow_null=True, help_text="The member whose place was taken.")
    only_the_rest = serializers.BooleanField(
        help_text="Whether what the former rater had rated is left out."
    )


class AccountSchema(Schema):
    """A person, by an account that exists or that is to be made."""

    account = serializers.ChoiceField(
        choices=[AddMemberForm.NEW, AddMemberForm.EXISTING], default=AddMemberForm.NEW
    )
    username = serializers.CharField(max_length=LONGEST_NAME)
    full_name = serializers.CharField(
        max_length=LONGEST_NAME, default="", allow_blank=True, help_text="For a new account."
    )
    language = serializers.ChoiceField(
        choices=list(OWN_NAMES), required=False, help_text="For a new account."
    )


class NewMemberSchema(AccountSchema):
    """A person and the role that the person is to have."""

    role = serializers.ChoiceField(
        choices=Membership.Role.values, default=Membership.Role.RATER.value
    )


class ReplacementSchema(AccountSchema, ReasonSchema):
    """Who takes a rater's place, and how much of the work."""

    only_the_rest = serializers.BooleanField(default=False)


class InvitationSchema(Schema):
    """A link that lets a person set the account's first password; shown once."""

    link = serializers.CharField(help_text="Pass it on; it works once.")
    days = Whole(help_text="How long it works.")


class JoinedSchema(Schema):
    """A new member."""

    identifies = {"member": "member/id"}

    member = MemberSchema()
    invitation = InvitationSchema(
        allow_null=True, help_text="Null where the account needs none, or another study gave it."
    )


class AlsoRatesSchema(Schema):
    also_rates = serializers.BooleanField()


class NewProgramTokenSchema(Schema):
    """A token with which a rater that is a program reads its queue and submits."""

    name = serializers.CharField(
        max_length=TOKEN_NAME_LENGTH, help_text="Where the program runs, such as Workstation 2."
    )
    days = Whole(min_value=1, max_value=365, default=30, help_text="After how many it ends.")


class TokenSchema(Schema):
    """A token, without its secret."""

    identifies = {"token_id": "id"}

    id = Whole(source="pk")
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How its secret begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class MadeTokenSchema(Schema):
    """A new token with its secret."""

    identifies = {"token_id": "token/id"}

    token = TokenSchema()
    secret = serializers.CharField(help_text="Shown once; keep it.")


class PanelRaterSchema(Schema):
    """A person who rates, under the label in reports."""

    rater = Whole(source="pseudonym", help_text="1 of R1.")
    in_panel = serializers.BooleanField()
    is_withdrawn = serializers.BooleanField()
    ratings = DoneSchema()


class PanelChoiceSchema(Schema):
    """How the panel was chosen."""

    reason = serializers.CharField()
    chosen_at = serializers.DateTimeField()
    after_results_seen = serializers.BooleanField()


class PanelSchema(Schema):
    """The raters behind the tables."""

    raters = PanelRaterSchema(many=True)
    choice = PanelChoiceSchema(
        allow_null=True, help_text="Null: all raters that are not withdrawn, as nobody chose."
    )
    programs = serializers.ListField(
        child=serializers.CharField(),
        help_text="Never of the panel; a report counts them when it is asked to.",
    )


class NewPanelSchema(ReasonSchema):
    """Whose ratings the tables are to use."""

    raters = serializers.ListField(child=Whole(), allow_empty=False, max_length=1000)
