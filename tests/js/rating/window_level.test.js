import assert from "node:assert/strict";
import test from "node:test";

import { greyOf, pixelsOf, toneOf } from "../../../static/js/rating/window_level.js";

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** clamp(floor(255 * (v - (c - w / 2)) / w + 0.5), 0, 255), written for exact integers. */
function greyInIntegers(value, low, high) {
  const width = BigInt(high - low);
  const doubled = 2n * 255n * BigInt(value - low) + width;
  const floor = doubled >= 0n ? doubled / (2n * width) : -((-doubled + 2n * width - 1n) / (2n * width));
  return Number(floor < 0n ? 0n : floor > 255n ? 255n : floor);
}

const around = (low, high) => ({ centre: (low + high) / 2, width: high - low, inverted: false });

function shownGreys(pixels, image, window) {
  const greys = new Uint8Array(pixels.length);
  toneOf(image, window)(pixels, greys);
  return greys;
}

test("8-bit values in the standard view are shown as they are", () => {
  const pixels = Uint8Array.from({ length: 256 }, (_, value) => value);
  assert.deepEqual([...shownGreys(pixels, { dtype: "uint8" }, around(0, 255))], [...pixels]);
});

for (const [dtype, first, count] of [["uint16", 0, 65536], ["int16", -32768, 65536]]) {
  for (const [low, high] of [[-1000, 3000], [0, 65535], [117, 118], [-32768, 32767]]) {
    test(`every ${dtype} value in the window ${low}..${high} follows the formula`, () => {
      const pixels = TYPES[dtype].from({ length: count }, (_, index) => first + index);
      const greys = shownGreys(pixels, { dtype }, around(low, high));
      for (let index = 0; index < count; index += 1) {
        const expected = greyInIntegers(pixels[index], low, high);
        if (greys[index] !== expected) assert.equal(greys[index], expected, `value ${pixels[index]}`);
      }
    });
  }
}

for (const [slope, intercept, window] of [
  [0.1, -3.7, around(-211.3, 402.9)],
  [-0.3, 1e9, around(1e9 - 5000, 1e9 + 17)],
  [-2, 0, { ...around(-100, 60000), inverted: true }],
  [1, -1024, around(77, 77)],
]) {
  test(`each of all values follows the formula with slope ${slope} and intercept ${intercept}`, () => {
    for (const [dtype, first, count] of [["uint8", 0, 256], ["uint16", 0, 65536], ["int16", -32768, 65536]]) {
      const pixels = TYPES[dtype].from({ length: count }, (_, index) => first + index);
      const greys = shownGreys(pixels, { dtype, slope, intercept }, window);
      const wrong = pixels.findIndex((value, index) => greys[index] !== greyOf(value * slope + intercept, window));
      assert.equal(wrong, -1, `${dtype} ${pixels[wrong]}`);
    }
  });
}

/*
 * numpy 2.4: v = np.array([-1024, -7, 0, 100, 1333, 2047], np.int16) * 0.1 + -3.7
 * np.clip(np.floor(255 * (v - (20.3 - 77.7 / 2)) / 77.7 + 0.5), 0, 255).astype(int)
 */
test("values with slope and intercept follow the formula in double precision", () => {
  const pixels = Int16Array.of(-1024, -7, 0, 100, 1333, 2047);
  const image = { dtype: "int16", slope: 0.1, intercept: -3.7 };
  const greys = shownGreys(pixels, image, { centre: 20.3, width: 77.7, inverted: false });
  assert.deepEqual([...greys], [0, 46, 49, 82, 255, 255]);
});

test("float values follow the formula and what is no number is black", () => {
  const pixels = new Float32Array([-1, 0, 0.25, 0.5, 1, 2, NaN, Infinity, -Infinity]);
  const greys = shownGreys(pixels, { dtype: "float32" }, around(0, 1));
  // 255 * 0.25 + 0.5 = 64.25; 255 * 0.5 + 0.5 = 128
  assert.deepEqual([...greys], [0, 0, 64, 128, 255, 255, 0, 255, 0]);
});

test("inverting turns black to white and keeps the sum of 255", () => {
  const window = around(0, 255);
  for (const value of [-5, 0, 13, 127, 128, 254, 255, 300]) {
    assert.equal(greyOf(value, { ...window, inverted: true }), 255 - greyOf(value, window));
  }
});

test("a window of no width parts the values at its place", () => {
  assert.deepEqual([9, 10, 11].map((value) => greyOf(value, around(10, 10))), [0, 128, 255]);
});

test("bytes are read as little-endian numbers of their type", () => {
  const { buffer } = Uint8Array.of(0x18, 0xfc, 0x01, 0x00);
  assert.deepEqual([...pixelsOf(buffer, "int16")], [-1000, 1]);
  assert.throws(() => pixelsOf(buffer, "complex64"), RangeError);
});
