"""`manage.py create_study NAME`: make a study, invite its raters, and start it if asked to."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from sts_qa.accounts.languages import OWN_NAMES
from sts_qa.accounts.models import User
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries import visible_datasets
from sts_qa.cli.commands import acting_user, add_acting_user, protocol_named
from sts_qa.jobs.terminal import run_with_bar
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.studies import actions
from sts_qa.studies.actions.people import INVITATION_DAYS
from sts_qa.studies.actions.start import space_needed
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Study
from sts_qa.studies.queries.frame import build_frame
from sts_qa.studies.queries.manifest import ManifestRow, manifest_rows
from sts_qa.studies.queries.people import may_invite
from sts_qa.studies.queries.plan import PlanError, plan_rows, plan_strata


class Command(BaseCommand):
    help = (
        "Makes a study and prints its stratum sizes. Accounts of raters are made when missing; "
        "for each account without a password a single-use link is printed, once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the new study")
        parser.add_argument("--dataset", required=True, metavar="NAME")
        parser.add_argument("--protocol", required=True, metavar="PROTOCOL", help="its short name")
        parser.add_argument("--fraction", type=_share, default=Decimal("0.30"), help="such as 0.30")
        parser.add_argument("--seed", type=int, help="by default a random one; it is printed")
        parser.add_argument(
            "--raters", default="", metavar="USER,USER,...", help="user names of the raters"
        )
        parser.add_argument(
            "--language",
            choices=list(OWN_NAMES),
            default="",
            help="of accounts that are made; by default of the first log-in, English until then",
        )
        parser.add_argument("--raters-per-item", type=int, metavar="K", help="by default all")
        parser.add_argument("--unit", choices=Study.Unit.values, default=Study.Unit.ITEM)
        parser.add_argument("--slices-per-volume", type=int, default=3, metavar="M")
        parser.add_argument(
            "--stratification",
            choices=Study.Stratification.values,
            default=Study.Stratification.LABELLED,
        )
        parser.add_argument(
            "--order", choices=Study.Order.values, default=Study.Order.RADIOGRAPHS_FIRST
        )
        parser.add_argument(
            "--repeats", type=_share, default=Decimal(0), metavar="SHARE", help="such as 0.10"
        )
        parser.add_argument("--repeat-distance", type=int, default=50, metavar="IMAGES")
        parser.add_argument("--practice", type=int, default=5, metavar="N")
        parser.add_argument(
            "--view-policy",
            choices=Study.ViewPolicy.values,
            default=Study.ViewPolicy.FREE,
            help="free: standard view first, then free; locked: standard view only",
        )
        parser.add_argument(
            "--carry-window",
            action="store_true",
            help="a rater's window stays for the next images of the same kind",
        )
        parser.add_argument(
            "--program-ratings",
            action="store_true",
            help="raters may submit by a program too; by default people rate on the page only",
        )
        parser.add_argument("--draw", action="store_true", help="draw the sample, for good")
        parser.add_argument("--start", action="store_true", help="draw, and let the raters in")
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = acting_user(options)
        dataset = _dataset(options["dataset"], person)
        version = protocol_named(options["protocol"])
        names = [name.strip() for name in options["raters"].split(",") if name.strip()]
        try:
            # All or nothing, so that a mistake in one name leaves no half study behind
            with transaction.atomic():
                study = self._create(person, dataset, version, options)
                links = [_add_rater(study, name, options["language"], person) for name in names]
                if options["draw"] or options["start"]:
                    study = actions.draw_sample(study=study, acting_user=person)
                rows, total = _sizes(study)
        except (StudyError, PlanError) as error:
            raise CommandError(str(error)) from error
        self._print_sizes(study, rows, total)
        self._print_links(links)
        if options["start"]:
            self._start(study, person)

    def _create(
        self, person: User, dataset: Dataset, version: ProtocolVersion, options: dict[str, Any]
    ) -> Study:
        plan = {
            "fraction": options["fraction"],
            "unit": options["unit"],
            "slices_per_volume": options["slices_per_volume"],
            "stratification": options["stratification"],
            "order": options["order"],
            "raters_per_item": options["raters_per_item"],
            "repeat_share": options["repeats"],
            "repeat_distance": options["repeat_distance"],
            "practice_items": options["practice"],
            "view_policy": options["view_policy"],
            "carries_window": options["carry_window"],
            "allows_program_ratings": options["program_ratings"],
        }
        if options["seed"] is not None:
            plan["seed"] = options["seed"]
        return actions.create_study(
            name=options["name"].strip(),
            dataset=dataset,
            protocol_version=version,
            acting_user=person,
            **plan,
        )

    def _print_sizes(self, study: Study, rows: list[ManifestRow], total: ManifestRow) -> None:
        state = _("drawn") if study.drawn_at else _("planned, not drawn yet")
        self.stdout.write(
            _("Study “%(name)s”, seed %(seed)d: %(state)s")
            % {"name": study.name, "seed": study.seed, "state": state}
        )
        table: list[tuple[str, object, object]] = [(_("stratum"), _("frame"), _("drawn"))]
        table += [(f"{row.category}/{row.stratum}", row.frame, row.drawn) for row in rows]
        table.append((_("all"), total.frame, total.drawn))
        width = max(len(line[0]) for line in table)
        for name, frame, drawn in table:
            self.stdout.write(f"  {name:<{width}} {frame!s:>8} {drawn!s:>8}")

    def _print_links(self, links: list[tuple[str, str]]) -> None:
        for name, secret in links:
            if not secret:
                self.stdout.write(_("%s takes part; the account has its own way in.") % name)
                continue
            address = settings.ADDRESS.rstrip("/")
            path = reverse("studies:use_invitation", args=[secret])
            self.stdout.write(
                _("%(name)s: %(link)s (works once, for %(days)d days)")
                % {"name": name, "link": address + path, "days": INVITATION_DAYS}
            )

    def _start(self, study: Study, person: User) -> None:
        space = space_needed(study)
        self.stdout.write(
            _("Disk space: %(needed)s needed for the drawn files, %(free)s free.")
            % {"needed": filesizeformat(space.needed), "free": filesizeformat(space.free)}
        )
        try:
            run_with_bar(actions.start_study(study=study, acting_user=person))
        except StudyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("The study runs."))


def _share(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(_("“%s” is no share; write it as 0.30.") % text) from None


def _dataset(name: str, person: User) -> Dataset:
    dataset = visible_datasets(person).filter(name=name).first()
    if dataset is None:
        known = ", ".join(visible_datasets(person).values_list("name", flat=True)) or _("none")
        raise CommandError(
            _("%(person)s sees no dataset “%(name)s”; there are: %(known)s.")
            % {"person": person.username, "name": name, "known": known}
        )
    return dataset


def _add_rater(study: Study, username: str, language: str, person: User) -> tuple[str, str]:
    """Return the user name, and the secret of the link where the account needs one."""
    user = User.objects.filter(username=username).first()
    if user is None:
        try:
            user = actions.create_account(username=username, language=language, acting_user=person)
        except ValidationError as error:
            raise CommandError(f"{username}: {' '.join(error.messages)}") from None
    membership = actions.add_member(study=study, user=user, acting_user=person)
    if user.has_usable_password() or not may_invite(person, membership):
        return username, ""
    return username, actions.create_invitation(membership=membership, acting_user=person)


def _sizes(study: Study) -> tuple[list[ManifestRow], ManifestRow]:
    if study.drawn_at is not None:
        return manifest_rows(study)
    frame = build_frame(study.dataset, study.stratification)
    return plan_rows(plan_strata(frame, study.fraction, study.sizes))
