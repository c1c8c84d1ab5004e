import assert from "node:assert/strict";
import test from "node:test";

import { shortestAnswer } from "../../../static/js/rating/line_speed.js";

const timing = (requestStart, responseStart, transferSize) => ({ requestStart, responseStart, transferSize });

test("the shortest answer from the network tells of the line, one from the cache does not", () => {
  const timings = [timing(10, 190, 9000), timing(200, 350, 300), timing(200, 201, 0)];
  assert.equal(shortestAnswer(timings), 150);
});

test("what is still on its way, or nothing at all, tells nothing", () => {
  assert.equal(shortestAnswer([timing(10, 0, 300), timing(0, 0, 0)]), Infinity);
  assert.equal(shortestAnswer([]), Infinity);
});
