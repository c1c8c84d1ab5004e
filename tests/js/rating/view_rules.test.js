import assert from "node:assert/strict";
import test from "node:test";

import { awaitsMask, tooFewSeen } from "../../../static/js/rating/view_rules.js";

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

const CRITERIA = [{ code: "contrast", scope: "image" }, { code: "boundary", scope: "annotation" }];
const NUMBER = { value: "9" };
const CODE = { code: "cannot_judge", reason: "overlay" };

/** A page with an item on screen; `asked` and `told` count what awaitsMask does. */
function pageWith({ mask = {}, overlayUsed = false } = {}) {
  const page = { asked: 0, told: 0, current: { assignment: { mask } }, fields: { criteria: CRITERIA, isRapid: false } };
  page.viewer = { record: { overlayUsed }, askForMask: () => (page.asked += 1) };
  page.status = { notice: () => (page.told += 1) };
  return page;
}

test("only numbers of annotation criteria wait for a mask that was never on screen", () => {
  const dataset = { maskNotPainted: "Not yet." };
  globalThis.document = { getElementById: () => ({ dataset }) };
  const cases = [
    [{}, { contrast: NUMBER, boundary: NUMBER }, true],
    [{}, { contrast: NUMBER, boundary: { value: "0" } }, true],
    [{}, { contrast: NUMBER, boundary: CODE }, false],
    [{}, { contrast: NUMBER }, false],
    [{ overlayUsed: true }, { contrast: NUMBER, boundary: NUMBER }, false],
    [{ mask: null }, { contrast: NUMBER, boundary: NUMBER }, false],
  ];
  for (const [item, scores, isAwaited] of cases) {
    const page = pageWith(item);
    assert.equal(awaitsMask(page, scores), isAwaited);
    assert.deepEqual([page.asked, page.told], isAwaited ? [1, 1] : [0, 0]);
  }
  delete globalThis.document;
});
