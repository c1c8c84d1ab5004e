import assert from "node:assert/strict";
import test from "node:test";

import { tooFewSeen } from "../../../static/js/rating/view_rules.js";

const volume = { image: { planes: { axial: { slices: 120 }, coronal: { slices: 40 }, sagittal: { slices: 40 } } } };
const radiograph = { image: { planes: { image: { slices: 1 } } } };

test("fewer than half of the axial slices are too few, half are enough", () => {
  assert.deepEqual(tooFewSeen(volume, 31 / 120), { seen: 31, total: 120 });
  assert.deepEqual(tooFewSeen(volume, 59 / 120), { seen: 59, total: 120 });
  assert.equal(tooFewSeen(volume, 60 / 120), null);
});

test("an image of one plane is seen whole", () => {
  assert.equal(tooFewSeen(radiograph, 0), null);
});
