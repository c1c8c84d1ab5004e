"""Which criteria imported scores belong to: those of a protocol, or those that the file shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.protocols.models import Criterion, Protocol, ProtocolVersion
from sts_qa.science.ratings_file import RatingsFile
from sts_qa.science.ratings_file.roles import plain_name

MOST_CRITERIA = 20
LONGEST_CODE = 60
LONGEST_TITLE = 200
LONGEST_SLUG = 60


@dataclass(frozen=True)
class ImportedCriterion:
    """A criterion of the file; its range comes from "protocol", "given" or "observed" numbers."""

    name: str
    code: str
    scope: str
    minimum: Decimal
    maximum: Decimal
    decimals: int
    range_source: str

    @property
    def shown_range(self) -> str:
        return f"{shown_number(self.minimum)} – {shown_number(self.maximum)}"

    @property
    def range_source_label(self) -> str:
        return {
            "protocol": _("from the protocol"),
            "given": _("as stated here"),
            "observed": _("observed: the lowest and the highest score in the file"),
        }[self.range_source]

    def problem_with(self, value: Decimal) -> str:
        """Return what is wrong with a value, or an empty string."""
        if not self.minimum <= value <= self.maximum:
            return _("From %(minimum)s to %(maximum)s.") % {
                "minimum": shown_number(self.minimum),
                "maximum": shown_number(self.maximum),
            }
        if value % Decimal(1).scaleb(-self.decimals):
            return (
                ngettext(
                    "At most %d digit after the decimal point.",
                    "At most %d digits after the decimal point.",
                    self.decimals,
                )
                % self.decimals
                if self.decimals
                else _("Whole numbers only.")
            )
        return ""


def shown_number(number: Decimal) -> str:
    """Return a number without needless zeros."""
    text = f"{number:.3f}"
    return text.rstrip("0").rstrip(".")


def criteria_of_protocol(
    names: Iterable[str], version: ProtocolVersion
) -> dict[str, ImportedCriterion | str]:
    """Return the protocol's criterion for each name in the file, or what is wrong with the name.

    A name may be the criterion's code or its title in any language of the protocol.
    """
    rows = {criterion.code: criterion for criterion in version.criteria.order_by("position")}
    known = {plain_name(code): code for code in rows}
    for content in version.content["criteria"]:
        for title in content["title"].values():
            known.setdefault(plain_name(title), content["code"])
    found: dict[str, ImportedCriterion | str] = {}
    taken: dict[str, str] = {}
    for name in names:
        code = known.get(plain_name(name), "")
        if not code:
            found[name] = _(
                "The protocol has no criterion “%(name)s”; there are: %(codes)s. Rename it in the "
                "file, or leave it out."
            ) % {"name": name, "codes": ", ".join(rows)}
        elif taken.setdefault(code, name) != name:
            found[name] = _("“%(name)s” and “%(other)s” are the same criterion.") % {
                "name": name,
                "other": taken[code],
            }
        else:
            found[name] = _of_protocol(name, rows[code])
    return found


def _of_protocol(name: str, row: Criterion) -> ImportedCriterion:
    return ImportedCriterion(
        name, row.code, row.scope, row.minimum, row.maximum, row.decimals, "protocol"
    )


def criteria_of_file(
    file: RatingsFile,
    score_range: tuple[Decimal, Decimal] | None,
    annotation: Sequence[str],
) -> dict[str, ImportedCriterion | str]:
    """Return a criterion for each name in the file, with the given or else the observed range.

    `annotation` names those that judge masks; the others judge images.
    """
    observed: dict[str, list[Decimal]] = {name: [] for name in file.criteria}
    for rating in file.ratings:
        for name, score in rating.scores.items():
            if score.value is not None:
                observed[name].append(score.value)
    about_masks = {plain_name(name) for name in annotation}
    codes: set[str] = set()
    found: dict[str, ImportedCriterion | str] = {}
    for number, (name, values) in enumerate(observed.items(), start=1):
        code = _new_code(name, number, codes)
        codes.add(code)
        scope = "annotation" if plain_name(name) in about_masks else "image"
        found[name] = _with_range(name, code, scope, values, score_range)
    return found


def _with_range(
    name: str,
    code: str,
    scope: str,
    values: Sequence[Decimal],
    score_range: tuple[Decimal, Decimal] | None,
) -> ImportedCriterion | str:
    ends = [*values, *(score_range or ())]
    decimals = max((_digits(number) for number in ends), default=0)
    if score_range is not None:
        return ImportedCriterion(name, code, scope, *score_range, decimals, "given")
    if not values or min(values) == max(values):
        return (
            _(
                "“%s” has no two different scores from which its range could be told. Give the "
                "range."
            )
            % name
        )
    return ImportedCriterion(name, code, scope, min(values), max(values), decimals, "observed")


def _digits(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent)) if number else 0


def _new_code(name: str, number: int, taken: set[str]) -> str:
    """Make a code out of a name, else out of its number."""
    code = re.sub(r"[^a-z0-9_]+", "_", plain_name(name)).strip("_")[:LONGEST_CODE]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", code) or code in taken:
        code = f"criterion_{number}"
    return code


def made_protocol(name: str, criteria: Sequence[ImportedCriterion], sha256: str) -> dict[str, Any]:
    """Return the content of a protocol made from a file of ratings, under a name still free.

    As in every protocol, image criteria come first, in the order of the file.
    """
    ordered = sorted(criteria, key=lambda one: one.scope == Criterion.Scope.ANNOTATION)
    return {
        "format": 1,
        "slug": _free_slug(name),
        "languages": ["en", "zh-hans"],
        "title": {
            "en": f"Imported: {name}"[:LONGEST_TITLE],
            "zh-hans": f"导入：{name}"[:LONGEST_TITLE],
        },
        "description": _description(criteria),
        "source": f"Made from a file of ratings, SHA-256 {sha256}",
        "criteria": [
            {
                "code": criterion.code,
                "scope": criterion.scope,
                "minimum": _plain(criterion.minimum),
                "maximum": _plain(criterion.maximum),
                "decimals": criterion.decimals,
                "title": {"en": criterion.name, "zh-hans": criterion.name},
                "ends": {
                    "minimum": {"en": "Lowest", "zh-hans": "最低"},
                    "maximum": {"en": "Highest", "zh-hans": "最高"},
                },
            }
            for criterion in ordered
        ],
    }


def _description(criteria: Sequence[ImportedCriterion]) -> dict[str, str]:
    if any(criterion.range_source == "observed" for criterion in criteria):
        return {
            "en": "Made from imported ratings. The range of each criterion is the observed one: "
            "its ends are the lowest and the highest score in the file.",
            "zh-hans": "由导入的评分生成。各评分项的取值范围为观察到的范围，"
            "即文件中的最低分和最高分。",
        }
    return {
        "en": "Made from imported ratings. The range of the scores was stated at the import.",
        "zh-hans": "由导入的评分生成。分数的取值范围由导入者给出。",
    }


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _free_slug(name: str) -> str:
    words = re.sub(r"[-_]+", "-", f"imported-{slugify(name)}")
    base = words[: LONGEST_SLUG - 6].strip("-")
    taken = set(Protocol.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slugs = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in slugs if slug not in taken)
