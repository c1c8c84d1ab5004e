import assert from "node:assert/strict";
import test from "node:test";

import { ViewRecord } from "../../../static/js/rating/view_record.js";

const IMAGE = { planes: { axial: { slices: 8 }, coronal: { slices: 400 }, sagittal: { slices: 512 } } };

test("a record taken up again counts on", () => {
  const first = new ViewRecord(IMAGE);
  for (const slice of [3, 4, 5, 7]) first.sawSlice("axial", slice);
  first.sawSlice("coronal", 0);
  first.zoomChanged = true;
  first.worstSlice = { plane: "axial", slice: 4 };
  // As a browser keeps it
  const second = new ViewRecord(IMAGE, JSON.parse(JSON.stringify(first.snapshot())));
  assert.equal(second.share, 4 / 8);
  second.sawSlice("axial", 4);
  second.sawSlice("axial", 0);
  assert.equal(second.share, 5 / 8);
  assert.deepEqual([...second.seen.axial].sort(), [0, 3, 4, 5, 7]);
  assert.deepEqual([...second.seen.coronal], [0]);
  assert.equal(second.seen.sagittal.size, 0);
  assert.deepEqual(second.worstSlice, { plane: "axial", slice: 4 });
  assert.deepEqual([second.zoomChanged, second.windowChanged, second.overlayUsed], [true, false, false]);
});

test("slices seen in a row cost a few letters however many they are", () => {
  const record = new ViewRecord(IMAGE);
  for (let slice = 511; slice >= 0; slice -= 1) record.sawSlice("sagittal", slice);
  assert.deepEqual(record.snapshot().seen.sagittal, [0, 511]);
  assert.ok(JSON.stringify(record.snapshot()).length < 250);
});

test("slices that the image no longer has are not counted", () => {
  const record = new ViewRecord(IMAGE, { seen: { axial: [6, 9] } });
  assert.equal(record.share, 2 / 8);
});

test("a draft without a record is none", () => {
  for (const saved of [null, undefined, {}]) assert.equal(new ViewRecord(IMAGE, saved).share, 0);
});
