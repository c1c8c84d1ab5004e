"""`manage.py verify_audit`: check that the event log is what was written."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from sts_qa.audit.models import Chain
from sts_qa.audit.queries import broken_links


class Command(BaseCommand):
    help = "Checks every chain of the event log; prints each broken place and ends with status 1."

    def handle(self, *args, **options):
        broken = 0
        for chain in Chain.objects.order_by("name").iterator():
            for sentence in broken_links(chain):
                self.stdout.write(sentence)
                broken += 1
        if broken:
            text = ngettext(
                "The event log is broken at %(count)s place.",
                "The event log is broken at %(count)s places.",
                broken,
            )
            raise CommandError(text % {"count": broken})
        chains = Chain.objects.count()
        text = ngettext(
            "The event log is whole: %(chains)s chain, last hash:",
            "The event log is whole: %(chains)s chains, last hashes:",
            chains,
        )
        self.stdout.write(text % {"chains": chains})
        for chain in Chain.objects.order_by("name").iterator():
            self.stdout.write(f"{chain.name} {chain.length} {chain.last_hash}")
