"""Save a protocol file as a new protocol, or as the next version of an own one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import may_coordinate
from sts_qa.cli.commands import acting_user, add_acting_user
from sts_qa.protocols.actions import save_protocol
from sts_qa.protocols.content_errors import InvalidContentError
from sts_qa.protocols.reading import LARGEST_FILE_BYTES, read_content


class Command(BaseCommand):
    help = "Save a protocol (a JSON file) as a new one, or as the next version of an own one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The protocol file.")
        add_acting_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        user = acting_user(options)
        if not may_coordinate(user):
            raise CommandError(
                _("%(name)s may not change protocols: the permission to coordinate is missing.")
                % {"name": user.get_username()}
            )
        try:
            with open(file, "rb") as source:
                # One byte too many is enough to refuse a file without reading all of it
                data = source.read(LARGEST_FILE_BYTES + 1)
            version = save_protocol(content=read_content(data), acting_user=user)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except InvalidContentError as invalid:
            raise CommandError("\n".join(f"{file}: {error}" for error in invalid.errors)) from None
        self.stdout.write(
            _("Version %(number)d of “%(slug)s” is saved.")
            % {"number": version.number, "slug": version.protocol.slug}
        )
