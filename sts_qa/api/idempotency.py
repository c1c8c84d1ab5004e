"""The same request sent twice is carried out once.

A request with an Idempotency-Key keeps its answer for a week under account and key. Only success
is kept: after a refusal nothing was done, and the same key may be tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.models import KEY_LENGTH, IdempotentAnswer
from sts_qa.api.problems import Problem

KEPT = timedelta(days=7)
# No limit ends a request, but none takes this long once its body is read: whose key is claimed
# longer has died with its process
BROKEN_OFF_AFTER = timedelta(hours=1)
REPLAYED_HEADERS = ("Location",)
# More rows go than come
FORGOTTEN_EVERY, FORGOTTEN_AT_ONCE = 50, 200
_CHUNK_BYTES = 1024 * 1024


def key_of(request: Request, *, required: bool) -> str:
    """Return the request's Idempotency-Key, or nothing where it may be left out."""
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return ""
    if not key and required:
        raise Problem(
            "idempotency-key-missing",
            _("Send a header Idempotency-Key with a new random text for each new request."),
        )
    if not key or len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise Problem(
            "malformed",
            _("An Idempotency-Key has 1 to %(longest)s printable ASCII characters.")
            % {"longest": KEY_LENGTH},
        )
    return key


def once(
    request: Request,
    key: str,
    act: Callable[[], HttpResponse],
    *,
    takes_body: bool,
    atomic: bool,
    secret: bool,
    repeatable: bool = False,
    told_when_broken_off: bool = False,
) -> HttpResponse:
    """Return the answer of `act`, or the kept one when the request came before.

    Parameters
    ----------
    takes_body
        Whether the request has a body that counts; any other one is not even read.
    atomic
        Whether act and kept answer share one transaction. Not where the act works long before it
        writes: the key is then claimed first, and a crash in between leaves it claimed until the
        same request takes the claim over, `BROKEN_OFF_AFTER` later.
    secret
        Whether the answer holds a secret, which is then not kept and not told again.
    repeatable
        Whether the act itself knows what of it was done before. It is then carried out again where
        a crash left no answer, or while it is still being carried out; and one that is atomic is
        not looked up first, as hardly any request comes twice.
    told_when_broken_off
        Whether the act may not be carried out again where a crash left no answer, as it would then
        be done twice if it was done; who asks is told to look.
    """
    given = fingerprint(request, takes_body=takes_body)
    if not (atomic and repeatable) and (kept := _kept(request, key)):
        if repeatable and kept.status is None and kept.fingerprint == given:
            return _kept_answer(kept, act(), secret)
        if _is_broken_off(kept, given):
            return _taken_over(kept, act, secret, told_when_broken_off)
        return _again(kept, given, secret)
    if not atomic:
        return _claimed_first(request, key, given, act, secret)
    try:
        with transaction.atomic():
            answer = act()
            content = {"fingerprint": given, **_told(answer, secret)}
            new = IdempotentAnswer.objects.create(user=request.user, key=key, **content)
    except Exception:
        # Another one with this key came first, or what it did is why this one was refused
        if kept := _kept(request, key):
            return _again(kept, given, secret)
        raise
    _forget_sometimes(new)
    return answer


def _forget_sometimes(new: IdempotentAnswer) -> None:
    if new.pk % FORGOTTEN_EVERY == 0:
        forget_old_answers()


