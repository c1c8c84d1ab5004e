import assert from "node:assert/strict";
import test from "node:test";

import { MaskSetting } from "../../../static/js/rating/mask_setting.js";
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
function pageWith({ mask = {}, overlayUsed = false, pane = {} } = {}) {
  const page = { asked: 0, told: [], current: { assignment: { mask } }, fields: { criteria: CRITERIA, isRapid: false } };
  page.viewer = {
    record: { overlayUsed },
    mask: new MaskSetting(mask),
    pane: { name: "axial", slice: 0, isWaiting: false, hasEmptyMask: false, ...pane },
    askForMask: () => (page.asked += 1),
    showSlice: (slice) => (page.slice = slice),
  };
  page.status = { notice: (_name, sentence) => page.told.push(sentence) };
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
    assert.deepEqual([page.asked, page.told.length], isAwaited ? [1, 1] : [0, 0]);
  }
  delete globalThis.document;
});

const ON_SLICES = { planes: { axial: { slices: [4, 10] }, coronal: { slices: null } } };

test("where the slice on screen has nothing of the mask, one that may have is shown", () => {
  const dataset = { maskNotPainted: "Not yet.", maskOnSlices: "On {first} to {last}." };
  globalThis.document = { getElementById: () => ({ dataset }), documentElement: { lang: "en" } };
  const cases = [
    [{ slice: 3 }, 7, "On 5 to 11."],
    [{ slice: 11, isWaiting: true }, 7, "On 5 to 11."],
    // A gap: the middle may lie in one, the first slice never does
    [{ slice: 5, hasEmptyMask: true }, 7, "On 5 to 11."],
    [{ slice: 7, hasEmptyMask: true }, 4, "On 5 to 11."],
    // Not here yet, or off
    [{ slice: 7 }, undefined, "Not yet."],
    [{ slice: 7, isWaiting: true, hasEmptyMask: true }, undefined, "Not yet."],
    [{ name: "coronal", slice: 3, hasEmptyMask: true }, undefined, "Not yet."],
    [{ name: "image", slice: 0 }, undefined, "Not yet."],
  ];
  for (const [pane, slice, told] of cases) {
    const page = pageWith({ mask: ON_SLICES, pane });
    assert.equal(awaitsMask(page, { boundary: NUMBER }), true);
    assert.deepEqual([page.slice, page.told, page.asked], [slice, [told], 1]);
  }
  delete globalThis.document;
});
