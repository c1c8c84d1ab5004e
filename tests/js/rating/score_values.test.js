import assert from "node:assert/strict";
import test from "node:test";

import { bandIndex, checkScore, closesGate, normaliseDigits } from "../../../static/js/rating/score_values.js";

const CRITERION = {
  code: "contrast",
  minimum: 0,
  maximum: 20,
  decimals: 0,
  levels: [],
  bands: [
    { start: 0, end: 5, label: "Unclear" },
    { start: 6, end: 10, label: "Slightly Clear" },
    { start: 11, end: 15, label: "Mostly Clear" },
    { start: 16, end: 20, label: "Clear" },
  ],
};

test("full-width digits become plain ones", () => {
  assert.equal(normaliseDigits("０１２３４５６７８９"), "0123456789");
  assert.equal(normaliseDigits("　１７ "), "17");
  assert.equal(normaliseDigits("－３．５"), "-3.5");
});

for (const [typed, value] of [["0", "0"], ["20", "20"], ["１８", "18"], ["007", "7"], [" 5 ", "5"], ["+4", "4"], ["-0", "0"]]) {
  test(`"${typed}" is the score ${value}`, () => {
    assert.deepEqual(checkScore(typed, CRITERION), { value });
  });
}

for (const [typed, problem] of [
  ["", "empty"],
  ["  ", "empty"],
  ["21", "range"],
  ["-1", "range"],
  ["17.5", "decimals"],
  ["17.0", "decimals"],
  ["17.", "decimals"],
  ["1e1", "not_a_number"],
  ["0x10", "not_a_number"],
  ["NaN", "not_a_number"],
  ["1 7", "not_a_number"],
  ["١٧", "not_a_number"],
  ["9999999999", "not_a_number"],
]) {
  test(`"${typed}" is refused: ${problem}`, () => {
    assert.deepEqual(checkScore(typed, CRITERION), { problem });
  });
}

test("decimals are taken as far as the protocol allows", () => {
  const criterion = { ...CRITERION, decimals: 1, minimum: -5 };
  assert.deepEqual(checkScore("-2.5", criterion), { value: "-2.5" });
  assert.deepEqual(checkScore("2.55", criterion), { problem: "decimals" });
});

test("the band of each whole score is the one of the rubric", () => {
  const expected = [...Array(6).fill(0), ...Array(5).fill(1), ...Array(5).fill(2), ...Array(5).fill(3)];
  const found = expected.map((_, score) => bandIndex(String(score), CRITERION));
  assert.deepEqual(found, expected);
});

test("no band is lit for what is no score", () => {
  for (const typed of ["", "21", "5.5", "x"]) assert.equal(bandIndex(typed, CRITERION), -1);
});

test("levels are bands of one score", () => {
  const levels = [0, 1, 2, 3, 4].map((value) => ({ value, label: `level ${value}`, text: "" }));
  const criterion = { ...CRITERION, maximum: 4, bands: [], levels };
  assert.equal(bandIndex("3", criterion), 3);
});

test("a gate closes below its minimum only", () => {
  const gate = { criterion: "contrast", minimum: 3 };
  assert.equal(closesGate("2", gate, [CRITERION]), true);
  assert.equal(closesGate("3", gate, [CRITERION]), false);
  assert.equal(closesGate("", gate, [CRITERION]), false);
  assert.equal(closesGate("2", null, [CRITERION]), false);
});
