"""Listing a folder: what may be read, and what is refused or ignored for which reason."""

import os
import unicodedata

import pytest

from sts_qa.catalogue.layouts.listing import KEY_LENGTH, list_folder, short_key


def codes(listing) -> dict[str, str]:
    return {finding.key: finding.code for finding in listing.findings}


def keys(listing) -> list[str]:
    return [found.key for found in listing.files]


def test_images_are_found_at_any_depth_whatever_the_case_of_their_ending(write):
    root = write({"a.png": b"1", "x/b.NII.GZ": b"22", "x/y/c.TIFF": b"333"})
    listing = list_folder(root)
    assert [(found.key, found.size_bytes) for found in listing.files] == [
        ("a.png", 1),
        ("x/b.NII.GZ", 2),
        ("x/y/c.TIFF", 3),
    ]
    assert listing.findings == []


def test_what_is_no_image_is_ignored_and_said_so(write):
    root = write(
        {"Thumbs.db": b"", "notes.txt": b"", ".DS_Store": b"", "._a.png": b"", "noend": b""}
    )
    listing = list_folder(root)
    assert keys(listing) == []
    assert all(finding.ignored for finding in listing.findings)
    assert codes(listing) == {
        "Thumbs.db": "no-image",
        "notes.txt": "no-image",
        "noend": "no-image",
        ".DS_Store": "hidden",
        "._a.png": "hidden",
    }


def test_hidden_folders_are_not_entered(write):
    root = write({".git/a.png": b"1", "__MACOSX/a.png": b"1"})
    assert codes(list_folder(root)) == {".git": "hidden", "__MACOSX": "hidden"}


@pytest.mark.parametrize("name", ["a.dcm", "a.hdr", "a.img", "a.gif", "a.mha", "a.nrrd", "a.webp"])
def test_images_of_formats_that_are_not_read_are_errors_with_advice(write, name):
    (finding,) = list_folder(write({name: b"1"})).findings
    assert (finding.code, finding.ignored) == ("unknown-format", False)
    assert ".nii" in finding.reason or "NIfTI" in finding.reason


def test_names_that_differ_only_in_case_are_all_refused(write):
    listing = list_folder(write({"A/x.png": b"1", "a/X.png": b"2", "a/y.png": b"3"}))
    assert keys(listing) == ["a/y.png"]
    assert codes(listing) == {"A/x.png": "name-collision", "a/X.png": "name-collision"}


def test_names_that_are_equal_in_normal_form_c_are_all_refused(write):
    composed = unicodedata.normalize("NFC", "é.png")
    decomposed = unicodedata.normalize("NFD", "é.png")
    listing = list_folder(write({composed: b"1", decomposed: b"2"}))
    assert keys(listing) == []
    assert codes(listing) == {composed: "name-collision", decomposed: "name-collision"}


def test_a_key_is_in_normal_form_c_and_the_path_as_on_disk(write):
    decomposed = unicodedata.normalize("NFD", "zähne/é.png")
    (found,) = list_folder(write({decomposed: b"1"})).files
    assert found.key == unicodedata.normalize("NFC", "zähne/é.png")
    assert os.path.exists(found.path)


def test_names_that_are_not_utf8_are_errors(write):
    root = write({"good.png": b"1"})
    (root / os.fsdecode(b"b\xe9.png")).write_bytes(b"1")
    listing = list_folder(root)
    assert keys(listing) == ["good.png"]
    assert codes(listing) == {"b\\xe9.png": "name-not-utf8"}


def test_links_out_of_the_folder_are_refused_and_links_inside_followed(write, tmp_path):
    root = write({"a.png": b"1", "x/b.png": b"1"})
    outside = write({"secret.png": b"1"}, tmp_path / "outside")
    (root / "inside.png").symlink_to(root / "a.png")
    (root / "file.png").symlink_to(outside / "secret.png")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "broken.png").symlink_to(root / "nothing.png")
    listing = list_folder(root)
    assert keys(listing) == ["a.png", "inside.png", "x/b.png"]
    assert codes(listing) == {
        "file.png": "link-outside",
        "folder": "link-outside",
        "loop": "link-to-folder",
        "broken.png": "cannot-open",
    }


def test_a_pipe_is_refused_and_not_waited_for(write):
    root = write({})
    os.mkfifo(root / "pipe.png")
    assert codes(list_folder(root)) == {"pipe.png": "no-file"}


def test_paths_that_no_database_field_holds_are_refused_under_a_short_key(write):
    folder = "/".join(["f" * 100] * 6)
    root = write({f"{folder}/{'g' * 120}a.png": b"1"})
    (finding,) = list_folder(root).findings
    assert finding.code == "path-too-long"
    assert len(short_key(finding.key)) <= KEY_LENGTH
    assert short_key(finding.key) != short_key(finding.key.replace("a.png", "b.png"))


def test_a_missing_folder_raises_instead_of_looking_empty(tmp_path):
    with pytest.raises(FileNotFoundError):
        list_folder(tmp_path / "unmounted")


def test_the_order_does_not_depend_on_the_disk(write):
    root = write({"b.png": b"", "a/z.png": b"", "é.png": b"", "Z.png": b""})
    assert keys(list_folder(root)) == ["Z.png", "a/z.png", "b.png", "é.png"]
