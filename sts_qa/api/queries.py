"""Finding tokens."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from sts_qa.accounts.models import User
from sts_qa.api.models import Token

SECRET_START = "stsqa_"


def secret_hash(secret: str) -> str:
    # 240 random bits: no guessing, so no need for a slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(secret: str) -> Token | None:
    """Return the token with this secret that can be used now, with its user and study."""
    if not secret.startswith(SECRET_START):
        return None
    found = list(_IN_USE.filter(secret_hash=secret_hash(secret)))
    return found[0] if found and found[0].is_valid and found[0].user.is_active else None


# With every request: of the study no more than what says what the token reaches
_IN_USE = Token.objects.select_related("user", "study").only(
    *("user", "created_by", "scopes", "study", "expires_at", "last_used_at", "revoked_at"),
    *(f"user__{field.name}" for field in User._meta.concrete_fields),
    *("study__public_id", "study__dataset"),
)


def tokens_of(user: Any) -> QuerySet[Token]:
    """Return the account's tokens, newest first."""
    return Token.objects.select_related("study").filter(user=user).order_by("-pk")


def working_tokens(user: Any) -> QuerySet[Token]:
    """Return those of the account's tokens that can be used now."""
    return tokens_of(user).filter(revoked_at=None, expires_at__gt=timezone.now())


def own_token_or_404(user: Any, token_id: int) -> Token:
    token = tokens_of(user).filter(pk=token_id).first()
    if token is None:
        raise Http404
    return token
