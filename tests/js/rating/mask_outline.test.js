import assert from "node:assert/strict";
import test from "node:test";

import { OUTLINE, maskSpans, paintMask, partsOf } from "../../../static/js/rating/mask_outline.js";

const MASK = ["...........#", "...........#", "#...........", "##........#.", "###...#####.", "###..#####..", ".....######.", ".....#######", ".....#######"];
/*
 * scipy 1.17: m & ~binary_erosion(m, generate_binary_structure(2, 1), iterations=t, border_value=0)
 * for t = 1 and 2
 */
const OUTLINES = [
  ["...........#", "...........#", "#...........", "##........#.", "#.#...#####.", "###..#...#..", ".....#....#.", ".....#.....#", ".....#######"],
  ["...........#", "...........#", "#...........", "##........#.", "###...#####.", "###..#####..", ".....##..##.", ".....#######", ".....#######"],
];

const bytesOf = (lines, value = 1) => Uint8Array.from([...lines.join("")], (sign) => (sign === "#" ? value : 0));
const outlineOf = (mask, thickness) =>
  partsOf(mask, MASK.length, MASK[0].length, thickness).map((part) => Number(part === OUTLINE));

for (const [index, lines] of OUTLINES.entries()) {
  test(`an outline of ${index + 1} is what so many erosions take away`, () => {
    assert.deepEqual(outlineOf(bytesOf(MASK), index + 1), bytesOf(lines));
    assert.deepEqual(outlineOf(bytesOf(MASK, 255), index + 1), bytesOf(lines));
  });
}

const painted = (mask, { scale = 1, size = 4, opacity = 1, isFilled = false }) => {
  const across = maskSpans(0, scale, 4, size);
  const down = maskSpans(0, scale, 4, size);
  const words = new Uint32Array(size * size).fill(0xff000000);
  paintMask(partsOf(mask, 4, 4), 4, across, down, words, size, { opacity, isFilled });
  return Array.from(words, (word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255].join());
};
// A block of three by three in the upper left corner: one pixel is inside
const BLOCK = Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0);

test("the outline has its colour, the inside and the outside that of the image", () => {
  const colours = painted(BLOCK, {});
  assert.equal(colours[0], "255,176,0");
  assert.equal(colours[5], "0,0,0");
  assert.equal(colours[3], "0,0,0");
  assert.equal(colours.filter((colour) => colour === "255,176,0").length, 8);
});

test("half the opacity is half the colour, and the inside of a filled mask is fainter", () => {
  const colours = painted(BLOCK, { opacity: 0.5, isFilled: true });
  assert.equal(colours[0], "128,88,0");
  // 0.5 * 0.4 of the colour
  assert.equal(colours[5], "51,35,0");
});

test("enlarged, the outline covers its pixels whole; made smaller, it has no gaps", () => {
  const large = painted(BLOCK, { scale: 2, size: 8 });
  assert.equal(large.filter((colour) => colour === "255,176,0").length, 8 * 4);
  // The outline touches all four of the halved pixels but the one without a mask
  const small = painted(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), { scale: 0.5, size: 2 });
  assert.deepEqual(small, ["255,176,0", "255,176,0", "0,0,0", "0,0,0"]);
});
