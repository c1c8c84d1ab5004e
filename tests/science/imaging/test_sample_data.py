"""Every file of the sample data: accepted, or refused with the expected reason."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import read_facts, read_facts_and_pixels
from sts_qa.science.imaging.masks import check_pair, read_mask_facts
from sts_qa.science.imaging.store import open_store, write_store

REFUSED = {
    "hostile/nifti/5D_small.nii": "dimensions",
    "hostile/nifti/nifti1.hdr": "unknown-format",
    "hostile/nifti/not-nifti.nii": "not-a-volume",
    # PngSuite's own description of its corrupt files: wrong colour types, wrong checksums,
    # wrong bit depths, no image data, altered signatures.
    "hostile/png/xc1n0g08.png": "bad-header",
    "hostile/png/xc9n2c08.png": "bad-header",
    "hostile/png/xcrn0g04.png": "not-an-image",
    "hostile/png/xcsn0g01.png": "bad-checksum",
    "hostile/png/xd0n2c08.png": "bad-header",
    "hostile/png/xd3n2c08.png": "bad-header",
    "hostile/png/xd9n2c08.png": "bad-header",
    "hostile/png/xdtn0g01.png": "truncated",
    "hostile/png/xhdn0g08.png": "bad-checksum",
    "hostile/png/xlfn0g04.png": "not-an-image",
    "hostile/png/xs1n0g01.png": "not-an-image",
    "hostile/png/xs2n0g01.png": "not-an-image",
    "hostile/png/xs4n0g01.png": "not-an-image",
    "hostile/png/xs7n0g01.png": "not-an-image",
    "hostile/png/mode_16bit.png": "multi-frame",
    "volumes/nibabel/example4d.nii.gz": "dimensions",
    "volumes/nibabel/example_nifti2.nii.gz": "dimensions",
}
# Sizes and kinds as the PngSuite names and the `file` program give them.
ACCEPTED = {
    "hostile/png/basi6a16.png": ((32, 32), 3, "uint16"),
    "hostile/png/basn0g01.png": ((32, 32), 1, "uint8"),
    "hostile/png/basn0g16.png": ((32, 32), 1, "uint16"),
    "hostile/png/tbbn0g04.png": ((32, 32), 1, "uint8"),
    "hostile/png/exif.png": ((512, 512), 3, "uint8"),
    "hostile/png/exif_text.png": ((512, 512), 3, "uint8"),
    "hostile/png/itxt_chunks.png": ((2000, 2400), 3, "uint8"),
    "panoramic/hitl_10.jpg": ((1024, 2041), 1, "uint8"),
    "panoramic/hitl_77.jpg": ((1024, 2041), 1, "uint8"),
    "panoramic/hitl_124.jpg": ((1024, 1850), 1, "uint8"),
    "hostile/nifti/low_res.nii.gz": ((7, 5, 3), 1, "uint8"),
    "volumes/nibabel/standard.nii.gz": ((4, 5, 7), 1, "uint8"),
    "volumes/orientations/RAS.nii.gz": ((64, 79, 67), 1, "uint8"),
    "volumes/orientations/LAS.nii.gz": ((64, 79, 67), 1, "uint8"),
    "volumes/orientations/LPS.nii.gz": ((64, 79, 67), 1, "uint8"),
    "volumes/invesalius_cranium/cranium_ct.nii.gz": ((256, 256, 108), 1, "int16"),
    "volumes/invesalius_cranium/cranium_bone_mask.nii.gz": ((256, 256, 108), 1, "uint8"),
}


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_it_is_refused(sample_data, name, code):
    with pytest.raises(UnreadableFile) as caught:
        read_facts(sample_data / name)
    assert caught.value.code == code


@pytest.mark.parametrize(("name", "expected"), ACCEPTED.items())
def test_it_is_accepted(sample_data, name, expected):
    facts = read_facts(sample_data / name)
    assert (facts.shape, facts.channels, facts.dtype) == expected


def test_no_file_of_these_kinds_is_left_out(sample_data):
    folders = ("hostile/png", "hostile/nifti", "panoramic", "volumes")
    found = {
        path.relative_to(sample_data).as_posix()
        for folder in folders
        for path in (sample_data / folder).rglob("*")
        if path.name.endswith((".png", ".jpg", ".nii", ".nii.gz", ".hdr"))
    }
    assert found == set(REFUSED) | set(ACCEPTED)


@pytest.mark.parametrize("kind", ["dicom", "zip", "text"])
def test_files_of_other_kinds_are_refused_by_name(sample_data, kind):
    paths = list((sample_data / "hostile" / kind).iterdir())
    assert paths
    for path in paths:
        with pytest.raises(UnreadableFile) as caught:
            read_facts(path)
        assert caught.value.code == "unknown-format"


def test_a_panoramic_radiograph_is_read_as_pillow_reads_it(sample_data):
    path = sample_data / "panoramic/hitl_10.jpg"
    _, pixels = read_facts_and_pixels(path)
    assert np.array_equal(pixels, np.asarray(Image.open(path).convert("L")))


def test_the_cranium_and_its_mask_fit_and_are_stored_exactly(sample_data, tmp_path):
    folder = sample_data / "volumes/invesalius_cranium"
    image_path, mask_path = folder / "cranium_ct.nii.gz", folder / "cranium_bone_mask.nii.gz"
    assert check_pair(read_facts(image_path), read_mask_facts(mask_path)) is None
    write_store(image_path, tmp_path / "a.b2nd")
    assert np.array_equal(
        open_store(tmp_path / "a.b2nd").stored(), np.asarray(nib.load(image_path).dataobj)
    )


def test_one_head_in_three_axis_orders_shows_the_same_slices(sample_data, tmp_path):
    stores = []
    for codes in ("RAS", "LAS", "LPS"):
        source = sample_data / f"volumes/orientations/{codes}.nii.gz"
        assert read_facts(source).orientation == codes
        write_store(source, tmp_path / f"{codes}.b2nd")
        stores.append(open_store(tmp_path / f"{codes}.b2nd"))
    for k in range(stores[0].axial_count):
        shown = [store.axial(k) for store in stores]
        assert np.array_equal(shown[0], shown[1])
        assert np.array_equal(shown[0], shown[2])
