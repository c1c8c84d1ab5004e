"""What the columns of a file of ratings may be called, and which form the file then has."""

import unicodedata
from collections.abc import Mapping, Sequence

FORMS = ("auto", "long", "wide", "matrix")

# Role of a column -> names by which it is known without being told; the first one is its own
ROLES: dict[str, tuple[str, ...]] = {
    "item": (
        "item", "item_id", "image", "image_id", "image_name", "stimulus", "file", "filename",
        "file_name", "key", "case", "case_id", "条目", "图像", "图片", "文件",
    ),
    "rater": (
        "rater", "rater_id", "judge", "reader", "observer", "expert", "scorer", "assessor",
        "评分者", "专家", "医生",
    ),
    "rater_kind": ("rater_kind",),
    "rater_state": ("rater_state",),
    "model_name": ("model_name",),
    "model_version": ("model_version",),
    "criterion": ("criterion", "criteria", "question", "评分项", "指标"),
    "value": ("value", "score", "scores", "rating", "ratings", "分数", "评分", "得分"),
    "code": ("code",),
    "category": ("category", "类别"),
    "group": ("group", "组"),
    "labelled": ("labelled", "labeled", "mask", "has_mask", "已标注", "掩膜"),
    "stratum": ("stratum", "抽样层"),
    "slice": ("slice", "slice_number", "层面"),
    "repeat": ("repeat", "is_repeat", "重复"),
    "comment": ("comment", "comments", "remark", "remarks", "备注"),
    "time": ("time", "submitted_at", "timestamp", "date", "时间"),
    "kind": ("kind",),
    "state": ("state",),
    "late": ("late",),
    "item_state": ("item_state",),
}  # fmt: skip

# Forms of a file with names of columns
LONG, WIDE_RATERS, WIDE_CRITERIA = "long", "wide_raters", "wide_criteria"

# What begins the names of the columns of a wide file with one column per rater
RATER_WORDS = (*ROLES["rater"], "r", "dr", "doctor", "dentist", "radiologist")

# Rows of a long list that say of themselves that they do not count
LEFT_OUT = {
    "kind": {"practice"},
    "state": {"superseded"},
    "late": {"not admitted"},
    "item_state": {"withdrawn"},
}

# Roles that a row can fill: where it is one item, nothing in it is of one rater alone
OF_ITEM = frozenset(
    {"item", "category", "group", "labelled", "stratum", "slice", "repeat", *LEFT_OUT}
)
OF_RATER = frozenset({"rater_kind", "rater_state", "model_name", "model_version"})
OF_RATING = frozenset({"comment", "time"})
ROLES_READ = {
    LONG: frozenset(ROLES),
    WIDE_CRITERIA: OF_ITEM | OF_RATING | OF_RATER | {"rater"},
    WIDE_RATERS: OF_ITEM,
}


def plain_name(name: str) -> str:
    """Return a column's name without what people vary: case, width, spaces and hyphens."""
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    return "_".join(folded.replace("-", " ").replace("_", " ").split())


def roles_of(headers: Sequence[str], told: Mapping[str, str]) -> dict[str, int]:
    """Return the column (from 0) of each role that the file has.

    `told` names columns by role; each of its names must be among the headers. A role that was
    not told goes to the first of its usual names that no other role was told to take.
    """
    names = [plain_name(header) for header in headers]
    found = {role: names.index(plain_name(name)) for role, name in told.items()}
    for role, usual in ROLES.items():
        for name in usual:
            if role not in found and name in names and names.index(name) not in found.values():
                found[role] = names.index(name)
    if "rater_kind" not in found:
        # By themselves these are rather of a device than of a rater
        for role in {"model_name", "model_version"} - set(told):
            found.pop(role, None)
    return found


def is_rater_name(header: str) -> bool:
    """Say whether a header is like `rater_01`, `Reader A` or `专家3`."""
    name = plain_name(header)
    for word in RATER_WORDS:
        rest = name.removeprefix(word)
        if rest != name and rest and (rest[0] == "_" or rest[0].isdigit() or not word.isascii()):
            return True
    return False
