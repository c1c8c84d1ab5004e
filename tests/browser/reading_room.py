"""A running study of marked images, five raters with score tables, and their browsers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.core.management import call_command
from playwright.sync_api import Page

from sts_qa.accounts.models import User
from sts_qa.catalogue.models import Dataset
from sts_qa.jobs.running import run_job
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.rating.models import Rating
from sts_qa.studies.actions import add_member, create_study, draw_sample, start_study
from sts_qa.studies.models import Study
from tests.browser.marked_images import MarkedItem
from tests.browser.rater import CANNOT_JUDGE, Rater, ScoreTable
from tests.browser.table_by_hand import CRITERIA
from tests.browser.traffic import Exchange, read_traffic
from tests.factories import make_user

DATASET = "Hidden jaws of 2026"
COORDINATOR = "cora-who-plans"
ADA, BEN, CHEN = "ada-offline", "ben-twice", "chen-reload"
DORA, EVE, FINN = "dora-changes", "eve-leaves", "finn-who-follows"
RATERS = (ADA, BEN, CHEN, DORA, EVE)
# Finn takes Eve's place
PANEL = (ADA, BEN, CHEN, DORA, FINN)
# The labelled child's radiograph, of which Dora cannot judge the sharpness
UNJUDGED = 8
# Screenshots of every chapter go to this folder when it is named
PICTURES = os.environ.get("SCREENSHOTS", "")


def running_study(folder: Path) -> Study:
    """Import the images below `folder`, draw eight of the eleven, and start.

    Of the unlabelled A-PXI two of five are drawn, of the others all; one is for practice; a
    quarter comes twice.
    """
    coordinator = make_user(COORDINATOR, coordinator=True)
    call_command("import_dataset", folder, name=DATASET, acting_user=COORDINATOR, verbosity=0)
    study = create_study(
        name="Reading room",
        dataset=Dataset.objects.get(),
        protocol_version=ProtocolVersion.objects.get(protocol__slug="sts-evaluation"),
        acting_user=coordinator,
        fraction=Decimal(1),
        sizes={"A-PXI/unlabelled": {"number": 2}},
        seed=20260,
        practice_items=1,
        repeat_share=Decimal("0.25"),
        repeat_distance=3,
    )
    for name in RATERS:
        add_member(study=study, user=make_user(name), acting_user=coordinator)
    draw_sample(study=study, acting_user=coordinator)
    job = run_job(start_study(study=Study.objects.get(), acting_user=coordinator))
    assert job.error == ""
    return Study.objects.get()


@dataclass
class ReadingRoom:
    """The study, the people in it, and what their browsers sent and received."""

    study: Study
    images: dict[int, MarkedItem]
    open_page: Callable[..., Page]
    errors: list[str]
    recordings: Path
    raters: dict[str, Rater] = field(default_factory=dict)
    _recorded: dict[str, list[Path]] = field(default_factory=dict)

    def coordinator(self) -> Page:
        return self.open_page(self.user(COORDINATOR))

    def rater(self, name: str) -> Rater:
        """Let a rater sit down at a browser of their own and begin."""
        rater = self.seat(name, self.page_of(name, self.user(name)))
        rater.open()
        return rater

    def seat(self, name: str, page: Page) -> Rater:
        first = score_table(name, 1)
        if name == DORA:
            first = {**first, UNJUDGED: {**first[UNJUDGED], "sharpness": CANNOT_JUDGE}}
        rater = Rater(page, first, score_table(name, 2))
        self.raters[name] = rater
        return rater

    def page_of(self, name: str, user: User | None = None) -> Page:
        """Open a browser whose traffic is recorded."""
        files = self._recorded.setdefault(name, [])
        files.append(self.recordings / f"{name}-{len(files)}.har")
        return self.open_page(user, record_har_path=files[-1], record_har_content="embed")

    def traffic_of(self, name: str) -> list[Exchange]:
        """Close the rater's browser and return all that it sent and received."""
        self.raters[name].page.context.close()
        return [exchange for file in self._recorded[name] for exchange in read_traffic(file)]

    def user(self, name: str) -> User:
        return User.objects.get(username=name)

    def ratings(self, name: str, **conditions: object) -> int:
        return Rating.objects.filter(
            assignment__membership__user__username=name, **conditions
        ).count()

    @contextmanager
    def provoked(self, *texts: str) -> Iterator[None]:
        """Forgive what the browser's console says of errors that this part provokes."""
        before = len(self.errors)
        try:
            yield
        finally:
            since = self.errors[before:]
            self.errors[before:] = [one for one in since if not any(text in one for text in texts)]

    def picture(self, page: Page, name: str) -> None:
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def score_table(name: str, showing: int) -> ScoreTable:
    """Return the scores that a rater gives each image; a repeat gets others."""
    table = np.random.default_rng([*name.encode(), showing]).integers(1, 21, (16, len(CRITERIA)))
    return {
        number: dict(zip(CRITERIA, map(int, row), strict=True)) for number, row in enumerate(table)
    }
