/*
 * Where an image lies on the canvas. All lengths are device pixels of the canvas, except the
 * image's own. A view is {scale, left, top}: image point (x, y) lies at
 * (left + x * scale * aspect, top + y * scale); `aspect` widens pixels that are not square.
 */

export const LARGEST_SCALE = 64;

/** The largest whole-number scale that fits, or the scale that just fits where that is below 1. */
export function standardScale(image, stage) {
  const fitting = fittingScale(image, stage);
  return fitting >= 1 ? Math.floor(fitting) : fitting;
}

export function fittingScale(image, stage) {
  return Math.min(stage.width / (image.columns * aspectOf(image)), stage.height / image.rows);
}

/** Shown width of one image pixel over its height. */
export function aspectOf(image) {
  return (image.pixel_width ?? 1) / (image.pixel_height ?? 1);
}

/** A view at `scale` with the image in the middle of the stage. */
export function centred(image, stage, scale) {
  const width = image.columns * aspectOf(image) * scale;
  return {
    scale,
    left: Math.round((stage.width - width) / 2),
    top: Math.round((stage.height - image.rows * scale) / 2),
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

/** Move the view so that some of the image always stays in sight. */
export function keptInSight(view, image, stage) {
  const width = image.columns * aspectOf(image) * view.scale;
  const height = image.rows * view.scale;
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

function keptBetween(start, length, room) {
  const margin = Math.min(length, room) / 4;
  return Math.round(Math.min(room - margin, Math.max(margin - length, start)));
}
