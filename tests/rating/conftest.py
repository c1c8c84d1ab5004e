"""People of a test's `study`; and a study of real files, whose pixels the test knows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pytest

from sts_qa.catalogue.files import build_store
from sts_qa.catalogue.models import ImageKind
from sts_qa.catalogue.queries.stores import files_of
from sts_qa.rating.queries import pixels
from sts_qa.rating.queries.volume_facts import look_at
from sts_qa.studies.models import Study
from tests.factories import make_dataset, make_item, make_sampled_item, make_study
from tests.rating.helpers import add_rater, log_in

# Left, posterior, superior: neither axis of a slice runs as a screen does
LPS = np.diag([-0.3, -0.4, 0.25, 1.0])


@pytest.fixture
def rater(study):
    return add_rater(study)


@pytest.fixture
def coordinator_client(client, study):
    return log_in(client, study.memberships.get(role="coordinator"))


def _checksum(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class FilesStudy:
    """Writes images with numpy, OpenCV and nibabel only; remembers the arrays as truth."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.dataset = make_dataset(name="Very secret dataset name")
        self.study = make_study(
            dataset=self.dataset, state=Study.State.RUNNING, name="Quality of teeth"
        )
        self.random = np.random.default_rng(5)
        self.rater = None

    def radiograph(self, name: str, values, *, mask=None, **fields):
        cv2.imwrite(str(self.folder / name), values if values.ndim == 2 else values[..., ::-1])
        extra = {}
        if mask is not None:
            (self.folder / "secret_masks").mkdir(exist_ok=True)
            path = self.folder / "secret_masks" / name
            cv2.imwrite(str(path), mask)
            extra = {"labelled": True, "mask_location": str(path)}
        item = make_item(
            self.dataset,
            f"SECRET-CATEGORY/{name}",
            category="SECRET-CATEGORY",
            shape=values.shape[:2],
            dtype=values.dtype.name,
            channels=1 if values.ndim == 2 else 3,
            location=str(self.folder / name),
            sha256=_checksum(self.folder / name),
            **extra,
        )
        return self._drawn(item, **fields)

    def volume(self, name: str, values, *, mask=None, affine=LPS, **fields):
        extra = {}
        nibabel.save(nibabel.Nifti1Image(values, affine), self.folder / name)
        if mask is not None:
            path = self.folder / f"secret_mask_{name}"
            nibabel.save(nibabel.Nifti1Image(mask, affine), path)
            extra = {"labelled": True, "mask_location": str(path)}
        item = make_item(
            self.dataset,
            f"SECRET-CATEGORY/{name}",
            category="SECRET-CATEGORY",
            kind=ImageKind.VOLUME,
            shape=values.shape,
            dtype=values.dtype.name,
            location=str(self.folder / name),
            sha256=_checksum(self.folder / name),
            affine=affine.tolist(),
            spacing=[0.3, 0.4, 0.25],
            orientation="LPS",
            **extra,
        )
        if mask is not None and mask.any():
            inside = np.nonzero(mask)
            extent = [[int(places.min()), int(places.max())] for places in inside]
            item.current_version.mask.extent = extent
        return self._drawn(item, **fields)

    def _drawn(self, item, **fields):
        mask = item.current_version.mask
        if mask is not None:
            mask.sha256 = _checksum(Path(mask.location))
            mask.save()
        return make_sampled_item(self.study, item, **fields)

    def view(self, **settings):
        """Settle how the study's images are to be seen."""
        self.study.viewing = {"categories": {}, "presets": [], "hounsfield": False, **settings}
        self.study.save(update_fields=["viewing"])

    def start(self):
        """Give a rater everything drawn so far; return the membership."""
        for unit in self.study.sample.all():
            if unit.item_version.item.kind == ImageKind.VOLUME:
                for file in files_of(unit.item_version):
                    build_store(file)
                    look_at(file)
        self.rater = add_rater(self.study, "rater")
        return self.rater

    def assignment(self, unit):
        return self.rater.assignments.get(sampled_item=unit, kind="main")


@pytest.fixture
def files_study(db, settings, tmp_path, monkeypatch):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()
    monkeypatch.setattr(pixels, "CACHE", pixels.PixelCache(10_000_000))
    (tmp_path / "secret_sources").mkdir()
    return FilesStudy(tmp_path / "secret_sources")
