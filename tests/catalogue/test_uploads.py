"""ZIP uploads: what is refused for which reason, before anything is written."""

from __future__ import annotations

import stat
import zipfile

import pytest

from sts_qa.catalogue import uploads
from sts_qa.catalogue.actions import apply_import, cancel_import, start_upload
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import ImportRun, Item
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from tests.catalogue.folders import mask_png, png


@pytest.fixture
def pack(tmp_path):
    """Return a function that packs (name or ZipInfo, content) pairs, and returns the file."""

    def pack_all(*entries, method=zipfile.ZIP_DEFLATED, name="upload.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", method) as archive:
            for entry, content in entries:
                archive.writestr(entry, content)
        return path

    return pack_all


def codes(path) -> set[str]:
    return {refusal.code for refusal in uploads.check_zip(path)}


def info(name, mode=0):
    entry = zipfile.ZipInfo("x")
    entry.filename = entry.orig_filename = name
    entry.external_attr = mode << 16
    return entry


def test_an_ordinary_archive_is_unpacked(pack, tmp_path):
    path = pack(("a/", b""), ("a/b/c.png", b"1"), ("é 牙.nii.gz", b"2"), ("a/x.png", b""))
    assert uploads.check_zip(path) == []
    uploads.unpack(path, tmp_path / "out")
    found = {
        str(place.relative_to(tmp_path / "out")): place.read_bytes()
        for place in (tmp_path / "out").rglob("*")
        if place.is_file()
    }
    assert found == {"a/b/c.png": b"1", "é 牙.nii.gz": b"2", "a/x.png": b""}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../x.png", "escaping"),
        ("a/../../x.png", "escaping"),
        ("a/..", "escaping"),
        ("..", "escaping"),
        ("/etc/x.png", "absolute"),
        ("C:/x.png", "absolute"),
        ("c:x.png", "absolute"),
        ("a\\b.png", "backslash"),
        ("..\\x.png", "backslash"),
        ("a//b.png", "bad-name"),
        ("./a.png", "bad-name"),
        ("a\x00.png", "bad-name"),
        ("a\nb.png", "bad-name"),
        ("f" * 300, "bad-name"),
        ("/".join(["f" * 99] * 8), "bad-name"),
        ("inner.zip", "nested"),
        ("inner.TAR.GZ", "nested"),
        ("a.png.gz", "nested"),
        ("a.7z", "nested"),
    ],
)
def test_names_that_are_refused(pack, name, code):
    assert code in codes(pack(("good.png", b"1"), (info(name), b"1")))


@pytest.mark.parametrize(
    ("mode", "code"),
    [(stat.S_IFLNK | 0o777, "link"), (stat.S_IFIFO, "no-file"), (stat.S_IFCHR, "no-file")],
)
def test_links_and_devices_are_refused(pack, mode, code):
    assert codes(pack((info("a.png", mode), b"/etc/passwd"))) == {code}


