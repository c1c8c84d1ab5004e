from tests.api.matrix import Line

SCORES = {"contrast": {"value": "17"}, "pixel_accuracy": {"value": "3"}}


def _rows(world):
    row = {"assignment": world.assignment.token, "idempotency_key": "k", "scores": SCORES}
    return {"mode": "all_or_nothing", "ratings": [row]}


LINES = {
    "submit_rating": Line(
        "401 404 201 404 404 | 403 201 403 404",
        owner="rater",
        body=lambda world: {"scores": SCORES},
    ),
    "submit_ratings": Line("401 404 200 403 403 | 403 200 403 404", owner="rater", body=_rows),
    "list_own_ratings": Line("401 404 200 403 403 | 403 200 403 404", owner="rater"),
}
