"""The layouts made of folders: category, group, labelled, mask of every image."""

import pytest

from sts_qa.catalogue.layouts import LAYOUTS, detect_layout, list_folder


def read(root, layout):
    result = LAYOUTS[layout](list_folder(root))
    return {found.key: found for found in result.candidates}, {
        finding.key: finding.code for finding in result.findings
    }


def files(*keys):
    return dict.fromkeys(keys, b"1")


def test_the_tree_of_the_paper(write):
    root = write(
        files(
            "STS-2D-Tooth/A-PXI/Labeled/Image/a.png",
            "STS-2D-Tooth/A-PXI/Labeled/Mask/a.png",
            "STS-2D-Tooth/C-PXI/Unlabeled/Image/c.png",
            "STS-3D-Tooth/ROI/Labeled/Image/r.nii.gz",
            "STS-3D-Tooth/ROI/Labeled/Mask/r.nii.gz",
            "STS-3D-Tooth/Integrity/Unlabeled/Image/i.nii.gz",
        )
    )
    assert detect_layout(list_folder(root)) == "sts-tooth"
    found, findings = read(root, "sts-tooth")
    assert findings == {}
    table = {
        (c.category, c.group, c.labelled, c.mask and c.mask.key, c.attributes.get("region"))
        for c in found.values()
    }
    assert table == {
        ("A-PXI", "STS-2D-Tooth", True, "STS-2D-Tooth/A-PXI/Labeled/Mask/a.png", None),
        ("C-PXI", "STS-2D-Tooth", False, None, None),
        ("STS-3D-Tooth", "", True, "STS-3D-Tooth/ROI/Labeled/Mask/r.nii.gz", "ROI"),
        ("STS-3D-Tooth", "", False, None, "Integrity"),
    }


@pytest.mark.parametrize("labelled", ["Labeled", "Labelled", "labelled", "LABELED"])
@pytest.mark.parametrize("images", ["Image", "Images", "img", "imgs", "IMAGE"])
@pytest.mark.parametrize("masks", ["Mask", "masks", "label", "Labels", "seg", "GT", "annotations"])
def test_spelling_and_case_of_the_inner_folders_do_not_matter(write, labelled, images, masks):
    folder = f"sts-2d-tooth/a_pxi/{labelled}"
    found, findings = read(
        write(files(f"{folder}/{images}/a.png", f"{folder}/{masks}/a.png")), "sts-tooth"
    )
    (candidate,) = found.values()
    assert (candidate.category, candidate.labelled) == ("A-PXI", True)
    assert candidate.mask.key == f"{folder}/{masks}/a.png"
    assert findings == {}


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("", "deeper/release 1/STS-2D-Tooth/A-PXI/Labeled"),
        ("STS-2D-Tooth", "A-PXI/Labeled"),
        ("STS-2D-Tooth/A-PXI", "Labeled"),
        ("A-PXI/Labeled", ""),
    ],
)
def test_the_tree_may_start_higher_or_lower(write, tmp_path, above, below):
    root = tmp_path / above
    key = f"{below}/Image/a.png".lstrip("/")
    write(files(key, key.replace("Image", "Mask")), root)
    assert detect_layout(list_folder(root)) == "sts-tooth"
    found, findings = read(root, "sts-tooth")
    assert (found[key].category, found[key].labelled) == ("A-PXI", True)
    assert found[key].mask is not None
    assert findings == {}


def test_an_image_outside_the_tree_is_an_error(write):
    root = write(files("A-PXI/Unlabeled/Image/a.png", "A-PXI/Unlabeled/Image/b.png", "logo.png"))
    found, findings = read(root, "sts-tooth")
    assert len(found) == 2
    assert findings == {"logo.png": "no-category"}


def test_other_trees_are_read_as_folders(write):
    root = write(files("adults/a.png", "children/b.png"))
    assert detect_layout(list_folder(root)) == "folders"
    found, _ = read(root, "folders")
    assert {c.category: (c.group, c.labelled) for c in found.values()} == {
        "adults": ("", False),
        "children": ("", False),
    }


def test_a_folder_without_categories_is_one_category_of_its_name(write):
    found, _ = read(write(files("images/a.png", "masks/a.png", "b.png")), "folders")
    assert {c.category for c in found.values()} == {"data"}
    assert found["images/a.png"].mask.key == "masks/a.png"


