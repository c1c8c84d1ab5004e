"""`manage.py run_worker`: work off the queue of long work."""

import signal
import threading

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.jobs.worker import Worker


class Command(BaseCommand):
    help = "Works off imports, metrics and other long work until it is stopped."
    # They would load every page; `serve` has made them, and `check` does
    requires_system_checks = []

    def add_arguments(self, parser):
        ends = parser.add_mutually_exclusive_group()
        ends.add_argument("--once", action="store_true", help="End after one job.")
        ends.add_argument("--until-empty", action="store_true", help="End when no job waits.")

    def handle(self, *args, once, until_empty, **options):
        stop = threading.Event()
        worker = Worker(stop)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(_("Worker %(name)s waits for work.") % {"name": worker.name})
        finished = worker.work(most_jobs=1 if once else None, until_empty=until_empty)
        self.stdout.write(
            ngettext("%(count)s job done.", "%(count)s jobs done.", finished) % {"count": finished}
        )
