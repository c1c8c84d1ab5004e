"""In which language a person is spoken to: the account's, else the browser's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from sts_qa.accounts.models import User

# As its readers write it, so that it is found by who cannot read the page
OWN_NAMES = {"en": "English", "zh-hans": "中文"}
SESSION_KEY = "chosen_language"


def own_name(language: str) -> str:
    """Return the name of a language as its readers write it; of one not offered, its code."""
    return OWN_NAMES.get(language, language)


def is_offered(language: str) -> bool:
    return language in dict(settings.LANGUAGES)


def current_language() -> str:
    """Return the language of this page, as one of `settings.LANGUAGES`."""
    language = (translation.get_language() or settings.LANGUAGE_CODE).lower()
    return language if is_offered(language) else settings.LANGUAGE_CODE


def language_of(user: User) -> str:
    """Return the language to write to a person in; English where none that is offered is set."""
    return user.language if is_offered(user.language) else settings.LANGUAGE_CODE


def note_choice(request: HttpRequest, language: str) -> None:
    """Remember what somebody who is not logged in chose; unlike the cookie only in this session."""
    request.session[SESSION_KEY] = language


def take_choice(request: HttpRequest) -> str:
    """Return and forget what was chosen before the log-in, or nothing."""
    return request.session.pop(SESSION_KEY, "")


def language_to_keep(request: HttpRequest, user: User) -> str:
    """Return the language that an account logged in just now gets, or nothing where it has one.

    It is the one chosen before the log-in, else that of the page on which it is logged in: what
    follows goes on in it, and studies count it.
    """
    chosen = take_choice(request)
    return "" if is_offered(user.language) else chosen or current_language()


def speak(request: HttpRequest, language: str) -> None:
    """Go on in `language` with what this request still shows."""
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language()


def page_to_return_to(request: HttpRequest) -> str:
    """Return the address that shows this page again, for the switches in its frame.

    What answers a form may lie at an address that cannot be opened: there it is the page on which
    the form was.
    """
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    sender = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        sender, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return sender if is_ours else "/"
