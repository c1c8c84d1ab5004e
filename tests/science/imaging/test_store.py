"""The volume store: lossless, whole or absent, and never wrong in silence."""

import os
import threading
import tracemalloc

import blosc2
import nibabel as nib
import numpy as np
import pytest

from sts_qa.science.imaging import store_values
from sts_qa.science.imaging.errors import DamagedStore, UnreadableFile
from sts_qa.science.imaging.slicing import axial_view
from sts_qa.science.imaging.store import open_store, write_store
from sts_qa.science.imaging.store_values import to_lossless_type
from tests.science.imaging.files import save_nifti

RANDOM = np.random.default_rng(11)
LPI = np.diag([-0.4, -0.3, -0.5, 1.0])


def stored(tmp_path, values, affine=None, **codes):
    source = save_nifti(tmp_path / "source.nii.gz", values, affine, **codes)
    write_store(source, tmp_path / "a.b2nd")
    return open_store(tmp_path / "a.b2nd")


def test_a_volume_larger_than_its_chunks_comes_back_exactly(tmp_path):
    values = RANDOM.integers(-1000, 3000, (150, 140, 70), dtype=np.int16)
    store = stored(tmp_path, values)
    assert store.shape == (150, 140, 70)
    assert store.dtype == np.int16
    assert np.array_equal(store.stored(), values)
    assert np.array_equal(store.stored(17), values[17])
    assert np.array_equal(store.stored(slice(3, 9), 5), values[3:9, 5])


def test_axial_slices_are_those_of_nibabels_canonical_image(tmp_path):
    values = RANDOM.integers(0, 255, (30, 20, 10), dtype=np.uint8)
    store = stored(tmp_path, values, LPI)
    canonical = np.asarray(nib.as_closest_canonical(nib.Nifti1Image(values, LPI)).dataobj)
    assert store.axial_count == 10
    for k in range(10):
        assert np.array_equal(store.axial(k), canonical[::-1, ::-1, k].T)
    assert store.view.edges == ("A", "L", "P", "R")
    assert store.spacing_of_axial == pytest.approx((0.3, 0.4))
    with pytest.raises(IndexError):
        store.axial(10)


@pytest.mark.parametrize("axes", ["RAS", "LPI", "SLA", "ASR", "PIR", "IPL"])
@pytest.mark.parametrize(("first", "stop"), [(0, 37), (0, 1), (15, 33), (30, 37), (5, 5)])
def test_axial_slices_read_several_at_a_time_are_those_read_alone(tmp_path, axes, first, stop):
    affine = np.eye(4)
    affine[:3, :3] = nib.orientations.inv_ornt_aff(
        nib.orientations.axcodes2ornt(tuple(axes)), (37, 37, 37)
    )[:3, :3].T
    store = stored(tmp_path, RANDOM.integers(0, 255, (37, 37, 37), dtype=np.uint8), affine)
    run = list(store.axial_run(first, stop))
    assert len(run) == stop - first
    for k, plane in zip(range(first, stop), run, strict=True):
        assert np.array_equal(plane, store.axial(k))


def test_slices_beyond_the_volume_are_not_there_in_a_run(tmp_path):
    store = stored(tmp_path, RANDOM.integers(0, 255, (5, 5, 5), dtype=np.uint8), LPI)
    with pytest.raises(IndexError):
        list(store.axial_run(3, 6))


def test_without_orientation_slices_have_no_letters(tmp_path):
    values = RANDOM.integers(0, 255, (3, 4, 5), dtype=np.uint8)
    store = stored(tmp_path, values, np.diag([1, 2, 3, 1]), sform=0)
    assert np.array_equal(store.axial(4), values[:, :, 4].T)
    assert store.view.edges == ("", "", "", "")
    assert store.spacing_of_axial == (2, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 255], np.int64), "uint8"),
        (np.array([0.0, 255.0]), "uint8"),
        (np.array([-1, 255], np.int16), "int16"),
        (np.array([0, 32767], np.uint16), "int16"),
        (np.array([0, 32768], np.uint16), "uint16"),
        (np.array([-1, 65535], np.int32), "float32"),
        (np.array([2**24], np.int32), "float32"),
        (np.array([0.5]), "float32"),
        (np.array([np.nan, 1.0], np.float32), "float32"),
    ],
)
def test_the_smallest_type_that_holds_every_value_is_taken(values, expected):
    converted, notices = to_lossless_type(values)
    assert converted.dtype == expected
    assert np.array_equal(converted, values, equal_nan=values.dtype.kind == "f")
    assert notices == ()


