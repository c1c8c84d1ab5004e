import assert from "node:assert/strict";
import test from "node:test";

import { countValues, percentilesOf, presetWindows } from "../../../static/js/rating/presets.js";
import { WindowSetting } from "../../../static/js/rating/window_setting.js";

const close = (found, expected) => found.forEach((value, index) => assert.ok(Math.abs(value - expected[index]) < 1e-9, `${value}`));

// numpy 2.4: np.percentile(v, [0.5, 1, 37.3, 50, 99, 99.5, 100])
test("percentiles are those of numpy", () => {
  const pixels = Uint8Array.of(7, 1, 250, 3, 3, 90, 41, 17, 200, 64, 5);
  close(percentilesOf(pixels, [0.5, 1, 37.3, 50, 99, 99.5, 100]), [1.1, 1.2, 6.46, 17, 245, 247.5, 250]);
  close(percentilesOf(Int16Array.from(pixels, (value) => value - 100), [50]), [-83]);
});

test("values that are no numbers count for no percentile", () => {
  const pixels = new Float32Array([0.25, -3, 1e3, 7.5, NaN, 2]);
  close(percentilesOf(pixels, [1, 33.3, 99]), [-2.87, 0.831, 960.3]);
});

test("a preset of percentiles waits for the pixels; others are as the server says", () => {
  const own = { code: "dataset-0", name: "Enamel", low: null, high: null, percentiles: [0, 100] };
  const image = { slope: 2, intercept: 1, presets: [{ code: "standard", name: null, low: 0, high: 255 }, own] };
  assert.deepEqual(presetWindows(image, null).map(({ code }) => code), ["standard"]);
  const [, found] = presetWindows(image, Uint8Array.of(10, 30));
  assert.deepEqual([found.low, found.high], [21, 61]);
});

test("whole numbers are counted without gaps, in real values", () => {
  const counted = countValues(Uint8Array.of(3, 3, 5, 6), { slope: 2, intercept: 0, dtype: "uint8" });
  assert.deepEqual(counted, { low: 6, high: 14, counts: [2, 0, 1, 1] });
  const floats = countValues(new Float32Array([0, 1, NaN, 1]), { slope: 1, intercept: 0, dtype: "float32" });
  assert.deepEqual([floats.counts.length, floats.counts[0], floats.counts[255]], [256, 1, 2]);
});

const IMAGE = { window: [-1000, 3000] };

test("a window opens as the standard one and comes back to it", () => {
  const setting = new WindowSetting(IMAGE);
  assert.deepEqual([setting.centre, setting.width, setting.isStandard], [1000, 4000, true]);
  assert.ok(setting.step({ width: 1, level: -1 }));
  assert.deepEqual([setting.centre, setting.width, setting.preset], [800, 4200, null]);
  setting.invert();
  setting.reset();
  assert.deepEqual([setting.isStandard, setting.inverted, setting.preset], [true, false, "standard"]);
});

test("what is no window is refused", () => {
  const setting = new WindowSetting(IMAGE);
  for (const [centre, width] of [[NaN, 5], [5, 0], [5, -1], [5, Infinity]]) assert.ok(!setting.set(centre, width));
  assert.ok(setting.isStandard);
});

test("a locked window changes by nothing, nor is one carried to it", () => {
  const setting = new WindowSetting(IMAGE, { locked: true, carried: { centre: 1, width: 2 } });
  assert.ok(!setting.set(5, 5) && !setting.step({ width: 1 }) && !setting.invert());
  assert.ok(!setting.choose({ code: "bone", low: -500, high: 1500 }));
  assert.ok(setting.isStandard && !setting.isCarried && !setting.inverted);
});

test("a carried window counts as carried until it is changed or reset, and in the record for good", () => {
  for (const change of ["reset", "set", "choose", "step"]) {
    const setting = new WindowSetting(IMAGE, { carried: { centre: 1, width: 2 } });
    assert.ok(setting.isAsCarried);
    setting.invert();
    assert.ok(setting.isAsCarried, "inverted, it is still the window of before");
    const parts = { set: [5, 5], choose: [{ code: "bone", low: -500, high: 1500 }], step: [{ width: 1 }] };
    setting[change](...(parts[change] ?? []));
    assert.deepEqual([setting.isAsCarried, setting.isCarried], [false, true], change);
  }
  assert.ok(!new WindowSetting(IMAGE).isAsCarried);
});

test("a carried window opens as it was left", () => {
  const setting = new WindowSetting(IMAGE, { carried: { centre: 1, width: 2 } });
  assert.deepEqual([setting.low, setting.high, setting.isCarried, setting.preset], [0, 2, true, null]);
});
