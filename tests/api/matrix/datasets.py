from tests.api.matrix import Line

LINES = {
    "list_datasets": Line("401 403 403 403 200 | 200 403 200 200"),
    "create_dataset": Line(
        "401 403 403 403 201 | 403 403 201 403", body=lambda world: {"name": "New"}
    ),
    "show_composition": Line("401 403 403 403 200 | 200 403 200 404"),
    "show_dataset": Line("401 403 403 403 200 | 200 403 200 404"),
}
