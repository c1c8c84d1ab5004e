"""Which languages a study must speak, and what its protocol does not say in them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.accounts.languages import language_of, own_name
from sts_qa.accounts.models import User
from sts_qa.protocols.missing_texts import missing_texts
from sts_qa.studies.models import Study


def languages_of(study: Study) -> list[str]:
    """Return the languages of everyone who rates in the study and is not withdrawn.

    Programs read none. An account gets one by the first log-in at the latest; until then it
    counts as English.
    """
    members = study.memberships.filter(withdrawn_at__isnull=True).select_related("user")
    return sorted({language_of(member.user) for member in members if member.is_expert})


def missing_languages(study: Study) -> list[tuple[str, list[str]]]:
    """Return each language of a rater that the protocol lacks, with what is missing of it."""
    content = study.protocol_version.content
    found = [(language, missing_texts(content, language)) for language in languages_of(study)]
    return [(language, missing) for language, missing in found if missing]


def language_problem(study: Study) -> str:
    """Return why the raters could not all read the protocol, or nothing."""
    problems = [_missing(language, texts) for language, texts in missing_languages(study)]
    return " ".join([*problems, _remedy()]) if problems else ""


def language_problem_of(study: Study, user: User) -> str:
    """Return why this person could not read the study's protocol, or nothing."""
    language = language_of(user)
    texts = missing_texts(study.protocol_version.content, language)
    if not texts:
        return ""
    return " ".join(
        [
            _missing(language, texts),
            _("A running study keeps its protocol."),
            _("Let the person switch the language of the pages first, or choose somebody else."),
        ]
    )


def _missing(language: str, texts: list[str]) -> str:
    return _("The protocol lacks texts in %(language)s, a language of the raters: %(texts)s.") % {
        "language": own_name(language),
        "texts": "; ".join(texts),
    }


def _remedy() -> str:
    return _(
        "Make a new version of the protocol with these texts and plan the study with it, or let "
        "the raters switch the language of their pages first."
    )
