"""Stores and pictures of volumes stay within their limit: the least recently used goes first."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest
from django.db import transaction

from sts_qa.catalogue import files, store_limit
from sts_qa.catalogue.models import ItemVersion
from tests.catalogue.folders import volume

# Real transactions: nothing is removed within one
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited_store"),
]
DAY_NS = 86400 * 10**9


@pytest.fixture
def versions(dataset, bring_in, write) -> list[ItemVersion]:
    """Four volumes with their stores, used four, three, two days and one day ago."""
    bring_in(dataset, write({f"A/{n}.nii.gz": volume(n) for n in range(4)}))
    found = list(ItemVersion.objects.order_by("item__key"))
    for age, version in zip((4, 3, 2, 1), found, strict=True):
        _used(files.build_store(version), days_ago=age)
    return found


def _used(path: Path, *, days_ago: float) -> None:
    status = path.stat()
    os.utime(path, ns=(int(time.time_ns() - days_ago * DAY_NS), status.st_mtime_ns))


def _left(versions: list[ItemVersion]) -> list[bool]:
    return [files.store_path(version).exists() for version in versions]


def _sizes(versions: list[ItemVersion]) -> list[int]:
    return [files.store_path(version).stat().st_size for version in versions]


def test_the_least_recently_used_go_until_the_rest_fits(versions, settings):
    sizes = _sizes(versions)
    settings.STORE_LIMIT_BYTES = sum(sizes[2:])
    store_limit.keep_within_limit()
    assert _left(versions) == [False, False, True, True]
    settings.STORE_LIMIT_BYTES = sizes[2] + sizes[3] - 1
    store_limit.keep_within_limit()
    assert _left(versions) == [False, False, False, True]


def test_what_was_opened_lately_stays(versions, settings):
    settings.STORE_LIMIT_BYTES = sum(_sizes(versions)) - 1
    files.open_volume(versions[0])
    store_limit.keep_within_limit()
    assert _left(versions) == [True, False, True, True]


@pytest.mark.parametrize("limit", [0, 10**9])
def test_nothing_goes_below_the_limit_or_without_one(versions, settings, limit):
    settings.STORE_LIMIT_BYTES = limit
    store_limit.keep_within_limit()
    assert all(_left(versions))


def test_what_studies_need_stays_whatever_the_limit(versions, settings, monkeypatch, caplog):
    needed = versions[0].sha256
    monkeypatch.setattr(store_limit, "NEEDED_CHECKSUMS", [lambda checksums: checksums & {needed}])
    settings.STORE_LIMIT_BYTES = 1
    with caplog.at_level(logging.WARNING):
        store_limit.keep_within_limit()
    # The last one is the newest
    assert _left(versions) == [True, False, False, True]
    assert "STS_QA_STORE_LIMIT_MB" in caplog.text


@pytest.mark.parametrize("lose", [os.unlink, lambda path: Path(path).write_bytes(b"shorter")])
def test_what_could_not_be_made_again_stays(versions, settings, lose):
    lose(versions[1].location)
    settings.STORE_LIMIT_BYTES = 1
    store_limit.keep_within_limit()
    assert _left(versions) == [False, True, False, True]


def test_a_kept_copy_is_a_source_too(versions, settings):
    files.keep(versions[1])
    os.unlink(versions[1].location)
    settings.STORE_LIMIT_BYTES = 1
    store_limit.keep_within_limit()
    assert _left(versions) == [False, False, False, True]
    files.build_store(versions[1])


def test_a_store_that_no_image_names_stays(versions, settings):
    ItemVersion.objects.filter(pk=versions[0].pk).update(sha256="0" * 64)
    settings.STORE_LIMIT_BYTES = 1
    store_limit.keep_within_limit()
    assert _left(versions) == [True, False, False, True]


def test_pictures_count_and_go_too(versions, settings):
    picture = settings.DATA_FOLDER / "previews" / "ab" / f"{versions[0].sha256}-image-320-1.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"0" * 1000)
    _used(picture, days_ago=5)
    settings.STORE_LIMIT_BYTES = sum(_sizes(versions)) + 999
    store_limit.keep_within_limit()
    assert not picture.exists()
    assert all(_left(versions))


def test_files_that_are_being_written_are_left_alone(versions, settings):
    part = files.store_path(versions[0]).with_name(".a.b2nd.part")
    part.write_bytes(b"0" * 10**6)
    settings.STORE_LIMIT_BYTES = sum(_sizes(versions))
    store_limit.keep_within_limit()
    assert part.exists()
    assert all(_left(versions))


def test_building_one_more_makes_room(versions, settings):
    settings.STORE_LIMIT_BYTES = sum(_sizes(versions))
    files.store_path(versions[0]).unlink()
    _used(files.store_path(versions[3]), days_ago=9)
    settings.STORE_LIMIT_BYTES = sum(_sizes(versions[1:])) + 1
    assert files.open_volume(versions[0]).shape == (6, 5, 4)
    assert _left(versions) == [True, True, True, False]


def test_a_volume_open_when_its_store_goes_is_read_on(versions, settings):
    store = files.open_volume(versions[0])
    before = store.stored()
    _used(files.store_path(versions[0]), days_ago=9)
    settings.STORE_LIMIT_BYTES = 1
    store_limit.keep_within_limit()
    assert not files.store_path(versions[0]).exists()
    assert np.array_equal(store.stored(), before)
    assert np.array_equal(files.open_volume(versions[0]).stored(), before)


def test_nothing_is_removed_before_a_transaction_ends(versions, settings):
    settings.STORE_LIMIT_BYTES = 1
    with transaction.atomic():
        store_limit.keep_within_limit()
        assert all(_left(versions))
    assert _left(versions) == [False, False, False, True]


def test_room_is_what_the_limit_and_the_disk_leave(versions, settings, monkeypatch):
    used = sum(_sizes(versions))
    settings.STORE_LIMIT_BYTES = used + 5000
    assert store_limit.room() == 5000
    settings.STORE_LIMIT_BYTES = used - 1
    assert store_limit.room() == 0
    settings.STORE_LIMIT_BYTES = 0
    disk = os.statvfs(settings.DATA_FOLDER)
    assert store_limit.room() == pytest.approx(disk.f_bavail * disk.f_frsize - 2**30, rel=0.05)
