import assert from "node:assert/strict";
import test from "node:test";

import { applyWindow, greyOf, pixelsOf } from "../../../static/js/rating/window_level.js";

const TYPES = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** clamp(floor(255 * (v - (c - w / 2)) / w + 0.5), 0, 255), written for exact integers. */
function greyInIntegers(value, low, high) {
  const width = BigInt(high - low);
  const doubled = 2n * 255n * BigInt(value - low) + width;
  const floor = doubled >= 0n ? doubled / (2n * width) : -((-doubled + 2n * width - 1n) / (2n * width));
  return Number(floor < 0n ? 0n : floor > 255n ? 255n : floor);
}

function shownGreys(pixels, dtype, view, channels = 1) {
  const rgba = new Uint8ClampedArray((pixels.length / channels) * 4);
  applyWindow(pixels, channels, dtype, { inverted: false, ...view }, rgba);
  return rgba;
}

test("8-bit values in the standard view are shown as they are", () => {
  const pixels = Uint8Array.from({ length: 256 }, (_, value) => value);
  const rgba = shownGreys(pixels, "uint8", { low: 0, high: 255 });
  for (let value = 0; value < 256; value += 1) {
    assert.deepEqual([...rgba.slice(4 * value, 4 * value + 4)], [value, value, value, 255]);
  }
});

for (const [dtype, first, count] of [["uint16", 0, 65536], ["int16", -32768, 65536]]) {
  for (const [low, high] of [[-1000, 3000], [0, 65535], [117, 118], [-32768, 32767]]) {
    test(`every ${dtype} value in the window ${low}..${high} follows the formula`, () => {
      const pixels = TYPES[dtype].from({ length: count }, (_, index) => first + index);
      const rgba = shownGreys(pixels, dtype, { low, high });
      for (let index = 0; index < count; index += 1) {
        const expected = greyInIntegers(pixels[index], low, high);
        if (rgba[4 * index] !== expected) assert.equal(rgba[4 * index], expected, `value ${pixels[index]}`);
      }
    });
  }
}

test("float values follow the formula and what is no number is black", () => {
  const pixels = new Float32Array([-1, 0, 0.25, 0.5, 1, 2, NaN, Infinity, -Infinity]);
  const rgba = shownGreys(pixels, "float32", { low: 0, high: 1 });
  // 255 * 0.25 + 0.5 = 64.25; 255 * 0.5 + 0.5 = 128
  const greys = [...pixels].map((_, index) => rgba[4 * index]);
  assert.deepEqual(greys, [0, 0, 64, 128, 255, 255, 0, 255, 0]);
});

test("inverting turns black to white and keeps the sum of 255", () => {
  for (const value of [-5, 0, 13, 127, 128, 254, 255, 300]) {
    assert.equal(greyOf(value, 0, 255, true), 255 - greyOf(value, 0, 255));
  }
});

test("a window of no width parts the values at its place", () => {
  assert.deepEqual([9, 10, 11].map((value) => greyOf(value, 10, 10)), [0, 128, 255]);
});

test("colours keep their order", () => {
  const rgba = shownGreys(Uint8Array.of(10, 20, 30, 200, 100, 0), "uint8", { low: 0, high: 255 }, 3);
  assert.deepEqual([...rgba], [10, 20, 30, 255, 200, 100, 0, 255]);
});

test("bytes are read as little-endian numbers of their type", () => {
  const { buffer } = Uint8Array.of(0x18, 0xfc, 0x01, 0x00);
  assert.deepEqual([...pixelsOf(buffer, "int16")], [-1000, 1]);
  assert.throws(() => pixelsOf(buffer, "complex64"), RangeError);
});
