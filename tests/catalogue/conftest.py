"""Folders of small images, and imports done at once in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sts_qa.catalogue.actions import apply_import, create_dataset, start_import
from sts_qa.catalogue.models import Dataset, ImportRun
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import do_units_here, folder_writer
from tests.factories import make_user


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    return folder_writer(tmp_path / "data")


@pytest.fixture
def unlimited_store(settings, tmp_path) -> None:
    """An empty data folder, in which stores may take any room."""
    settings.DATA_FOLDER = tmp_path / "installation"
    settings.DATA_FOLDER.mkdir()
    settings.STORE_LIMIT_BYTES = 0


@pytest.fixture
def units_here(monkeypatch) -> None:
    do_units_here(monkeypatch)


@pytest.fixture
def owner(db):
    return make_user(coordinator=True)


@pytest.fixture
def dataset(owner) -> Dataset:
    return create_dataset(name="Teeth", acting_user=owner)


@pytest.fixture
def plan(units_here, owner) -> Callable[..., ImportRun]:
    """Return a function that plans the import of a folder."""

    def plan_folder(dataset: Dataset, root: Path, **options) -> ImportRun:
        run = start_import(dataset=dataset, root=str(root), acting_user=owner, **options)
        run_job(run.job)
        run.refresh_from_db()
        run.job.refresh_from_db()
        return run

    return plan_folder


@pytest.fixture
def bring_in(plan, owner) -> Callable[..., ImportRun]:
    """Return a function that plans and applies the import of a folder."""

    def import_folder(dataset: Dataset, root: Path, **options) -> ImportRun:
        run = plan(dataset, root, **options)
        job = run_job(apply_import(run=run, acting_user=owner))
        assert job.state == job.State.DONE, job.error
        run.refresh_from_db()
        return run

    return import_folder
