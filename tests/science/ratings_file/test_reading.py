"""Files of ratings in the forms in which people keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from sts_qa.science.ratings_file import RatingsFile, ReadingOptions, read_ratings

DATA = Path(__file__).resolve().parents[2] / "data" / "ratings"
LONG = """item,rater,criterion,value,category,labelled,comment,time
a.png,R1,contrast,18,A-PXI,yes,dark,2020-03-01T10:00+08:00
a.png,R1,sharpness,17,A-PXI,yes,,
a.png,R2,contrast,,A-PXI,yes,,
b.png,R1,contrast,cannot_judge,C-PXI,no,,
"""


def read(text: str | bytes, **options) -> RatingsFile:
    data = text if isinstance(text, bytes) else text.encode()
    return read_ratings(data, ReadingOptions(**options))


def said(file: RatingsFile) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.message) for error in file.errors]


def values(file: RatingsFile) -> dict[tuple[str, str, str], object]:
    """Return number or code by rater, item and criterion."""
    return {
        (rating.rater, rating.item, criterion): score.code or score.value
        for rating in file.ratings
        for criterion, score in rating.scores.items()
    }


def test_a_long_list_is_recognized_by_its_columns() -> None:
    file = read(LONG)
    assert file.errors == ()
    assert (file.form, file.encoding) == ("long", "utf-8")
    assert (file.raters, file.criteria) == (("R1", "R2"), ("contrast", "sharpness"))
    assert values(file) == {
        ("R1", "a.png", "contrast"): 18,
        ("R1", "a.png", "sharpness"): 17,
        ("R1", "b.png", "contrast"): "cannot_judge",
    }
    assert file.missing_cells == 1
    first, unrated, _last = file.ratings
    assert (first.comment, first.time) == ("dark", datetime(2020, 3, 1, 2, tzinfo=UTC))
    assert unrated.scores == {}
    described = [(item.category, item.labelled) for item in file.items.values()]
    assert described == [("A-PXI", True), ("C-PXI", False)]


def test_a_wide_table_has_a_column_for_each_rater() -> None:
    file = read("image,age,rater_01,rater_02\nx,44,1,\ny,45,2.5,nan\n", criterion="overall")
    assert (file.form, file.errors) == ("wide_raters", ())
    assert values(file) == {("rater_01", "x", "overall"): 1, ("rater_01", "y", "overall"): 2.5}
    assert (file.raters, file.missing_cells) == (("rater_01", "rater_02"), 2)
    assert file.unread_columns == ("age",)


def test_a_wide_table_has_a_column_for_each_criterion() -> None:
    text = "item,rater,contrast,artifacts,remark\nx,R1,1,2,fine\nx,R2,3,-,\n"
    file = read(text)
    assert (file.form, file.errors) == ("wide_criteria", ())
    assert values(file) == {
        ("R1", "x", "contrast"): 1,
        ("R1", "x", "artifacts"): 2,
        ("R2", "x", "contrast"): 3,
    }
    assert file.ratings[0].comment == "fine"


@pytest.mark.parametrize("names", ["rater 1,rater 2", "anna,bob"])
def test_where_each_rater_has_a_column_comment_and_time_belong_to_no_rating(names) -> None:
    file = read(f"item,date,comment,{names}\nx,2024,7,1,2\ny,2024,8,3,4\n")
    assert (file.form, file.errors) == ("wide_raters", ())
    assert file.raters == tuple(names.split(","))
    assert {rating.comment for rating in file.ratings} == {""}
    assert file.unread_columns == ("date", "comment")


def test_a_column_that_was_given_a_role_without_use_in_the_form_is_named_unread() -> None:
    wide = "item,why,made,anna,bob\nx,dark,2024-05-31,1,2\n"
    file = read(wide, columns={"comment": "why", "time": "made"})
    assert (file.errors, file.unread_columns) == ((), ("why", "made"))
    file = read("item,rater,why,contrast\nx,R1,dark,5\n", columns={"code": "why"})
    assert (file.form, file.unread_columns) == ("wide_criteria", ("why",))


def test_columns_of_scores_can_be_named() -> None:
    file = read("image,age,anna,bob\nx,44,1,2\n", score_columns=("anna", "B*"))
    assert (file.raters, file.unread_columns) == (("anna", "bob"), ("age",))


def test_columns_can_be_given_their_roles() -> None:
    text = "Wine,Taster,Points\n1,A,5\n1,B,6\n"
    assert said(read(text))[0][2].startswith("No column is known as that of the item.")
    file = read(text, columns={"item": "wine", "rater": "Taster", "value": "points"})
    assert values(file) == {("A", "1", "score"): 5, ("B", "1", "score"): 6}


def test_a_matrix_has_no_names() -> None:
    file = read("5,4,nan\n3,2,1\n", form="matrix")
    assert values(file) == {
        ("rater 1", "item 1", "score"): 5,
        ("rater 2", "item 1", "score"): 4,
        ("rater 1", "item 2", "score"): 3,
        ("rater 2", "item 2", "score"): 2,
        ("rater 3", "item 2", "score"): 1,
    }
    assert file.missing_cells == 1
    assert "read the file as a matrix" in said(read("5,4,nan\n3,2,1\n"))[0][2]


def test_a_matrix_may_name_its_raters() -> None:
    assert read("Q1,Q2\n1,0\n", form="matrix").raters == ("Q1", "Q2")


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [
        ("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("gb2312", ","), ("gb18030", "|"),
        ("utf-8", "\t"),
    ],
)  # fmt: skip
def test_usual_encodings_and_separators_are_told(encoding: str, delimiter: str) -> None:
    lines = ["条目,评分者,评分项,分数", "图一,张三,对比度,５", "图二,李四,对比度,不适用"]
    file = read("\r\n".join(lines).replace(",", delimiter).encode(encoding))
    assert file.errors == ()
    assert values(file) == {
        ("张三", "图一", "对比度"): 5,
        ("李四", "图二", "对比度"): "not_applicable",
    }


def test_an_encoding_can_be_told() -> None:
    file = read("item,rater,value\nx,镕,5\n".encode("gb18030"), encoding="gb18030")
    assert file.raters == ("镕",)
    assert "not known" in said(read("item", encoding="zlib"))[0][2]


def test_a_decimal_comma_counts_where_no_comma_separates() -> None:
    file = read("item;rater;value\nx;R1;3,5\n")
    assert values(file) == {("R1", "x", "score"): Decimal("3.5")}


def test_rows_count_as_in_the_file_and_columns_by_name() -> None:
    text = 'item,rater,value\n\n"two\nlines",R1,1\nx,R1,abc\nx,R1,1.23456\nx,,4\n'
    assert [(row, column) for row, column, _ in said(read(text))] == [
        (3, "item"),
        (5, "value"),
        (6, "value"),
        (7, "rater"),
    ]


def test_the_same_score_twice_is_an_error_unless_it_is_a_repeat() -> None:
    twice = "item,rater,value,repeat\nx,R1,3,no\nx,R1,3,\n"
    [(row, column, message)] = said(read(twice))
    assert (row, column) == (3, "value")
    assert message.startswith("The same rater, item and criterion stand in row 2 already.")
    file = read(twice.replace("3,\n", "4,yes\n"))
    assert [(r.is_repeat, r.scores["score"].value) for r in file.ratings] == [(False, 3), (True, 4)]


def test_an_item_is_described_one_way() -> None:
    text = "item,rater,value,category\nx,R1,3,A\nx,R2,3,B\n"
    assert said(read(text)) == [
        (3, "category", "Row 2 says otherwise of the item x. Correct one of them.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "item,Item,value\nx,R1,3\n",
        "item,rater,value\nx,R1,3,4\n",
        "item,rater,value,slice\nx,R1,3,0\n",
        "item,rater,value,labelled\nx,R1,3,perhaps\n",
        "item,rater,value,time\nx,R1,3,yesterday\n",
        "item,rater,value\nx,R1,99999\n",
        "item,rater,value\nx,R1,1e400\n",
        "item,rater,value\nx,R1,=1+1\n",
        "item,rater,value\nx,R1,Infinity\n",
        "item,rater,value\nx,R\x071,3\n",
        'item,rater,value\nx,"R1,3\n',
        "item,rater,value\n",
        "item\nx\n",
        "item,rater\nx,R1\n",
        "",
        "\n\n",
        "item,rater,value\nx,R\x001,3\n",
        b"\xff\xfe\x00\xd8",
        b"\x81\xff" * 40,
        "x" * 600 + ",rater,value\n",
        "item,rater,value\n" + "x" * 600 + ",R1,3\n",
        ",".join(f"c{n}" for n in range(3000)),
    ],
)
def test_what_is_no_sound_file_of_ratings_is_said_in_words(text) -> None:
    file = read(text)
    assert file.error_count >= 1
    assert all(error.message.endswith(".") for error in file.errors)


def test_no_more_than_some_errors_are_kept() -> None:
    file = read("item,rater,value\n" + "x,R1,bad\n" * 2000)
    assert (len(file.errors), file.error_count) == (500, 2000)


def test_rows_that_do_not_count_are_left_out() -> None:
    """As in the report of raw scores: practice, superseded and late ones."""
    text = (
        "item,rater,kind,criterion,value,code,state,late\n"
        "1,1,practice,contrast,3,,current,in time\n"
        "1,1,main,contrast,4,,superseded,in time\n"
        "1,1,main,contrast,5,,current,in time\n"
        "2,1,main,contrast,5,,current,not admitted\n"
        "1,2,main,contrast,,cannot_judge,current,in time\n"
        "1,2,repeat,contrast,6,,current,in time\n"
        '# A note, with a comma\n# Study: "Teeth"\n'
    )
    file = read(text)
    assert (file.errors, file.left_out) == ((), 3)
    found = [
        (r.rater, r.is_repeat, r.scores["contrast"].code or r.scores["contrast"].value)
        for r in file.ratings
    ]
    assert found == [("1", False, 5), ("2", False, "cannot_judge"), ("2", True, 6)]


def test_published_ratings_give_their_published_mean() -> None:
    """Mean opinion score and mean standard error of Netflix/sureal's public data set."""
    file = read((DATA / "nflx_public_raw.csv").read_bytes())
    assert (file.errors, file.unread_columns) == ((), ("content",))
    scores = np.array([float(rating.scores["score"].value) for rating in file.ratings])
    matrix = scores.reshape(79, 26)
    assert matrix.mean() == pytest.approx(3.544790652, abs=1e-9)
    errors = matrix.std(axis=1, ddof=1) / np.sqrt(26)
    assert errors.mean() == pytest.approx(0.129866373, abs=1e-9)


def test_a_published_matrix_is_read_whole() -> None:
    file = read((DATA / "p910_sample_data.csv").read_bytes(), form="matrix")
    assert (len(file.items), len(file.raters), file.missing_cells) == (79, 26, 1)
    [unrated] = [rating for rating in file.ratings if not rating.scores]
    assert (unrated.item, unrated.rater) == ("item 69", "rater 08")


def test_every_naughty_text_is_kept_or_refused(sample_data) -> None:
    """As a name of items, of raters, of criteria and as a value; nothing fails."""
    lines = (sample_data / "hostile" / "text" / "blns.txt").read_text().split("\n")
    texts = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(texts) > 400
    for text in texts:
        quoted = '"' + text.replace('"', '""') + '"'
        file = read(f"item,rater,criterion,value\n{quoted},{quoted},{quoted},3\nx,R1,c,{quoted}\n")
        for rating in file.ratings:
            assert "\0" not in rating.item
            assert rating.item.isprintable() or rating.item == text.strip()
