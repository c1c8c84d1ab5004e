"""Files are read back with pandas, csv, json and openpyxl: programs that did not write them."""

import csv
import io
import json
import math
import tracemalloc
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sts_qa.science.tables import stored_rows
from sts_qa.science.tables.model import Block, Column, Missing, ReportTable
from sts_qa.science.tables.stored_rows import StoredRows
from sts_qa.science.tables.writers import WRITERS, write_csv, write_json
from sts_qa.science.tables.xlsx import write_xlsx

COLUMNS = [
    Column("group", "Group"),
    Column("category", "Category"),
    Column("pixel_mean", "Mean", kind="number", header="Pixel accuracy"),
    Column("pixel_n", "n", kind="integer", header="Pixel accuracy"),
]
ROWS = [
    {"group": "STS-2D-Tooth", "category": "A-PXI", "pixel_mean": 55.23 / 3, "pixel_n": 255},
    {"group": "-", "category": "儿童, C", "pixel_mean": Missing("not_applicable"), "pixel_n": 0},
    {"group": "-", "category": 'a "#1"', "pixel_mean": math.nan, "pixel_n": np.int64(1)},
]
METRICS = Block(
    "metrics",
    "Related measurements, not the same construct",
    [Column("category", "Category"), Column("auc", "AUC", kind="number")],
    [{"category": "A-PXI", "auc": 0.1 + 0.2}],
)


def table(*more_blocks, rows=ROWS, **fields):
    scores = Block("scores", "Quality scores", COLUMNS, rows)
    return ReportTable("quality-scores", "Quality scores", [scores, *more_blocks], **fields)


def written(write, made):
    file = io.BytesIO()
    write(made, file)
    return file.getvalue()


def read(content):
    """Read as docs/methods/quality_scores.md tells for pandas."""
    return pd.read_csv(io.BytesIO(content), comment="#")


def test_csv_starts_with_a_byte_order_mark_and_the_column_codes():
    content = written(write_csv, table())
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(read(content).columns) == [column.code for column in COLUMNS] + [
        "pixel_mean_missing"
    ]


def test_csv_numbers_are_numbers_with_full_precision_and_missing_is_no_zero():
    got = read(written(write_csv, table(notes=["A note"], provenance={"Seed": "7"})))
    assert len(got) == 3
    assert got["pixel_mean"].dtype == float
    assert got["pixel_mean"][0] == 55.23 / 3
    assert got["pixel_mean"][1:].isna().all()
    assert got["pixel_n"].tolist() == [255, 0, 1]
    assert got["pixel_mean_missing"][1] == "not_applicable"
    assert got["pixel_mean_missing"][[0, 2]].isna().all()


def test_csv_text_comes_back_as_it_was():
    got = read(written(write_csv, table()))
    assert got["category"].tolist() == ["A-PXI", "儿童, C", 'a "#1"']
    assert got["group"].tolist() == ["STS-2D-Tooth", "-", "-"]


def test_csv_has_codes_of_missing_values_only_where_there_are_some():
    assert b"_missing" not in written(write_csv, table(rows=ROWS[:1]))


def test_csv_puts_several_blocks_into_one_rectangle():
    got = read(written(write_csv, table(METRICS)))
    assert got["block"].tolist() == ["scores"] * 3 + ["metrics"]
    assert got["auc"].tolist()[-1] == 0.1 + 0.2
    assert got["pixel_n"].isna().tolist() == [False, False, False, True]


def test_csv_ends_with_notes_and_provenance_as_comments():
    content = written(
        write_csv, table(METRICS, notes=["Two\nlines"], provenance={"Study": "S", "Seed": "7"})
    )
    assert content.decode("utf-8-sig").splitlines()[-6:] == [
        "# Quality scores",
        "# scores: Quality scores",
        "# metrics: Related measurements, not the same construct",
        "# Two lines",
        "# Study: S",
        "# Seed: 7",
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", '=HYPERLINK("x")']
)
def test_csv_text_cannot_become_a_formula(text):
    got = read(written(write_csv, table(rows=[{"category": text}])))
    assert got["category"][0] == "'" + text


@pytest.mark.parametrize("text", ["a,=1+1", 'a,"=1+1"', "a; @x", "a,\n=1", "a\t-1", "a,\t+1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_comments_cannot_become_a_formula(text, separator):
    content = written(write_csv, table(notes=[text], provenance={text: text})).decode("utf-8-sig")
    comments = [line for line in content.splitlines() if line.startswith("#")]
    assert len(comments) == 3
    cells = [cell for row in csv.reader(comments, delimiter=separator) for cell in row]
    assert not [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))]


