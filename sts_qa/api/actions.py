"""Making and revoking tokens."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import NOTICE_VERSION
from sts_qa.api.errors import TokenRefused
from sts_qa.api.models import TOKEN_NAME_LENGTH, Scope, Token
from sts_qa.api.queries import SECRET_START, secret_hash, working_tokens
from sts_qa.audit import actions as audit
from sts_qa.audit.models import INSTALLATION
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.access import membership_of

# 40 characters
SECRET_BYTES = 30
LONGEST_LIFE = timedelta(days=366)
LAST_USE_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(
    *,
    user: Any,
    name: str,
    scopes: Collection[str],
    study: Study | None,
    expires_at: datetime,
    acting_user: Any,
) -> tuple[Token, str]:
    """Make a token for `user`; return it with its secret, which nothing tells again.

    Raises
    ------
    TokenRefused
        When the name, the scopes or the date cannot be used, when `acting_user` is neither `user`
        nor coordinator of the study in which `user` is a model rater, when the study is not one
        of the user's or its ratings were imported, or when the user has not accepted the notice on
        what is recorded.
    """
    name = name.strip()
    _check_terms(name, scopes, expires_at)
    _check_people(user, study, acting_user)
    secret = SECRET_START + secrets.token_urlsafe(SECRET_BYTES)
    token = Token.objects.create(
        user=user,
        name=name,
        secret_hash=secret_hash(secret),
        prefix=secret[: len(SECRET_START) + 6],
        scopes=[scope for scope in Scope.values if scope in scopes],
        study=study,
        expires_at=expires_at,
        created_by=acting_user,
    )
    audit.record(
        chain=_chain_of(token),
        action="token.created",
        acting_user=acting_user,
        subject=token,
        details={
            "account": str(user.opaque_id),
            "scopes": token.scopes,
            "expires_at": expires_at.isoformat(),
        },
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: Token, acting_user: Any) -> None:
    """End the token at once; one that is revoked already stays so."""
    locked = Token.objects.select_for_update().get(pk=token.pk)
    if locked.revoked_at is not None:
        return
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    audit.record(
        chain=_chain_of(locked), action="token.revoked", acting_user=acting_user, subject=locked
    )


@transaction.atomic
def revoke_all_tokens(*, acting_user: Any) -> int:
    """End all tokens with which programs work in the person's name; return how many there were."""
    tokens = list(working_tokens(acting_user))
    for token in tokens:
        revoke_token(token=token, acting_user=acting_user)
    return len(tokens)


def note_use(*, token: Token) -> None:
    """Keep when the token was last used, written at most once a minute."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - LAST_USE_EVERY:
        return
    is_old = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    Token.objects.filter(is_old, pk=token.pk).update(last_used_at=now)


def _check_terms(name: str, scopes: Collection[str], expires_at: datetime) -> None:
    if name and not name.isprintable():
        text = _("This name holds a character that cannot be shown. Remove it.")
        raise TokenRefused(text, field="name")
    if not name or len(name) > TOKEN_NAME_LENGTH:
        raise TokenRefused(
            _("A token needs a name of 1 to %(longest)s characters.")
            % {"longest": TOKEN_NAME_LENGTH},
            field="name",
        )
    if not scopes or not set(scopes) <= set(Scope.values):
        raise TokenRefused(_("Say what the token may do: read, rate or manage."))
    now = timezone.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise TokenRefused(_("A token ends within a year; choose a date before that."))


def _check_people(user: Any, study: Study | None, acting_user: Any) -> None:
    membership = membership_of(user, study) if study is not None else None
    if study is not None and membership is None:
        raise TokenRefused(_("The token's account takes no part in this study."))
    if user.pk == acting_user.pk:
        if user.notice_version < NOTICE_VERSION:
            raise TokenRefused(_("Read the notice on what is recorded first."))
        return
    own = membership_of(acting_user, study) if study is not None else None
    coordinates = own is not None and own.role == Membership.Role.COORDINATOR
    if not coordinates or membership is None or not membership.is_program:
        raise TokenRefused(
            _("Tokens are made by the account itself, those of a model by its study's coordinator.")
        )
    if study is not None and study.imported:
        raise TokenRefused(_("Nobody logs in as a rater whose ratings were imported."))


def _chain_of(token: Token) -> str:
    return audit.study_chain(token.study_id) if token.study_id else INSTALLATION
