"""What a reader can choose in a report. Its line in REPORTS declares it; pages, commands and API
read it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sts_qa.studies.models import Study


@dataclass(frozen=True)
class Option:
    """A choice: its label, and its values, each with a label; the first holds when not asked.

    `is_shown` says of a study whether its page shows the choice; asked for, it always holds.
    """

    label: Promise
    values: Mapping[str, Promise]
    is_shown: Callable[[Study], bool] = lambda study: True

    @property
    def default(self) -> str:
        return next(iter(self.values))


class OptionError(Exception):
    """A report has no such choice, or the choice no such value; `field` is its name."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def chosen_options(declared: Mapping[str, Option], given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every declared option.

    Raises
    ------
    OptionError
        When something is given that is not declared.
    """
    for name, value in given.items():
        if name not in declared:
            raise OptionError(name, _("%s: this report has no such option.") % name)
        if value not in declared[name].values:
            raise OptionError(
                name,
                _("%(name)s: “%(value)s” is not possible; choose one of: %(values)s.")
                % {"name": name, "value": value, "values": ", ".join(declared[name].values)},
            )
    return {name: given.get(name, option.default) for name, option in declared.items()}


def unusual_options(declared: Mapping[str, Option], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the choices that are not the default, for names of files and addresses."""
    return {name: value for name, value in chosen.items() if value != declared[name].default}
