"""All that the benchmark knows of the rating page: selectors, events, keys and addresses."""

from __future__ import annotations

from typing import Any

# What the probe in the page looks for
PROBE: dict[str, Any] = {
    "painted": "qa-painted",
    "waiting": "qa-waiting",
    "canvases": "#viewer canvas",
    "fields": "#criteria [data-score-input]",
    "pixels": "/rating/pixels/",
    # /rating/pixels/TOKEN/...
    "token": r"/rating/pixels/([^/]+)/",
}

FIELDS_ASKED = "#criteria > li:not(.criterion-closed) [data-score-input]"
SAVED = "#save-status"
SAVED_TEXT = "Saved"
DONE = "#stage-message [data-message=done], #message-done"
STAGE_MESSAGE = "#stage-message"

NEXT_FIELD = "Enter"
# Slices by key, in any field
SLICE_UP, SLICE_DOWN = "PageUp", "PageDown"
TEN_UP, TEN_DOWN = "Shift+PageUp", "Shift+PageDown"
FIRST_SLICE, LAST_SLICE = "Home", "End"
MASK = "m"

LOG_IN = "/account/log-in/"


def rating_page(study: Any) -> str:
    return f"/rating/{study.public_id}/"


def queue(study: Any) -> str:
    return f"/rating/{study.public_id}/queue/"


def conditions(study: Any) -> str:
    return f"/rating/{study.public_id}/conditions/"


# What the page asks once after each log-in
CONDITIONS = {
    "room": "dim",
    "monitor": "office",
    "sees_dark_patch": True,
    "sees_bright_patch": True,
}


def plane_addresses(assignment: dict[str, Any]) -> list[str]:
    """Return the addresses of an item's first views: one of each plane of a volume."""
    image = assignment["image"]
    return [
        plane["url"].replace("{slice}", str(plane["first_slice"]))
        for plane in image["planes"].values()
    ]
