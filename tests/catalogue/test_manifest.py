"""The manifest layout: a table that names every image, with errors by row and field."""

import pytest

from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import detect_layout, list_folder
from sts_qa.catalogue.layouts.manifest import read_manifest

IMAGES = {"i/a.png": b"1", "i/b.png": b"1", "m/a.png": b"1"}


def read(write, table: str | bytes, images=IMAGES, name="manifest.csv"):
    content = table if isinstance(table, bytes) else table.encode()
    root = write({**images, name: content})
    result = read_manifest(list_folder(root))
    return {found.key: found for found in result.candidates}, {
        finding.key: finding.reason for finding in result.findings if not finding.ignored
    }


def test_all_columns(write):
    found, errors = read(
        write,
        "category,group,image,mask,region,subject,source\n"
        "adults,2D,i/a.png,m/a.png,upper,patient 7,site A\n"
        "adults,2D,i/b.png,,,,\n",
    )
    assert errors == {}
    first, second = found["i/a.png"], found["i/b.png"]
    assert (first.category, first.group, first.mask.key) == ("adults", "2D", "m/a.png")
    assert (first.labelled, first.attributes) == (True, {"region": "upper"})
    assert (first.subject, first.source) == ("patient 7", "site A")
    assert (second.labelled, second.mask, second.mask_error) == (False, None, "")


@pytest.mark.parametrize("name", ["manifest.csv", "Manifest.CSV"])
def test_a_folder_with_a_manifest_is_read_by_it(write, name):
    assert detect_layout(list_folder(write({**IMAGES, name: b"category,image\n"}))) == "manifest"


def test_the_manifest_may_have_any_name_when_it_is_named_itself(write):
    root = write({**IMAGES, "list 2.csv": b"category,image\nc,i/a.png\n"})
    listing = list_folder(root / "list 2.csv")
    assert detect_layout(listing) == "manifest"
    assert [found.key for found in read_manifest(listing).candidates] == ["i/a.png"]


@pytest.mark.parametrize(
    "table",
    [
        "category;image\r\nc;i/a.png\r\n",
        "category\timage\nc\ti/a.png\n",
        "\ufeffCategory, Image \nc,i/a.png",
        "category,image\nc,i\\a.png\n",
        "category,image\n\nc,./i/a.png\n,\n",
    ],
)
def test_tables_as_programs_write_them(write, table):
    found, errors = read(write, table)
    assert list(found) == ["i/a.png"]
    assert errors == {}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",i/a.png,,", "category"),
        ("c,,,", "image"),
        ("c,i/none.png,,", "image"),
        ("c,../data/i/a.png,,", "image"),
        ("c,/etc/passwd,,", "image"),
        ("c,notes.txt,,", "image"),
        ("c,i/a.png,,perhaps", "labelled"),
        ("c,i/a.png,m/a.png,no", "labelled"),
        ("c\x00d,i/a.png,,", "category"),
    ],
)
def test_errors_name_row_and_field(write, row, field):
    found, errors = read(write, f"category,image,mask,labelled\nc,i/b.png,,\n{row}\n")
    assert list(found) == ["i/b.png"]
    ((key, reason),) = errors.items()
    assert key == "manifest.csv, row 3"
    assert reason.startswith(f"{field}:")


def test_an_image_named_twice_is_imported_once_and_the_second_row_is_an_error(write):
    found, errors = read(write, "category,image\nc,i/a.png\nd,i/a.png\n")
    assert found["i/a.png"].category == "c"
    assert "row 2" in errors["manifest.csv, row 3"]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("c,i/a.png,m/none.png,", "missing"),
        ("c,i/a.png,,yes", "missing"),
        ("c,i/a.png,m/a.png,\nc,i/b.png,m/a.png,", "ambiguous"),
    ],
)
def test_a_mask_that_cannot_be_had_holds_the_item_back(write, rows, error):
    found, errors = read(write, f"category,image,mask,labelled\n{rows}\n")
    assert {(c.labelled, c.mask, c.mask_error) for c in found.values()} == {(True, None, error)}
    assert errors == {}


def test_unknown_columns_are_left_out_and_said_so(write):
    root = write({**IMAGES, "manifest.csv": b"category,image,patient name\nc,i/a.png,Li Wei\n"})
    result = read_manifest(list_folder(root))
    assert "Li Wei" not in repr(result)
    assert {f.key: f.code for f in result.findings}["manifest.csv, column patient name"] == (
        "column-left-out"
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("image\ni/a.png\n", "category"),
        ("", "category, image"),
        ("category,image,image\n", "more than once"),
        ("category,image\nc,\xe9.png\n".encode("latin-1"), "UTF-8"),
        ('category,image\nc,"' + "x" * 200_000 + '"\n', "row"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_as_a_whole(write, table, words):
    with pytest.raises(CatalogueRefused, match=words):
        read(write, table)
