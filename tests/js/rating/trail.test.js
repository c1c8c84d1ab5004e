import assert from "node:assert/strict";
import test from "node:test";

import { Trail } from "../../../static/js/rating/trail.js";

const rated = (token, scores = {}) => ({ assignment: { token }, scores });
const trailOf = (...tokens) => {
  const trail = new Trail();
  for (const token of tokens) trail.add(rated(token));
  return trail;
};

test("the way back leads from the newest to the oldest and ends there", () => {
  const trail = trailOf("a", "b", "c");
  const seen = [];
  for (let at = trail.before(null); at; at = trail.before(at.assignment.token)) seen.push(at.assignment.token);
  assert.deepEqual(seen, ["c", "b", "a"]);
});

test("without a rating there is nothing to go back to", () => {
  assert.equal(new Trail().last, null);
  assert.equal(new Trail().before(null), null);
});

test("a changed rating is the newest, once", () => {
  const trail = trailOf("a", "b");
  trail.add(rated("a", { contrast: { value: "3" } }));
  assert.deepEqual(trail.last.scores, { contrast: { value: "3" } });
  assert.equal(trail.before("a").assignment.token, "b");
  assert.equal(trail.before("b"), null);
});

test("of a long visit the last fifty are kept", () => {
  const trail = trailOf(...Array.from({ length: 60 }, (_, number) => `item-${number}`));
  assert.equal(trail.rated.length, 50);
  assert.equal(trail.rated[0].assignment.token, "item-10");
});
