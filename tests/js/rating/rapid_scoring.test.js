import assert from "node:assert/strict";
import test from "node:test";

import { withLevels } from "../../../static/js/rating/rapid_scoring.js";

const criterion = { code: "quality", minimum: 0, maximum: 4, decimals: 0, bands: [], levels: [] };

test("every digit has a level, in its own words or in those of its band", () => {
  const good = { value: 3, label: "Good", text: "All is seen", is_gloss: false };
  const bands = [
    { start: 0, end: 1, label: "Low" },
    { start: 2, end: 4, label: "High" },
  ];
  const { levels } = withLevels({ ...criterion, levels: [good], bands });
  assert.deepEqual(levels.map(({ value }) => value), [0, 1, 2, 3, 4]);
  assert.deepEqual(levels.map(({ label }) => label), ["Low", "Low", "High", "Good", "High"]);
  assert.equal(levels[3].text, "All is seen");
});

test("without levels and bands the digits stand alone", () => {
  const { levels, bands } = withLevels({ ...criterion, minimum: 1, maximum: 3 });
  assert.deepEqual(levels.map(({ value, label }) => [value, label]), [[1, ""], [2, ""], [3, ""]]);
  assert.deepEqual(bands, []);
});
