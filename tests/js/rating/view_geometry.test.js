import assert from "node:assert/strict";
import test from "node:test";

import { centred, fittingScale, keptInSight, pixelAt, pixelSize, pointOf, standardScale, steppedScale, zoomedAt } from "../../../static/js/rating/view_geometry.js";

const RADIOGRAPH = { rows: 320, columns: 640 };

test("the standard scale is the largest whole number that fits", () => {
  assert.equal(standardScale(RADIOGRAPH, { width: 1279, height: 900 }), 1);
  assert.equal(standardScale(RADIOGRAPH, { width: 1280, height: 640 }), 2);
  assert.equal(standardScale(RADIOGRAPH, { width: 5000, height: 1000 }), 3);
});

test("an image that is too large is fitted", () => {
  assert.equal(standardScale({ rows: 1536, columns: 2800 }, { width: 1400, height: 1000 }), 0.5);
});

test("pixels that are not square count with their width", () => {
  const wide = { ...RADIOGRAPH, pixel_width: 2, pixel_height: 1 };
  assert.equal(fittingScale(wide, { width: 1280, height: 2000 }), 1);
});

test("at scale 1 no pixel is left out: the longer side of a pixel gets longer", () => {
  // 640 x 320 out of 2800 x 1536: pixels 1.097 times as high as wide
  const tall = { ...RADIOGRAPH, pixel_width: 1, pixel_height: 1.097 };
  assert.deepEqual(pixelSize(tall, 1), { width: 1, height: 1.097 });
  assert.deepEqual(pixelSize({ ...RADIOGRAPH, pixel_width: 0.5, pixel_height: 0.25 }, 2), { width: 4, height: 2 });
});

test("a point of the canvas belongs to one pixel, whose middle leads back to it", () => {
  const tall = { ...RADIOGRAPH, pixel_width: 1, pixel_height: 2 };
  const view = { scale: 3, left: 10, top: -5 };
  assert.deepEqual(pixelAt(tall, view, { x: 10, y: 1 }), { row: 1, column: 0 });
  assert.deepEqual(pointOf(tall, view, { row: 1, column: 0 }), { x: 11.5, y: 4 });
  assert.deepEqual(pixelAt(tall, view, { x: -900, y: 9e9 }), { row: 319, column: 0 });
});

test("a centred view has whole device pixels, so that blocks stay equal", () => {
  const { left, top } = centred(RADIOGRAPH, { width: 1001, height: 501 }, 1);
  assert.ok(Number.isInteger(left) && Number.isInteger(top));
  assert.ok(Math.abs(left - 180.5) <= 0.5 && Math.abs(top - 90.5) <= 0.5);
});

test("zooming keeps the image point under the pointer", () => {
  const view = { scale: 1, left: 10, top: 20 };
  const zoomed = zoomedAt(view, 4, { x: 110, y: 70 });
  assert.deepEqual(zoomed, { scale: 4, left: 110 - 100 * 4, top: 70 - 50 * 4 });
});

test("some of the image always stays in sight", () => {
  const stage = { width: 1000, height: 500 };
  for (const far of [-1e6, 1e6]) {
    const { left, top, scale } = keptInSight({ scale: 1, left: far, top: far }, RADIOGRAPH, stage);
    assert.ok(left + 640 * scale > 100 && left < 900);
    assert.ok(top + 320 * scale > 50 && top < 450);
  }
});

test("steps go over whole numbers above 1:1 and stop at it", () => {
  assert.deepEqual([1, 2, 2.5].map((scale) => steppedScale(scale, 1)), [2, 3, 3]);
  assert.deepEqual([3, 2.5, 2].map((scale) => steppedScale(scale, -1)), [2, 2, 1]);
  assert.equal(steppedScale(0.9, 1), 1);
  assert.ok(steppedScale(1, -1) < 1);
});
