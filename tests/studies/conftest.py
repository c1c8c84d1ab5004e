"""A small dataset with real files, and a study of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

import nibabel
import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from sts_qa.accounts.models import User
from sts_qa.catalogue.models import ImageKind
from sts_qa.jobs.running import run_job
from sts_qa.studies.actions import (
    add_member,
    create_study,
    draw_sample,
    start_study,
    withdraw_member,
)
from sts_qa.studies.models import Membership, Study
from tests.factories import (
    make_dataset,
    make_item,
    make_protocol_version,
    make_study,
    make_user,
)


def _write_png(path, seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 64)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_nifti(path, data) -> str:
    nibabel.save(nibabel.Nifti1Image(data, np.diag([0.3, 0.3, 0.25, 1])), path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def add_radiograph(dataset, folder, key: str, *, labelled: bool = False, category="A-PXI"):
    """One radiograph with its file, and a mask file when labelled."""
    name = key.replace("/", "_")
    checksum = _write_png(folder / name, seed=len(list(folder.iterdir())))
    item = make_item(
        dataset,
        key,
        category=category,
        labelled=labelled,
        location=str(folder / name),
        mask_location=str(folder / f"mask_{name}"),
        sha256=checksum,
    )
    if labelled:
        mask = item.current_version.mask
        mask.sha256 = _write_png(folder / f"mask_{name}", seed=999)
        mask.save()
    return item


def add_volume(dataset, folder, key: str, *, labelled: bool = False):
    """One 16x12x10 volume with its file; its mask covers slices 3 to 5 when labelled."""
    name = key.replace("/", "_")
    shape = (16, 12, 10)
    data = np.random.default_rng(1).integers(-500, 500, shape).astype(np.int16)
    affine = np.diag([0.3, 0.3, 0.25, 1]).tolist()
    item = make_item(
        dataset,
        key,
        category="STS-3D-Tooth",
        group="",
        labelled=labelled,
        kind=ImageKind.VOLUME,
        shape=shape,
        location=str(folder / name),
        mask_location=str(folder / f"mask_{name}"),
        sha256=_write_nifti(folder / name, data),
        dtype="int16",
        affine=affine,
        spacing=[0.3, 0.3, 0.25],
        orientation="RAS",
    )
    if labelled:
        mask = np.zeros(shape, np.uint8)
        mask[4:8, 3:6, 3:6] = 1
        version = item.current_version.mask
        version.sha256 = _write_nifti(folder / f"mask_{name}", mask)
        version.extent = [[4, 7], [3, 5], [3, 5]]
        version.save()
    return item


@pytest.fixture
def coordinator(db):
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def dataset(coordinator, tmp_path):
    """A-PXI: 4 labelled and 16 unlabelled radiographs; STS-3D-Tooth: 2 and 4 volumes."""
    dataset = make_dataset(owner=coordinator)
    for number in range(20):
        add_radiograph(dataset, tmp_path, f"A-PXI/{number:02}.png", labelled=number < 4)
    for number in range(6):
        add_volume(dataset, tmp_path, f"3D/{number}.nii.gz", labelled=number < 2)
    return dataset


@dataclass
class People:
    """A study with one person per role, and people who have nothing to do with it."""

    study: Study
    coordinator: User
    rater: User
    observer: User
    withdrawn: User
    # Coordinates another study, and may create studies
    stranger: User

    def address(self, view: str, *arguments) -> str:
        return reverse(f"studies:{view}", args=[self.study.public_id, *arguments])

    def membership(self, user: User) -> Membership:
        return self.study.memberships.get(user=user)

    def refresh(self) -> Study:
        self.study = Study.objects.get(pk=self.study.pk)
        return self.study


@pytest.fixture
def people(dataset, coordinator, settings, tmp_path):
    """A draft of half the dataset with two practice items; nothing is drawn."""
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir(exist_ok=True)
    study = create_study(
        name="Teeth",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        fraction=Decimal("0.5"),
        seed=3,
        practice_items=2,
    )
    found = {"rater": make_user("rater"), "observer": make_user("observer")}
    for role, user in found.items():
        add_member(study=study, user=user, role=role, acting_user=coordinator)
    withdrawn = make_user("withdrawn")
    membership = add_member(study=study, user=withdrawn, acting_user=coordinator)
    withdraw_member(membership=membership, reason="Moved away", acting_user=coordinator)
    stranger = make_user("stranger", coordinator=True)
    make_study(coordinator=stranger)
    return People(study, coordinator, **found, withdrawn=withdrawn, stranger=stranger)


@pytest.fixture
def drawn(people):
    draw_sample(study=people.study, acting_user=people.coordinator)
    people.refresh()
    return people


@pytest.fixture
def running(drawn):
    run_job(start_study(study=drawn.study, acting_user=drawn.coordinator))
    assert drawn.refresh().state == Study.State.RUNNING
    return drawn


@pytest.fixture
def check_access(client):
    """Return a function that opens a page as each person and compares the answers.

    Raters get 403 of pages that are not theirs, everybody outside the study 404 as if it did not
    exist, and who is not logged in the log-in page.
    """

    def check(people, address, *, method="get", observer):
        answers = {}
        for name in ("coordinator", "observer", "rater", "withdrawn", "stranger"):
            if name == "coordinator" and method == "post":
                continue
            client.force_login(getattr(people, name))
            answers[name] = getattr(client, method)(address).status_code
        client.logout()
        answer = getattr(client, method)(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("accounts:log_in"))
        expected = {"observer": observer, "rater": 403, "withdrawn": 404, "stranger": 404}
        if method == "get":
            expected["coordinator"] = 200
        assert answers == expected

    return check
