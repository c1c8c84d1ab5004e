from sts_qa.protocols.content import built_in_content
from tests.api.matrix import Line

LINES = {
    "list_protocols": Line("401 403 403 403 200 | 200 403 200 403"),
    "save_protocol": Line(
        "401 403 403 403 201 | 403 403 201 403",
        body=lambda world: {"content": {**built_in_content("iqsc"), "slug": "own"}},
    ),
    "list_versions": Line("401 403 403 403 200 | 200 403 200 403"),
    "show_protocol": Line("401 403 403 403 200 | 200 403 200 403"),
}