def test_negative_numbers_stay_numbers():
    got = read(written(write_csv, table(rows=[{"pixel_mean": -1.5}])))
    assert got["pixel_mean"][0] == -1.5


def test_json_keeps_everything_and_writes_null_for_missing():
    content = written(write_json, table(METRICS, notes=["A note"], provenance={"Seed": "7"}))
    got = json.loads(content, parse_constant=pytest.fail)
    scores, metrics = got["blocks"]
    assert scores["rows"][0]["pixel_mean"] == 55.23 / 3
    assert [row["pixel_mean"] for row in scores["rows"][1:]] == [None, None]
    assert scores["missing"] == [{"row": 1, "column": "pixel_mean", "code": "not_applicable"}]
    assert scores["columns"][2]["header"] == "Pixel accuracy"
    assert metrics["title"] == "Related measurements, not the same construct"
    assert (got["slug"], got["notes"], got["provenance"]) == (
        "quality-scores",
        ["A note"],
        {"Seed": "7"},
    )
    assert "儿童".encode() in content


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], [], [{}]])
@pytest.mark.parametrize("more", [(), (METRICS,)])
def test_json_is_laid_out_as_the_json_module_does(rows, more):
    made = table(*more, rows=rows, notes=["Two\nlines\u2028", '"a"'], provenance={"Seed": "7"})
    content = written(write_json, made).decode()
    assert content == json.dumps(json.loads(content), ensure_ascii=False, indent=2) + "\n"


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_long_table_from_a_file_is_written_in_the_memory_of_a_short_one(
    name, tmp_path, monkeypatch
):
    monkeypatch.setattr(stored_rows, "MOST_BYTES_IN_MEMORY", 10_000)

    def most_memory(length):
        made = ({**ROWS[0], "category": f"row {n}", "pixel_n": n} for n in range(length))
        tracemalloc.start()
        try:
            long = table(rows=StoredRows(made))
            with open(tmp_path / name, "wb") as file:
                WRITERS[name].write(long, file)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # The first one imports what the writer needs
    most_memory(10)
    # Where rows stay in memory this is ten times as much
    assert most_memory(20_000) < 2 * most_memory(2_000)


def unpacked(content):
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return b"".join(file.read(name) for name in file.namelist())


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_writer_writes_an_empty_table(name):
    writer = WRITERS[name]
    content = unpacked(written(writer.write, table(rows=[], provenance={"Seed": "7"})))
    assert b"pixel_mean" in content
    assert b"Seed" in content
    assert writer.extension
    assert "/" in writer.media_type


def sheet_rows(book, name):
    return [list(row) for row in book[name].iter_rows(values_only=True)]


def test_xlsx_has_a_sheet_for_each_block_as_people_read_it():
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, table(METRICS))))
    assert book.sheetnames == ["scores", "metrics", "columns", "about"]
    assert sheet_rows(book, "scores") == [
        [None, None, "Pixel accuracy", None, None],
        ["Group", "Category", "Mean", "n", "pixel_mean_missing"],
        ["STS-2D-Tooth", "A-PXI", pytest.approx(55.23 / 3, rel=1e-15), 255, None],
        ["-", "儿童, C", None, 0, "not_applicable"],
        ["-", 'a "#1"', None, 1, None],
    ]
    assert book["scores"]["C3"].number_format == "#,##0.00"
    assert book["scores"].freeze_panes == "A3"
    assert sheet_rows(book, "metrics") == [["Category", "AUC"], ["A-PXI", pytest.approx(0.3)]]


def test_xlsx_tells_of_its_columns_and_where_it_comes_from():
    shares = Block("shares", "Shares", [Column("x", "X", unit="px", kind="share", decimals=1)], [])
    made = table(shares, notes=["A note"], provenance={"Study": "=S", "Seed": "7"})
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, made)))
    columns = sheet_rows(book, "columns")
    assert columns[0] == ["sheet", "upper_header", "column", "code", "unit", "kind"]
    assert columns[3] == ["scores", "Pixel accuracy", "Mean", "pixel_mean", None, "number"]
    assert columns[-1] == ["shares", None, "X", "x", "px", "share"]
    assert sheet_rows(book, "about") == [
        ["about", "text"],
        ["title", "Quality scores"],
        ["scores", "Quality scores"],
        ["shares", "Shares"],
        ["note", "A note"],
        ["Study", "=S"],
        ["Seed", "7"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_xlsx_text_cannot_become_a_formula(text):
    block = Block("b", text, [Column("c", text, header=text, unit=text)], [{"c": text}])
    made = ReportTable("t", text, [block], notes=[text], provenance={text: text})
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, made)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert sum(cell.value == text for cell in cells) == 11
    assert {cell.data_type for cell in cells if cell.value == text} == {"s"}