def forget_old_answers() -> None:
    """Drop what is older than a week, a few rows at a time."""
    old = IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT)
    # Most often there is none, and reading takes no write lock
    if ids := list(old.order_by("created_at").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        IdempotentAnswer.objects.filter(pk__in=ids).delete()


def fingerprint(request: Request, *, takes_body: bool = True) -> str:
    """Return a hash of method, address and content."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if not takes_body:
        return digest.hexdigest()
    files = request.FILES
    fields = {name: value for name, value in _items(request.data) if name not in files}
    digest.update(json.dumps(fields, sort_keys=True).encode())
    for name in sorted(files):
        digest.update(f"\n{name} {files[name].name}\n".encode())
        for chunk in files[name].chunks(_CHUNK_BYTES):
            digest.update(chunk)
        files[name].seek(0)
    return digest.hexdigest()


def _items(data: Any) -> Any:
    if hasattr(data, "lists"):
        return data.lists()
    return data.items() if isinstance(data, dict) else [("", data)]


class _Taken(Exception):
    """Another request with this key came first."""


def _claim(request: Request, key: str, given: str) -> IdempotentAnswer:
    try:
        with transaction.atomic():
            return IdempotentAnswer.objects.create(user=request.user, key=key, fingerprint=given)
    except IntegrityError:
        raise _Taken from None


def _claimed_first(
    request: Request, key: str, given: str, act: Callable[[], HttpResponse], secret: bool
) -> HttpResponse:
    try:
        claim = _claim(request, key, given)
    except _Taken:
        return _again(_kept(request, key), given, secret)
    _forget_sometimes(claim)
    return _carried_out(claim, act, secret)


def _carried_out(
    claim: IdempotentAnswer, act: Callable[[], HttpResponse], secret: bool
) -> HttpResponse:
    try:
        answer = act()
    except BaseException:
        # Not what another one has taken over meanwhile
        IdempotentAnswer.objects.filter(pk=claim.pk, created_at=claim.created_at).delete()
        raise
    return _kept_answer(claim, answer, secret)


def _is_broken_off(kept: IdempotentAnswer, given: str) -> bool:
    is_old = kept.created_at < timezone.now() - BROKEN_OFF_AFTER
    return kept.status is None and is_old and kept.fingerprint == given


def _taken_over(
    kept: IdempotentAnswer, act: Callable[[], HttpResponse], secret: bool, told: bool
) -> HttpResponse:
    """Carry the request out again in place of the one that died, once."""
    if told:
        raise Problem(
            "broken-off",
            _("The first request with this key broke off. Look whether it was done."),
        )
    now = timezone.now()
    claimed = IdempotentAnswer.objects.filter(
        pk=kept.pk, status=None, created_at=kept.created_at
    ).update(created_at=now)
    if not claimed:
        # Another one was quicker
        raise _in_progress()
    kept.created_at = now
    return _carried_out(kept, act, secret)


def _kept_answer(claim: IdempotentAnswer, answer: HttpResponse, secret: bool) -> HttpResponse:
    """Keep the answer under its claim, and return it."""
    # The claim is gone where another one of the same requests was refused
    IdempotentAnswer.objects.filter(pk=claim.pk).update(**_told(answer, secret))
    return answer


def _kept(request: Request, key: str) -> IdempotentAnswer | None:
    return IdempotentAnswer.objects.filter(user=request.user, key=key).first()


def _told(answer: HttpResponse, secret: bool) -> dict[str, Any]:
    return {
        "status": answer.status_code,
        "body": "" if secret else answer.content.decode(),
        "headers": {name: answer[name] for name in REPLAYED_HEADERS if name in answer},
    }


def _in_progress() -> Problem:
    return Problem(
        "in-progress",
        _("A request with this key is being carried out. Ask again a little later."),
        headers={"Retry-After": "1"},
    )


def _again(kept: IdempotentAnswer | None, given: str, secret: bool) -> HttpResponse:
    if kept is None or kept.status is None:
        raise _in_progress()
    if kept.fingerprint != given:
        raise Problem(
            "idempotency-key-reused",
            _("This key came with another request. Take a new key for a new request."),
        )
    if secret:
        raise Problem("shown-once", _("This was done already; what it gave is shown only once."))
    answer = HttpResponse(kept.body, status=kept.status, content_type="application/json")
    for name, value in kept.headers.items():
        answer[name] = value
    answer["Idempotency-Replayed"] = "true"
    return without_type_of_nothing(answer)


def without_type_of_nothing(answer: HttpResponse) -> HttpResponse:
    """Take the media type off an answer that has no content."""
    if not answer.content:
        del answer["Content-Type"]
    return answer