def test_sibling_folders_pair_at_any_depth_and_by_their_part(write):
    root = write(
        files(
            "ct/imagesTr/x/a_0000.nii.gz",
            "ct/labelsTr/x/a.nii.gz",
            "ct/imagesTs/b_0000.nii.gz",
        )
    )
    found, findings = read(root, "folders")
    assert found["ct/imagesTr/x/a_0000.nii.gz"].mask.key == "ct/labelsTr/x/a.nii.gz"
    assert not found["ct/imagesTs/b_0000.nii.gz"].labelled
    assert findings == {}


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("a", "a"),
        ("a", "a_mask"),
        ("a", "a-mask"),
        ("a", "a_label"),
        ("a", "a_seg"),
        ("a", "a_gt"),
        ("a", "a_GT"),
        ("a_0000", "a"),
        ("a_0000", "a_seg"),
        ("a.b", "a.b_mask"),
        ("牙 1", "牙 1_mask"),
    ],
)
def test_masks_pair_by_stem(write, image, mask):
    found, findings = read(write(files(f"c/images/{image}.png", f"c/masks/{mask}.tif")), "folders")
    (candidate,) = found.values()
    assert candidate.mask.key == f"c/masks/{mask}.tif"
    assert findings == {}


@pytest.mark.parametrize(("image", "mask"), [("a", "b"), ("a_0001", "a"), ("a", "a_mask_mask")])
def test_masks_of_other_names_do_not_pair(write, image, mask):
    found, findings = read(write(files(f"c/images/{image}.png", f"c/masks/{mask}.png")), "folders")
    (candidate,) = found.values()
    assert (candidate.mask, candidate.mask_error, candidate.labelled) == (None, "missing", True)
    assert findings == {f"c/masks/{mask}.png": "mask-without-image"}


def test_a_mask_that_fits_by_its_whole_name_is_no_second_mask_of_another_image(write):
    root = write(
        files("c/images/a.png", "c/images/a_seg.png", "c/masks/a.png", "c/masks/a_seg.png")
    )
    found, _ = read(root, "folders")
    assert {c.image.name: c.mask.name for c in found.values()} == {
        "a.png": "a.png",
        "a_seg.png": "a_seg.png",
    }


@pytest.mark.parametrize(
    "masks", [("a.png", "a.tif"), ("a.png", "a_mask.png"), ("a_gt.png", "a_seg.png")]
)
def test_more_than_one_fitting_mask_is_ambiguous(write, masks):
    found, _ = read(
        write(files("c/images/a.png", *(f"c/masks/{name}" for name in masks))), "folders"
    )
    (candidate,) = found.values()
    assert (candidate.mask, candidate.mask_error) == (None, "ambiguous")
    assert all(name in candidate.mask_reason for name in masks)


def test_one_mask_for_two_images_is_ambiguous(write):
    found, _ = read(write(files("c/images/a.png", "c/images/a.jpg", "c/masks/a.png")), "folders")
    assert {c.mask_error for c in found.values()} == {"ambiguous"}


def test_a_labelled_folder_without_masks_holds_its_images_back(write):
    found, _ = read(write(files("A-PXI/Labeled/Image/a.png")), "sts-tooth")
    (candidate,) = found.values()
    assert (candidate.labelled, candidate.mask_error) == (True, "missing")


def test_an_empty_mask_folder_means_missing_masks(write):
    root = write(files("c/images/a.png"))
    (root / "c/masks").mkdir()
    found, _ = read(root, "folders")
    assert found["c/images/a.png"].mask_error == "missing"


def test_a_mask_among_unlabelled_images_is_an_error(write):
    root = write(files("A-PXI/Unlabeled/Image/a.png", "A-PXI/Unlabeled/Mask/a.png"))
    found, findings = read(root, "sts-tooth")
    assert [c.labelled for c in found.values()] == [False]
    assert findings == {"A-PXI/Unlabeled/Mask/a.png": "mask-without-image"}


def test_masks_may_lie_beside_their_images(write):
    found, findings = read(write(files("c/a.png", "c/a_mask.png", "c/b.png")), "folders")
    assert found["c/a.png"].mask.key == "c/a_mask.png"
    assert found["c/b.png"].mask_error == "missing"
    assert set(found) == {"c/a.png", "c/b.png"}
    assert findings == {}


def test_a_lone_mask_never_becomes_an_image(write):
    found, findings = read(write(files("c/head.png", "c/bone_mask.png")), "folders")
    assert list(found) == ["c/head.png"]
    assert not found["c/head.png"].labelled
    assert findings == {"c/bone_mask.png": "mask-without-image"}
