"""All that the benchmark knows of the rating page: selectors, events, keys and addresses."""

from __future__ import annotations

from typing import Any

# What the probe in the page looks for
PROBE: dict[str, Any] = {
    "painted": "qa-painted",
    "canvases": "#viewer canvas",
    "fields": "#criteria [data-score-input]",
    "pixels": "/rating/pixels/",
}
# What is held back until a key is pressed: all images but the one on screen (known by the token in
# /rating/pixels/TOKEN/...), or all slices but the first of each plane
HOLDS_IMAGES_BACK = {"first": 1, "part": r"/rating/pixels/([^/]+)/"}
HOLDS_SLICES_BACK = {"first": 3, "part": ""}

# Whether all that is asked for is on screen, the mask too: no score of a mask is taken before
VIEW_IS_WHOLE = """() => {
  const viewer = document.querySelector("#viewer");
  const panes = viewer?.panes?.shown ?? [];
  const isThere = (pane) => !pane.isWaiting && pane.shownSlice === pane.slice;
  return panes.length > 0 && panes.every(isThere);
}"""
AFTER_A_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"

FIELDS_ASKED = "#criteria > li:not(.criterion-closed) [data-score-input]"
SAVED = "#save-status"
SAVED_TEXT = "Saved"
DONE = "#stage-message [data-message=done], #message-done"

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


def first_planes() -> tuple[str, ...]:
    """Return the planes of a volume, each on a canvas of its own, in that order on the page."""
    return ("axial", "coronal", "sagittal")


def plane_addresses(assignment: dict[str, Any]) -> list[str]:
    """Return the addresses of an item's first views: one of each plane of a volume."""
    planes = assignment["image"]["planes"]
    return [
        planes[name]["url"].replace("{slice}", str(planes[name]["first_slice"]))
        for name in first_planes()
    ]


def slice_part(plane: str, index: int) -> str:
    """Return what the address of a slice holds."""
    return f"/{plane}/{index}?"