@pytest.mark.parametrize("place", [0, 3, 4, 9])
def test_one_value_decides_wherever_it_lies(monkeypatch, place):
    monkeypatch.setattr(store_values, "PIECE_SIZE", 4)
    whole = np.arange(10.0).reshape(5, 2)
    assert to_lossless_type(whole)[0].dtype == np.uint8
    broken, rounded = whole.copy(), whole.copy()
    broken.flat[place], rounded.flat[place] = 0.5, 0.1
    assert to_lossless_type(broken)[0].dtype == np.float32
    assert to_lossless_type(broken)[1] == ()
    assert len(to_lossless_type(rounded)[1]) == 1


def test_a_store_is_written_with_little_more_memory_than_two_volumes(tmp_path, monkeypatch):
    """Of float values, which are sorted for their percentiles; the whole file is one of them."""
    monkeypatch.setattr(store_values, "PIECE_SIZE", 4096)
    values = RANDOM.random((64, 128, 128), dtype=np.float32)
    source = save_nifti(tmp_path / "source.nii", values)
    tracemalloc.start()
    try:
        write_store(source, tmp_path / "a.b2nd")
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.3 * values.nbytes
    assert np.array_equal(open_store(tmp_path / "a.b2nd").stored(), values)


@pytest.mark.parametrize(
    "values", [np.array([2**24 + 1], np.int32), np.array([0.1]), np.array([1e300])]
)
def test_rounding_is_told(values):
    converted, notices = to_lossless_type(values)
    assert converted.dtype == np.float32
    assert len(notices) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_the_robust_range_is_that_of_numpy_percentile(tmp_path, dtype):
    values = np.abs(RANDOM.normal(100, 30, (20, 21, 22))).astype(dtype)
    expected = np.percentile(values.astype(np.float64), (0.5, 99.5))
    assert stored(tmp_path, values).robust_range == pytest.approx(tuple(expected), rel=1e-6)


def test_the_robust_range_leaves_out_what_is_no_number(tmp_path):
    values = np.full((3, 4, 5), np.nan, np.float32)
    assert stored(tmp_path, values).robust_range == (0.005, 0.995)
    values[0] = 7.5
    assert stored(tmp_path, values).robust_range == (7.5, 7.5)


def test_scale_source_and_affine_are_kept(tmp_path):
    source = tmp_path / "source.nii"
    image = nib.Nifti1Image(np.arange(24, dtype=np.float64).reshape(2, 3, 4), LPI)
    image.header.set_data_dtype(np.int16)
    image.header.set_slope_inter(0.5, -10)
    nib.save(image, source)
    written = write_store(source, tmp_path / "a.b2nd")
    store = open_store(tmp_path / "a.b2nd")
    assert store.facts == written
    assert store.scale == (0.5, -10)
    assert np.allclose(store.stored() * 0.5 - 10, nib.load(source).get_fdata())
    assert np.allclose(store.facts.affine, LPI)
    assert written.size_bytes == (tmp_path / "a.b2nd").stat().st_size


def test_a_mask_lies_on_its_image_even_where_axes_are_ambiguous(tmp_path):
    # 45 degrees about the left-right axis: rounding decides which axis is inferior-superior.
    half = np.sqrt(0.5)
    turned = np.array([[1, 0, 0, 0], [0, half, -half, 0], [0, half, half, 0], [0, 0, 0, 1.0]])
    other = turned.copy()
    other[1:3, 1:3] += [[1e-6, 1e-6], [-1e-6, -1e-6]]
    values = RANDOM.integers(0, 9, (5, 6, 7), dtype=np.uint8)
    image = stored(tmp_path, values, turned)
    mask_source = save_nifti(tmp_path / "mask.nii.gz", (values > 4).astype(np.uint8), other)
    write_store(mask_source, tmp_path / "mask.b2nd")
    mask = open_store(tmp_path / "mask.b2nd", affine=image.facts.affine)
    for k in range(image.axial_count):
        assert np.array_equal(mask.axial(k), image.axial(k) > 4)
    assert axial_view(turned) == image.view


def test_another_program_reads_the_store(tmp_path):
    values = RANDOM.integers(0, 255, (5, 6, 7), dtype=np.uint8)
    stored(tmp_path, values)
    assert np.array_equal(blosc2.open(str(tmp_path / "a.b2nd"), mode="r")[:].T, values)


def test_every_altered_byte_is_noticed(tmp_path):
    path = tmp_path / "a.b2nd"
    stored(tmp_path, RANDOM.integers(0, 255, (4, 4, 4), dtype=np.uint8))
    content = path.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DamagedStore):
            open_store(path)


