import assert from "node:assert/strict";
import test from "node:test";

import { chooseLayout } from "../../../static/js/rating/page_layout.js";

const radiograph = { planes: { image: { rows: 320, columns: 640 } } };
const square = { rows: 512, columns: 512 };
const layoutOf = (image, width, height) => chooseLayout(image, { width, height, ratio: 1 });

test("scores go below where that shows a radiograph larger", () => {
  assert.equal(layoutOf(radiograph, 1440, 864), "below");
  assert.equal(layoutOf(radiograph, 1280, 544), "side");
});

test("narrow windows have no room beside a wide image, upright ones have it under it", () => {
  assert.equal(layoutOf(radiograph, 820, 1140), "stacked");
  assert.equal(layoutOf(radiograph, 640, 324), "side");
  assert.equal(layoutOf(radiograph, 360, 600), "stacked");
});

test("square slices keep the scores at their side, alone and in three planes", () => {
  assert.equal(layoutOf({ planes: { image: square } }, 1440, 864), "side");
  assert.equal(layoutOf({ planes: { axial: square, coronal: square, sagittal: square } }, 1440, 864), "side");
});
