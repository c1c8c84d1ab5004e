"""Importing real and hostile files of other programs: what is accepted and what is refused."""

from __future__ import annotations

import pytest

from sts_qa.catalogue.models import Item

pytestmark = pytest.mark.django_db

# From what PngSuite and nibabel say of their files
DAMAGED_PNG = {
    "xc1n0g08",
    "xc9n2c08",
    "xcrn0g04",
    "xcsn0g01",
    "xd0n2c08",
    "xd3n2c08",
    "xd9n2c08",
    "xdtn0g01",
    "xhdn0g08",
    "xlfn0g04",
    "xs1n0g01",
    "xs2n0g01",
    "xs4n0g01",
    "xs7n0g01",
}
ANIMATED_PNG = {"mode_16bit"}
REFUSED_NIFTI = {"not-nifti.nii", "5D_small.nii", "nifti1.hdr"}


def outcomes(run) -> dict[str, str]:
    return dict(run.entries.values_list("key", "outcome"))


def test_radiographs(dataset, bring_in, sample_data):
    run = bring_in(dataset, sample_data / "panoramic")
    assert outcomes(run) == {
        "LICENSE-CC0.md": "ignored",
        "hitl_10.jpg": "new",
        "hitl_77.jpg": "new",
        "hitl_124.jpg": "new",
    }
    versions = [item.current_version for item in Item.objects.all()]
    assert {(version.dtype, version.channels) for version in versions} == {("uint8", 1)}


def test_hostile_png(dataset, bring_in, sample_data):
    folder = sample_data / "hostile" / "png"
    found = outcomes(bring_in(dataset, folder))
    assert found.pop("PngSuite.LICENSE") == "ignored"
    refused = {key.removesuffix(".png") for key in found if found[key] == "error"}
    assert refused == DAMAGED_PNG | ANIMATED_PNG
    assert {found[key] for key in found if key.removesuffix(".png") not in refused} == {"new"}
    deep = Item.objects.get(key="basn0g16.png").current_version
    assert (deep.dtype, deep.shape) == ("uint16", [32, 32])


def test_hostile_nifti_and_dicom(dataset, bring_in, sample_data):
    found = outcomes(bring_in(dataset, sample_data / "hostile"))
    nifti = {key.split("/")[-1]: found[key] for key in found if key.startswith("nifti/")}
    assert {name for name in nifti if nifti[name] == "error"} == REFUSED_NIFTI
    assert nifti["low_res.nii.gz"] == "new"
    dicom = [key for key in found if key.startswith("dicom/")]
    assert {found[key] for key in dicom} == {"error"}
    assert {found[key] for key in found if key.startswith(("zip/", "text/"))} == {"ignored"}


def test_volumes(dataset, bring_in, sample_data):
    run = bring_in(dataset, sample_data / "volumes")
    accepted = set(run.entries.filter(outcome="new").values_list("key", flat=True))
    assert accepted == {
        "invesalius_cranium/cranium_ct.nii.gz",
        "nibabel/standard.nii.gz",
        "orientations/LAS.nii.gz",
        "orientations/LPS.nii.gz",
        "orientations/RAS.nii.gz",
    }
    for letters in ("LAS", "LPS", "RAS"):
        version = Item.objects.get(key=f"orientations/{letters}.nii.gz").current_version
        assert version.orientation == letters
    reasons = dict(run.entries.filter(outcome="error").values_list("key", "reason_code"))
    assert reasons["invesalius_cranium/cranium_bone_mask.nii.gz"] == "mask-without-image"
    assert "4 dimensions" in run.entries.get(key="nibabel/example4d.nii.gz").reason


def test_a_real_volume_with_its_mask_by_manifest(dataset, bring_in, sample_data, tmp_path):
    folder = sample_data / "volumes" / "invesalius_cranium"
    for place in folder.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    (tmp_path / "manifest.csv").write_text(
        "category,image,mask\nhead,cranium_ct.nii.gz,cranium_bone_mask.nii.gz\n"
    )
    run = bring_in(dataset, tmp_path)
    assert outcomes(run) == {"cranium_ct.nii.gz": "new"}
    version = Item.objects.get().current_version
    assert version.mask.shape == version.shape
    assert version.mask.nonzero > 0