@pytest.mark.parametrize("length", [0, 10, 39, 40, 200, -1])
def test_truncated_and_missing_stores_are_noticed(tmp_path, length):
    path = tmp_path / "a.b2nd"
    stored(tmp_path, RANDOM.integers(0, 255, (4, 4, 4), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedStore):
        open_store(path)
    path.unlink()
    with pytest.raises(DamagedStore):
        open_store(path)


def test_a_damaged_store_is_replaced_by_writing_again(tmp_path):
    values = RANDOM.integers(0, 255, (4, 4, 4), dtype=np.uint8)
    stored(tmp_path, values)
    (tmp_path / "a.b2nd").write_bytes(b"nothing")
    write_store(tmp_path / "source.nii.gz", tmp_path / "a.b2nd")
    assert np.array_equal(open_store(tmp_path / "a.b2nd").stored(), values)


def test_a_failed_write_leaves_the_old_store_and_nothing_else(tmp_path, monkeypatch):
    values = RANDOM.integers(0, 255, (4, 4, 4), dtype=np.uint8)
    stored(tmp_path, values)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_store(tmp_path / "source.nii.gz", tmp_path / "a.b2nd")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.b2nd", "source.nii.gz"]
    assert np.array_equal(open_store(tmp_path / "a.b2nd").stored(), values)


def test_an_opened_store_survives_its_replacement_and_removal(tmp_path):
    values = RANDOM.integers(0, 255, (40, 40, 40), dtype=np.uint8)
    store = stored(tmp_path, values)
    save_nifti(tmp_path / "source.nii.gz", 255 - values)
    write_store(tmp_path / "source.nii.gz", tmp_path / "a.b2nd")
    assert np.array_equal(store.stored(), values)
    assert np.array_equal(open_store(tmp_path / "a.b2nd").stored(), 255 - values)
    (tmp_path / "a.b2nd").unlink()
    assert np.array_equal(store.stored(), values)


def test_writers_at_the_same_time_leave_one_sound_store(tmp_path):
    values = RANDOM.integers(0, 255, (40, 40, 40), dtype=np.uint8)
    source = save_nifti(tmp_path / "source.nii.gz", values)
    errors = []

    def write():
        try:
            write_store(source, tmp_path / "a.b2nd")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert np.array_equal(open_store(tmp_path / "a.b2nd").stored(), values)
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_no_volume_gets_no_store(tmp_path):
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(UnreadableFile):
        write_store(tmp_path / "a.png", tmp_path / "a.b2nd")
    assert not (tmp_path / "a.b2nd").exists()


def everything(dtype):
    """Random values that include both limits of the type."""
    limits = np.iinfo(dtype)
    values = RANDOM.integers(limits.min, limits.max, (23, 17, 31), dtype=dtype, endpoint=True)
    values.flat[:2] = limits.min, limits.max
    return values


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("scale", [None, (0.5, -1000.0), (-2.25, 3.0)])
def test_whole_numbers_come_back_exactly_scaled_or_not(tmp_path, dtype, scale):
    values = everything(dtype)
    header = nib.Nifti1Header()
    header.set_data_dtype(dtype)
    image = nib.Nifti1Image(values, LPI, header)
    source = tmp_path / "source.nii.gz"
    nib.save(image, source)
    if scale is not None:
        source = tmp_path / "source.nii"
        nib.save(image, source)
        content = bytearray(source.read_bytes())
        # scl_slope and scl_inter of the NIfTI-1 standard
        content[112:120] = np.array(scale, "<f4").tobytes()
        source.write_bytes(content)
    write_store(source, tmp_path / "a.b2nd")
    store = open_store(tmp_path / "a.b2nd")
    assert store.dtype == dtype
    assert np.array_equal(store.stored(), values)
    assert store.scale == (scale or (1.0, 0.0))
    real = nib.load(source).get_fdata()
    assert np.allclose(store.stored() * store.scale[0] + store.scale[1], real, rtol=0, atol=1e-9)


def test_floats_come_back_bit_by_bit_with_nan_infinity_and_minus_zero(tmp_path):
    values = RANDOM.normal(0, 1, (23, 17, 31)).astype(np.float32)
    special = [np.nan, np.inf, -np.inf, -0.0, 1e-45, np.finfo(np.float32).max]
    values.flat[: len(special)] = special
    store = stored(tmp_path, values)
    assert store.dtype == np.float32
    assert np.array_equal(store.stored().view(np.uint32), values.view(np.uint32))
    finite = values[np.isfinite(values)]
    assert store.facts.extremes == (finite.min(), finite.max())
    assert sum(store.facts.histogram) == finite.size
    assert any("no finite number" in notice for notice in store.facts.notices)


def test_double_precision_that_does_not_fit_is_rounded_and_said(tmp_path):
    values = RANDOM.normal(0, 1, (5, 6, 7))
    store = stored(tmp_path, values)
    assert np.array_equal(store.stored(), values.astype(np.float32))
    assert any("rounds" in notice for notice in store.facts.notices)
    exact = values.astype(np.float32).astype(np.float64)
    store = stored(tmp_path, exact)
    assert np.array_equal(store.stored(), exact)
    assert store.facts.notices == ()
