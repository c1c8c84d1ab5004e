/*
 * Where a plane lies on its canvas. All lengths are device pixels of the canvas, except the plane's
 * own. A view is {scale, left, top}: `scale` is the shorter side of an image pixel, so that at a
 * scale of 1 or more no pixel is left out; pixels that are not square get longer, never shorter.
 */

export const LARGEST_SCALE = 64;

/** Shown width and height of one image pixel at `scale`. */
export function pixelSize(plane, scale) {
  const { pixel_width: width = 1, pixel_height: height = 1 } = plane;
  const shorter = shorterSide(plane);
  return { width: (scale * width) / shorter, height: (scale * height) / shorter };
}

/** The shorter side of an image pixel, which `scale` counts. */
export function shorterSide({ pixel_width: width = 1, pixel_height: height = 1 }) {
  return Math.min(width, height);
}

/** Shown width and height of the whole plane at `scale`. */
export function shownSize(plane, scale) {
  const pixel = pixelSize(plane, scale);
  return { width: plane.columns * pixel.width, height: plane.rows * pixel.height };
}

/** The largest whole-number scale that fits, or the scale that just fits where that is below 1. */
export function standardScale(plane, stage) {
  const fitting = fittingScale(plane, stage);
  return fitting >= 1 ? Math.floor(fitting) : fitting;
}

export function fittingScale(plane, stage) {
  const size = shownSize(plane, 1);
  return Math.min(stage.width / size.width, stage.height / size.height);
}

/** A view at `scale` with the plane in the middle of the stage. */
export function centred(plane, stage, scale) {
  const size = shownSize(plane, scale);
  return {
    scale,
    left: Math.round((stage.width - size.width) / 2),
    top: Math.round((stage.height - size.height) / 2),
  };
}

/** Change the scale so that the image point under `point` stays where it is. */
export function zoomedAt(view, scale, point) {
  const factor = scale / view.scale;
  return {
    scale,
    left: Math.round(point.x - (point.x - view.left) * factor),
    top: Math.round(point.y - (point.y - view.top) * factor),
  };
}

/** Move the view so that some of the plane always stays in sight. */
export function keptInSight(view, plane, stage) {
  const { width, height } = shownSize(plane, view.scale);
  return {
    scale: view.scale,
    left: keptBetween(view.left, width, stage.width),
    top: keptBetween(view.top, height, stage.height),
  };
}

/** The next whole-number scale; below 1:1 the next by a quarter. */
export function steppedScale(scale, direction) {
  if (direction > 0) return scale < 1 ? Math.min(1, scale * 1.25) : Math.floor(scale + 1.0001);
  return scale <= 1 ? scale / 1.25 : Math.max(1, Math.ceil(scale - 1.0001));
}

/** The image pixel {row, column} under a point of the canvas, the nearest one where it lies outside. */
export function pixelAt(plane, view, point) {
  const pixel = pixelSize(plane, view.scale);
  return {
    row: clamp(Math.floor((point.y - view.top) / pixel.height), plane.rows),
    column: clamp(Math.floor((point.x - view.left) / pixel.width), plane.columns),
  };
}

/** The point of the canvas at the middle of an image pixel. */
export function pointOf(plane, view, { row, column }) {
  const pixel = pixelSize(plane, view.scale);
  return { x: view.left + (column + 0.5) * pixel.width, y: view.top + (row + 0.5) * pixel.height };
}

function clamp(place, count) {
  return Math.min(count - 1, Math.max(0, place));
}

function keptBetween(start, length, room) {
  const margin = Math.min(length, room) / 4;
  return Math.round(Math.min(room - margin, Math.max(margin - length, start)));
}
