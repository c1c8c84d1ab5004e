"""Writing protocols. A version that is frozen or used by a study never changes again."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit import actions as audit
from sts_qa.protocols.content import (
    BUILT_IN_SLUGS,
    built_in_content,
    checked_content,
    content_checksum,
)
from sts_qa.protocols.content_errors import ContentError, InvalidContentError
from sts_qa.protocols.models import Criterion, Protocol, ProtocolVersion


def create_protocol(*, content: Any, acting_user) -> ProtocolVersion:
    """Make a protocol with its first version.

    Raises
    ------
    InvalidContentError
        When the content breaks a rule, or its slug is taken.
    """
    content = checked_content(content)
    with transaction.atomic():
        if content["slug"] in BUILT_IN_SLUGS:
            raise _slug_refused(_built_in_message())
        protocol, is_new = _locked_protocol(content["slug"], acting_user)
        if not is_new:
            raise _slug_refused(_("Another protocol has this name. Choose another one."))
        return _add_version(protocol, content, acting_user)


def add_version(
    *, protocol: Protocol, content: Any, acting_user, expected_checksum: str | None = None
) -> ProtocolVersion:
    """Give the protocol a new version, or replace its newest one while no study uses that.

    Content equal to the newest version's changes nothing and returns that version. Who worked
    from a page gives `expected_checksum`, that of the newest version then.

    Raises
    ------
    InvalidContentError
        When the content breaks a rule or names another protocol, when the protocol is built in,
        or when its newest version is no longer the expected one.
    """
    content = checked_content(content)
    if protocol.built_in:
        raise _slug_refused(_built_in_message())
    if content["slug"] != protocol.slug:
        message = _("Must be “%(slug)s”, the protocol's own name.") % {"slug": protocol.slug}
        raise _slug_refused(message)
    with transaction.atomic():
        locked = Protocol.objects.select_for_update().get(pk=protocol.pk)
        if expected_checksum is not None:
            _refuse_if_changed(locked, expected_checksum)
        return _add_version(locked, content, acting_user)


def save_protocol(*, content: Any, acting_user) -> ProtocolVersion:
    """Create the protocol that the content names, or add a version to it when it exists."""
    content = checked_content(content)
    protocol = Protocol.objects.filter(slug=content["slug"]).first()
    if protocol is None:
        return create_protocol(content=content, acting_user=acting_user)
    return add_version(protocol=protocol, content=content, acting_user=acting_user)


def freeze_version(*, version: ProtocolVersion, acting_user) -> None:
    """Freeze the version for good; called by the first main rating, later calls do nothing."""
    if version.frozen_at is not None:
        return
    with transaction.atomic():
        now = timezone.now()
        unfrozen = ProtocolVersion.objects.filter(pk=version.pk, frozen_at__isnull=True)
        if unfrozen.update(frozen_at=now):
            details = {"number": version.number, "checksum": version.checksum}
            audit.record(
                action="protocol.version_frozen",
                acting_user=acting_user,
                subject=version,
                details=details,
            )
    version.refresh_from_db(fields=["frozen_at"])


def export_version(*, version: ProtocolVersion, acting_user) -> bytes:
    """Return the version as a protocol file that can be uploaded again."""
    with transaction.atomic():
        audit.record(
            action="protocol.exported",
            acting_user=acting_user,
            subject=version,
            details={"number": version.number, "checksum": version.checksum},
        )
    return (json.dumps(version.content, ensure_ascii=False, indent=2) + "\n").encode()


def install_built_in_protocols(*, acting_user=None) -> list[ProtocolVersion]:
    """Bring the built-in protocols up to this software's texts; return their newest versions."""
    with transaction.atomic():
        versions = []
        for slug in BUILT_IN_SLUGS:
            protocol, _is_new = _locked_protocol(slug, acting_user, built_in=True)
            versions.append(_add_version(protocol, built_in_content(slug), acting_user))
        return versions


def _locked_protocol(slug: str, acting_user, *, built_in: bool = False) -> tuple[Protocol, bool]:
    protocol, is_new = Protocol.objects.get_or_create(
        slug=slug, defaults={"built_in": built_in, "created_by": acting_user}
    )
    return Protocol.objects.select_for_update().get(pk=protocol.pk), is_new


def _refuse_if_changed(protocol: Protocol, expected_checksum: str) -> None:
    latest = protocol.versions.order_by("-number").first()
    if latest is not None and latest.checksum != expected_checksum:
        message = _(
            "Someone else has saved version %(number)d since you opened this page. "
            "Open the protocol again, or save yours under another name."
        )
        raise InvalidContentError([ContentError((), message % {"number": latest.number})])


def _add_version(protocol: Protocol, content: dict[str, Any], acting_user) -> ProtocolVersion:
    """Write checked content as the newest version of a locked protocol."""
    checksum = content_checksum(content)
    # The row lock keeps a study from starting to use the version while it is replaced
    latest = protocol.versions.select_for_update().order_by("-number").first()
    if latest is not None and latest.checksum == checksum:
        return latest
    if latest is None or latest.frozen_at is not None or latest.studies.exists():
        version = ProtocolVersion.objects.create(
            protocol=protocol,
            number=latest.number + 1 if latest else 1,
            content=content,
            checksum=checksum,
            created_by=acting_user,
        )
        action, replaced = "protocol.version_added", ""
    else:
        version, action, replaced = latest, "protocol.version_replaced", latest.checksum
        version.content, version.checksum = content, checksum
        version.save(update_fields=["content", "checksum"])
        version.criteria.all().delete()
    Criterion.objects.bulk_create(_criteria(version, content))
    details = {"slug": protocol.slug, "number": version.number, "checksum": checksum}
    if replaced:
        details["replaced_checksum"] = replaced
    audit.record(action=action, acting_user=acting_user, subject=version, details=details)
    return version


def _criteria(version: ProtocolVersion, content: dict[str, Any]) -> list[Criterion]:
    return [
        Criterion(
            version=version,
            code=criterion["code"],
            position=position,
            scope=criterion["scope"],
            minimum=str(criterion["minimum"]),
            maximum=str(criterion["maximum"]),
            decimals=criterion.get("decimals", 0),
            ordinal=criterion.get("ordinal", False),
        )
        for position, criterion in enumerate(content["criteria"])
    ]


def _built_in_message() -> str:
    return _("This is a built-in protocol, which stays as it is. Choose another name for your own.")


def _slug_refused(message: str) -> InvalidContentError:
    return InvalidContentError([ContentError(("slug",), message)])
