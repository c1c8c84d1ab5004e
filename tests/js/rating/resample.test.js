import assert from "node:assert/strict";
import test from "node:test";

import { nearestPlaces, paintNearest, paintSmooth, smoothTaps } from "../../../static/js/rating/resample.js";

const BLACK = 0xff000000;
const grey = (value) => (BLACK + value * 0x010101) >>> 0;

test("at zoom z canvas pixel j shows source pixel floor((j + 0.5) / z)", () => {
  // floor((j + 0.5) / 3) of j = 0..8, then nothing of an image of three pixels
  assert.deepEqual([...nearestPlaces(0, 3, 3, 10)], [0, 0, 0, 1, 1, 1, 2, 2, 2, -1]);
  // 0.5 / 1.5 = 0.33, 1.5 / 1.5 = 1 (a tie goes up), 2.5 / 1.5 = 1.67, 3.5 / 1.5 = 2.33
  assert.deepEqual([...nearestPlaces(0, 1.5, 3, 4)], [0, 1, 1, 2]);
});

test("an image that begins elsewhere is moved by whole pixels", () => {
  assert.deepEqual([...nearestPlaces(2, 2, 2, 8)], [-1, -1, 0, 0, 1, 1, -1, -1]);
  assert.deepEqual([...nearestPlaces(-3, 2, 4, 4)], [1, 2, 2, 3]);
});

test("blocks of equal size are painted, and black is left around them", () => {
  const source = { greys: Uint8Array.of(10, 20, 30, 40), columns: 2, channels: 1 };
  const words = new Uint32Array(5 * 6).fill(BLACK);
  paintNearest(source, nearestPlaces(1, 2, 2, 6), nearestPlaces(0, 2, 2, 5), words, 6);
  const [upper, lower] = [[10, 20], [30, 40]].map(([one, other]) => [0, one, one, other, other, 0].map(grey));
  assert.deepEqual([...words], [...upper, ...upper, ...lower, ...lower, ...Array(6).fill(grey(0))]);
});

test("colours keep their order", () => {
  const source = { greys: Uint8Array.of(1, 2, 3, 200, 100, 50), columns: 2, channels: 3 };
  const words = new Uint32Array(2);
  paintNearest(source, nearestPlaces(0, 1, 2, 2), nearestPlaces(0, 1, 1, 1), words, 2);
  assert.deepEqual([...new Uint8Array(words.buffer)], [1, 2, 3, 255, 200, 100, 50, 255]);
});

test("below 1:1 a canvas pixel is the mean of what it covers", () => {
  const source = { greys: Uint8Array.of(0, 100, 200, 60, 20, 40, 80, 100), columns: 4, channels: 1 };
  const words = new Uint32Array(2).fill(BLACK);
  paintSmooth(source, smoothTaps(0, 0.5, 4, 2), smoothTaps(0, 0.5, 2, 1), words, 2);
  // (0 + 100 + 20 + 40) / 4 and (200 + 60 + 80 + 100) / 4
  assert.deepEqual([...words], [grey(40), grey(110)]);
});

test("a canvas pixel takes its share of source pixels that it covers in part", () => {
  const source = { greys: Uint8Array.of(0, 90, 240), columns: 3, channels: 1 };
  const words = new Uint32Array(2).fill(BLACK);
  paintSmooth(source, smoothTaps(0, 2 / 3, 3, 2), smoothTaps(0, 2 / 3, 1, 1), words, 2);
  // Each covers one and a half: (0 + 45) / 1.5 and (45 + 240) / 1.5
  assert.deepEqual([...words], [grey(30), grey(190)]);
});

test("above 1:1 smooth is linear between the middles of pixels", () => {
  const source = { greys: Uint8Array.of(0, 100), columns: 2, channels: 1 };
  const words = new Uint32Array(4).fill(BLACK);
  paintSmooth(source, smoothTaps(0, 2, 2, 4), smoothTaps(0, 2, 1, 1), words, 4);
  assert.deepEqual([...words], [0, 25, 75, 100].map(grey));
});

test("an even image stays even, however it is mixed", () => {
  const source = { greys: new Uint8Array(35 * 3).fill(137), columns: 7, channels: 3 };
  for (const scale of [0.13, 0.5, 0.77, 1, 1.9, 4]) {
    const words = new Uint32Array(400).fill(BLACK);
    paintSmooth(source, smoothTaps(0, scale, 7, 20), smoothTaps(0, scale, 5, 20), words, 20);
    assert.deepEqual([...new Set(words)].filter((word) => word !== BLACK), [grey(137)]);
  }
});
