"""What is on the viewer's canvases, and what should be there by rule and formula."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

# So much of the black around the image is read too
MARGIN = 5
# Sets window, zoom and slice of one pane, waits until that is painted, and reads it back
READ = """async ([name, set, margin]) => {
  const viewer = document.querySelector("#viewer");
  const pane = () => viewer.panes.named(name);
  if (set.slice !== undefined) viewer.showSlice(set.slice, name);
  const isThere = () => pane()?.pixels && !pane().isWaiting && pane().shownSlice === pane().slice;
  for (let wait = 0; !isThere(); wait += 1) {
    if (wait === 1000) throw new Error(`The pixels of ${name} have not come`);
    await new Promise((done) => setTimeout(done, 25));
  }
  if (set.window) viewer.setWindow(...set.window);
  if (set.inverted !== undefined && set.inverted !== viewer.window.inverted) viewer.invert();
  if (set.smooth !== undefined && set.smooth !== pane().isSmooth) viewer.toggleSmooth();
  if (set.mode) { viewer.activate(name); viewer.setMode(set.mode); }
  if (set.scale) viewer.zoomTo(set.scale, undefined, pane());
  if (set.pan) viewer.pan(...set.pan, pane());
  const { canvas } = pane().canvas;
  const { plane, view } = pane();
  const shorter = Math.min(plane.pixel_width, plane.pixel_height);
  const size = (count, length) => Math.ceil((count * view.scale * length) / shorter) + 2 * margin;
  const x = Math.max(0, view.left - margin);
  const y = Math.max(0, view.top - margin);
  const width = Math.min(canvas.width - x, size(plane.columns, plane.pixel_width));
  const height = Math.min(canvas.height - y, size(plane.rows, plane.pixel_height));
  const { data } = canvas.getContext("2d").getImageData(x, y, width, height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) {
    text += String.fromCharCode(...data.subarray(at, at + 32768));
  }
  return {
    width, height, x, y, pixels: btoa(text), view, slice: pane().shownSlice, plane,
    window: [viewer.window.centre, viewer.window.width],
  };
}"""


@dataclass(frozen=True)
class Seen:
    """Where an image lies on its canvas, read back: (height, width, 3) values.

    `left` and `top` are those of the image within `pixels`, `x` and `y` those of `pixels` on the
    canvas.
    """

    pixels: NDArray[np.uint8]
    slice: int
    left: int
    top: int
    x: int
    y: int
    across: float
    down: float
    centre: float
    width: float


def look(page: Page, plane: str = "image", **settings: Any) -> Seen:
    """Show a plane with `window` (centre, width), `scale`, `slice` …; read its canvas."""
    told = page.evaluate(READ, [plane, settings, MARGIN])
    raw = np.frombuffer(base64.b64decode(told["pixels"]), np.uint8)
    shape, view = told["plane"], told["view"]
    shorter = min(shape["pixel_height"], shape["pixel_width"])
    return Seen(
        pixels=raw.reshape(told["height"], told["width"], 4)[..., :3],
        slice=told["slice"],
        left=view["left"] - told["x"],
        top=view["top"] - told["y"],
        x=told["x"],
        y=told["y"],
        across=view["scale"] * shape["pixel_width"] / shorter,
        down=view["scale"] * shape["pixel_height"] / shorter,
        centre=told["window"][0],
        width=told["window"][1],
    )


def windowed(values: NDArray[Any], centre: float, width: float) -> NDArray[np.uint8]:
    """The grey values of real values by the formula, in double precision."""
    real = values.astype(np.float64)
    greys = np.floor(255 * (real - (centre - width / 2)) / width + 0.5)
    return np.clip(np.where(np.isnan(real), 0, greys), 0, 255).astype(np.uint8)


def expected_canvas(seen: Seen, greys: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Place a picture on black: canvas pixel j shows source pixel floor((j + 0.5) / z)."""
    picture = greys if greys.ndim == 3 else np.repeat(greys[..., None], 3, axis=2)
    height, width = seen.pixels.shape[:2]
    rows = np.floor((np.arange(height) - seen.top + 0.5) / seen.down).astype(int)
    columns = np.floor((np.arange(width) - seen.left + 0.5) / seen.across).astype(int)
    inside = np.ix_(
        (rows >= 0) & (rows < picture.shape[0]), (columns >= 0) & (columns < picture.shape[1])
    )
    canvas = np.zeros_like(seen.pixels)
    canvas[inside] = picture[np.ix_(rows[inside[0].ravel()], columns[inside[1].ravel()])]
    return canvas
