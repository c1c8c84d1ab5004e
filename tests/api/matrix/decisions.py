from tests.api.matrix import Line

DECISION = {"outcome": "exclude", "reason": "duplicate"}
LINES = {
    "list_decisions": Line("401 403 403 403 200 | 200 403 200 404"),
    "decide_item": Line("401 403 403 403 201 | 403 403 201 404", body=lambda world: DECISION),
    "decide_items": Line(
        "401 403 403 403 200 | 403 403 200 404",
        body=lambda world: {"decisions": [{"item": world.item.pk, **DECISION}]},
    ),
}