@pytest.mark.parametrize(
    "names", [("a.png", "a.png"), ("a.png", "A.PNG"), ("é", "e\u0301"), ("a", "a/b.png")]
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_fall_together_are_refused(pack, names):
    assert codes(pack(*((name, b"1") for name in names))) == {"duplicate"}


def test_an_archive_larger_than_allowed_is_refused(pack, settings):
    path = pack(("a.png", b"1" * 600), ("b.png", b"1" * 600))
    settings.UNPACKED_LIMIT_BYTES = 1200
    assert codes(path) == set()
    settings.UNPACKED_LIMIT_BYTES = 1199
    assert codes(path) == {"too-large"}


def test_a_bomb_is_refused_by_its_ratio(pack, monkeypatch):
    path = pack(("a.nii", bytes(3_000_000)))
    assert codes(path) == set()
    monkeypatch.setattr(uploads, "SMALL_BYTES", 1_000_000)
    assert codes(path) == {"bomb"}


def test_too_many_files_are_refused(pack, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    assert codes(pack(("a", b""), ("b", b""))) == set()
    assert codes(pack(("a", b""), ("b", b""), ("c", b""))) == {"too-many"}


def with_declared_size(path, size: int):
    """Change the unpacked size of the only entry in both of its headers."""
    data = bytearray(path.read_bytes())
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    for offset in (local + 22, central + 24):
        data[offset : offset + 4] = size.to_bytes(4, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [10, 999, 1001, 5000])
def test_sizes_that_lie_are_found_while_reading(pack, size):
    assert codes(pack(("a.png", bytes(1000)))) == set()
    assert codes(with_declared_size(pack(("a.png", bytes(1000))), size)) == {"damaged"}


def test_overlapping_entries_are_refused(pack):
    path = pack(("a.png", b"1" * 5000), ("b.png", b"2"), method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    # The second entry claims the place and the size of the first
    data[second + 20 : second + 28] = data[first + 20 : first + 28]
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)
    assert codes(path) == {"overlap"}


@pytest.mark.parametrize("keep", [0, 1, 50, 90])
def test_a_truncated_archive_is_refused(pack, keep):
    path = pack(("a.png", bytes(range(256)) * 20))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * keep // 100])
    assert codes(path) == {"damaged"}


def test_altered_bytes_are_found(pack):
    path = pack(("a.png", bytes(range(256))), method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    assert codes(path) == {"damaged"}


def test_names_of_old_archives_are_read_as_utf8_where_they_are(pack, tmp_path):
    path = pack(("123456.png", b"1"))
    assert len("牙齿.png".encode()) == len("123456.png")
    path.write_bytes(path.read_bytes().replace(b"123456.png", "牙齿.png".encode()))
    assert uploads.check_zip(path) == []
    uploads.unpack(path, tmp_path / "out")
    assert [place.name for place in (tmp_path / "out").iterdir()] == ["牙齿.png"]


HOSTILE = {
    "absolute_path_atxt.zip": {"absolute"},
    "invalid_relative_path_xt.zip": {"escaping"},
    "traditional-encryption.zip": {"encrypted"},
    "unexpected_EOF.zip": {"overlap"},
    "wrong-entry-sizes.zip": {"damaged"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_of_others(sample_data, name):
    assert codes(sample_data / "hostile" / "zip" / name) == HOSTILE[name]


def test_every_hostile_archive_has_its_reason(sample_data):
    assert {path.name for path in (sample_data / "hostile" / "zip").iterdir()} == set(HOSTILE)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Scans 2.zip", "Scans 2"),
        ("../../etc.zip", "etc"),
        ("..", "upload"),
        ("", "upload"),
        ("C:\\x\\牙.ZIP", "牙"),
        ("a\x00b.zip", "a_b"),
    ],
)
def test_the_folder_of_an_upload_has_the_name_of_its_file(name, folder):
    assert uploads.folder_name(name) == folder


@pytest.fixture
def upload(pack, dataset, owner, units_here):
    """Return a function that uploads an archive and returns the run after its plan."""

    def send(*entries, name="Scans.zip"):
        path = pack(*entries)
        archive = path.rename(uploads.upload_folder() / "received.zip")
        run = start_upload(dataset=dataset, archive=archive, name=name, acting_user=owner)
        run_job(run.job)
        run.refresh_from_db()
        return run

    return send


def left_in_upload_folder() -> list[str]:
    return [place.name for place in uploads.upload_folder().iterdir()]


@pytest.mark.django_db
def test_an_upload_is_imported_and_leaves_only_its_kept_files(upload, dataset, owner):
    run = upload(("set/images/a.png", png(1)), ("set/masks/a.png", mask_png()), ("b.png", png(2)))
    assert run.state == ImportRun.State.PLANNED
    job = run_job(apply_import(run=run, acting_user=owner))
    assert job.state == Job.State.DONE, job.error
    assert {(i.key, i.category.name) for i in Item.objects.all()} == {
        ("set/images/a.png", "set"),
        ("b.png", "Scans"),
    }
    for item in Item.objects.select_related("current_version"):
        with open(item.current_version.location, "rb") as kept:
            assert kept.read(4) == b"\x89PNG"
    dataset.refresh_from_db()
    assert dataset.root == ""
    assert left_in_upload_folder() == []


@pytest.mark.django_db
def test_a_refused_table_of_contents_starts_nothing(upload):
    with pytest.raises(CatalogueRefused, match="leads out of the folder"):
        upload(("a.png", b"1"), (info("../b.png"), b"1"))
    assert ImportRun.objects.count() == 0
    assert left_in_upload_folder() == []


@pytest.mark.django_db
def test_a_lie_in_the_content_fails_the_plan_and_leaves_nothing(dataset, owner, pack, units_here):
    path = with_declared_size(pack(("a.png", bytes(1000))), 999)
    archive = path.rename(uploads.upload_folder() / "received.zip")
    run = start_upload(dataset=dataset, archive=archive, name="x.zip", acting_user=owner)
    job = run_job(run.job)
    run.refresh_from_db()
    assert (job.state, run.state) == (Job.State.FAILED, ImportRun.State.FAILED)
    assert "a.png" in job.error
    assert left_in_upload_folder() == []


@pytest.mark.django_db
def test_an_upload_put_aside_leaves_nothing(upload, owner):
    run = upload(("c/a.png", png(1)))
    assert cancel_import(run=run, acting_user=owner).state == ImportRun.State.CANCELLED
    assert left_in_upload_folder() == []
