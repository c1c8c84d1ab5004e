"""Reading protocols."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Max, QuerySet

from sts_qa.protocols.models import Protocol, ProtocolVersion
from sts_qa.protocols.rubric import Rubric, rubric_of, shown_language

# What the database's column holds; greater numbers in an address name nothing
LARGEST_NUMBER = 2**31 - 1


def versions_of(protocol: Protocol) -> QuerySet[ProtocolVersion]:
    """Return the protocol's versions, newest first, each with `study_count`."""
    return protocol.versions.annotate(study_count=Count("studies")).order_by("-number")


def latest_versions() -> list[ProtocolVersion]:
    """Return the newest version of every protocol with its `study_count`, built-in ones first."""
    numbers = ProtocolVersion.objects.values("protocol").annotate(newest=Max("number"))
    newest = {(row["protocol"], row["newest"]) for row in numbers}
    versions = (
        ProtocolVersion.objects.select_related("protocol")
        .annotate(study_count=Count("studies"))
        .order_by("-protocol__built_in", "protocol__slug")
    )
    return [version for version in versions if (version.protocol_id, version.number) in newest]


def latest_version(slug: str) -> ProtocolVersion | None:
    """Return the newest version of the protocol `slug`, or None when there is no such protocol."""
    return (
        ProtocolVersion.objects.select_related("protocol")
        .filter(protocol__slug=slug)
        .order_by("-number")
        .first()
    )


def version_of(slug: str, number: int | None = None) -> ProtocolVersion | None:
    """Return version `number` of the protocol `slug`, the newest where `number` is None."""
    if number is None:
        return latest_version(slug)
    if number > LARGEST_NUMBER:
        return None
    return (
        ProtocolVersion.objects.select_related("protocol")
        .filter(protocol__slug=slug, number=number)
        .first()
    )


def built_in_version(slug: str) -> ProtocolVersion:
    """Return the newest version of a built-in protocol; every migration installs them.

    Raises
    ------
    ProtocolVersion.DoesNotExist
        When `slug` names no built-in protocol.
    """
    version = latest_version(slug)
    if version is None or not version.protocol.built_in:
        raise ProtocolVersion.DoesNotExist(f"There is no built-in protocol {slug!r}.")
    return version


def rubric(version: ProtocolVersion, language: str, kind: str) -> Rubric:
    """Return the version's texts in `language` for items of `kind`.

    A language the protocol lacks falls back to English (else to its first language), and the
    rubric says so in `is_fallback`.

    Parameters
    ----------
    kind
        "radiograph", "volume" or "slice".
    """
    return rubric_of(
        version.content,
        version=version.number,
        checksum=version.checksum,
        language=language,
        kind=kind,
    )


def title_of(version: ProtocolVersion, language: str) -> str:
    title: dict[str, str] = version.content["title"]
    return title[shown_language(version.content["languages"], language)]


def missing_languages(version: ProtocolVersion, languages: Iterable[str]) -> list[str]:
    """Return those of `languages` in which the protocol has no texts, in the order given."""
    return [language for language in languages if language not in version.content["languages"]]
