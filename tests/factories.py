"""Small, valid objects for tests; each takes what matters to the test and fills in the rest."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import NOTICE_VERSION
from sts_qa.catalogue.models import (
    Category,
    Dataset,
    DatasetMember,
    ImageKind,
    Item,
    ItemVersion,
    MaskVersion,
)
from sts_qa.protocols.actions import create_protocol
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.rating.models import Rating, Score
from sts_qa.studies.models import (
    Assignment,
    FrameEntry,
    Membership,
    SampledItem,
    Stratum,
    Study,
)

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"


def make_user(username: str = "", *, coordinator: bool = False, **fields: Any) -> User:
    """A person who has accepted the notice; `coordinator` gives the site permission."""
    fields.setdefault("notice_version", NOTICE_VERSION)
    user = User.objects.create_user(
        username or f"person{next(_numbers)}", password=PASSWORD, **fields
    )
    if coordinator:
        user.user_permissions.add(Permission.objects.get(codename="can_coordinate"))
    return user


def make_dataset(*, owner: User | None = None, name: str = "") -> Dataset:
    owner = owner or make_user(coordinator=True)
    dataset = Dataset.objects.create(name=name or f"Dataset {next(_numbers)}", created_by=owner)
    DatasetMember.objects.create(dataset=dataset, user=owner)
    return dataset


def make_item(
    dataset: Dataset,
    key: str,
    *,
    category: str = "A-PXI",
    group: str = "STS-2D-Tooth",
    labelled: bool = False,
    kind: str = ImageKind.RADIOGRAPH,
    shape: tuple[int, ...] = (32, 64),
    location: str = "",
    mask_location: str = "",
    **version_fields: Any,
) -> Item:
    """An item with one version, and with one mask version when `labelled`."""
    category_row, _ = Category.objects.get_or_create(
        dataset=dataset, name=category, defaults={"group": group}
    )
    item = Item.objects.create(
        dataset=dataset, category=category_row, key=key, kind=kind, labelled=labelled
    )
    mask = None
    if labelled:
        mask = MaskVersion.objects.create(
            item=item,
            key=f"masks/{key}",
            number=1,
            sha256=f"{next(_numbers):064x}",
            size_bytes=100,
            location=mask_location,
            shape=list(shape),
            dtype="uint8",
            nonzero=10,
        )
    version_fields.setdefault("sha256", f"{next(_numbers):064x}")
    item.current_version = ItemVersion.objects.create(
        item=item,
        number=1,
        size_bytes=1000,
        location=location,
        shape=list(shape),
        dtype=version_fields.pop("dtype", "uint8"),
        mask=mask,
        **version_fields,
    )
    item.save()
    return item


def make_protocol_version(
    slug: str = "",
    criteria: tuple[tuple[str, str], ...] = (
        ("contrast", "image"),
        ("pixel_accuracy", "annotation"),
    ),
    *,
    maximum: int = 20,
) -> ProtocolVersion:
    """A small protocol of whole-number criteria from 0 to `maximum`, in English."""
    content = {
        "format": 1,
        "slug": slug or f"protocol-{next(_numbers)}",
        "languages": ["en"],
        "title": {"en": "A small protocol"},
        "criteria": [
            {
                "code": code,
                "scope": scope,
                "minimum": 0,
                "maximum": maximum,
                "title": {"en": code.replace("_", " ").capitalize()},
                "ends": {"minimum": {"en": "Bad"}, "maximum": {"en": "Good"}},
            }
            for code, scope in criteria
        ],
    }
    return create_protocol(content=content, acting_user=None)


def make_study(
    *,
    dataset: Dataset | None = None,
    protocol_version: ProtocolVersion | None = None,
    coordinator: User | None = None,
    state: str = Study.State.DRAFT,
    **fields: Any,
) -> Study:
    coordinator = coordinator or make_user(coordinator=True)
    study = Study.objects.create(
        name=fields.pop("name", f"Study {next(_numbers)}"),
        dataset=dataset or make_dataset(owner=coordinator),
        protocol_version=protocol_version or make_protocol_version(),
        created_by=coordinator,
        seed=fields.pop("seed", 1),
        state=state,
        **fields,
    )
    make_membership(study, coordinator, role=Membership.Role.COORDINATOR)
    return study


def make_membership(study: Study, user: User | None = None, **fields: Any) -> Membership:
    fields.setdefault("role", Membership.Role.RATER)
    return Membership.objects.create(study=study, user=user or make_user(), **fields)


def make_sampled_item(study: Study, item: Item, **fields: Any) -> SampledItem:
    """The item drawn with certainty in a stratum of its own category."""
    name = "labelled" if item.labelled else "unlabelled"
    stratum, _ = Stratum.objects.get_or_create(
        study=study,
        category=item.category,
        name=name,
        defaults={
            "group": item.category.group,
            "position": next(_numbers) % 30000,
            "found": 0,
            "unreadable": 0,
            "missing": 0,
            "held_back": 0,
            "excluded": 0,
            "frame": 0,
            "drawn": 0,
        },
    )
    order = stratum.entries.count()
    entry = FrameEntry.objects.create(
        stratum=stratum,
        key=item.key,
        checksum=item.current_version.checksum,
        item_version=item.current_version,
        draw_number=next(_numbers),
        order_number=order,
    )
    Stratum.objects.filter(pk=stratum.pk).update(found=order + 1, frame=order + 1, drawn=order + 1)
    fields.setdefault("probability_numerator", 1)
    fields.setdefault("probability_denominator", 1)
    fields.setdefault("number", study.sample.count() + 1)
    return SampledItem.objects.create(
        study=study,
        stratum=stratum,
        frame_entry=entry,
        item_version=item.current_version,
        labelled=item.labelled,
        **fields,
    )


def make_assignment(membership: Membership, sampled_item: SampledItem, **fields: Any) -> Assignment:
    fields.setdefault("kind", Assignment.Kind.MAIN)
    position = membership.assignments.count() + 1
    fields.setdefault("position", position)
    fields.setdefault("turn", fields["position"])
    return Assignment.objects.create(membership=membership, sampled_item=sampled_item, **fields)


def make_rating(assignment: Assignment, scores: Mapping[str, int | str], **fields: Any) -> Rating:
    """A rating as submitting leaves it: numbers are values, texts are codes."""
    study = assignment.membership.study
    fields.setdefault("submitted_at", timezone.now())
    rating = Rating.objects.create(
        assignment=assignment,
        protocol_version=study.protocol_version,
        idempotency_key=f"key-{next(_numbers)}",
        body_hash="0" * 64,
        active_ms=fields.pop("active_ms", 30_000),
        wall_ms=40_000,
        waiting_ms=100,
        language="en",
        **fields,
    )
    criteria = {criterion.code: criterion for criterion in study.protocol_version.criteria.all()}
    for code, given in scores.items():
        Score.objects.create(
            rating=rating,
            criterion=criteria[code],
            value=given if isinstance(given, int) else None,
            code="" if isinstance(given, int) else given,
        )
    if rating.is_current:
        Assignment.objects.filter(pk=assignment.pk).update(is_rated=True)
    return rating
