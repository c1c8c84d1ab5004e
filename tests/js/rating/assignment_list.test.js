import assert from "node:assert/strict";
import test from "node:test";

import { AssignmentList } from "../../../static/js/rating/assignment_list.js";

const items = (text) => [...text].map((token) => ({ token }));
const tokens = (list) => list.upcoming.map(({ token }) => token).join("");

test("the server's order is kept; what is on screen, sent or on its way is left out", () => {
  const list = new AssignmentList();
  list.markAnswered("a");
  list.update(items("abcdef"), new Set(["b"]), "c");
  assert.equal(tokens(list), "def");
});

test("a stale list does not bring back what was just rated", () => {
  const list = new AssignmentList();
  list.update(items("abc"), new Set(), null);
  const first = list.take();
  list.markAnswered(first.token);
  list.update(items("abc"), new Set(), "b");
  assert.equal(tokens(list), "c");
});

test("a skipped item comes after all others, also while the server does not know", () => {
  const list = new AssignmentList();
  list.update(items("abc"), new Set(), null);
  list.skip(list.take());
  list.update(items("abc"), new Set(), null);
  const taken = Array.from({ length: 4 }, () => list.take({ withSkipped: true })?.token);
  assert.deepEqual(taken, ["b", "c", "a", undefined]);
});

test("a skipped item does not come back while the server may hold others before it", () => {
  const list = new AssignmentList();
  list.update(items("ab"), new Set(), null);
  list.skip(list.take());
  list.skip(list.take());
  assert.equal(list.take(), null);
  list.skipArrived("a");
  list.update(items("bca"), new Set(), null, new Set("a"));
  assert.equal(tokens(list), "ca");
});

test("once the server has moved a skipped item its list decides", () => {
  const list = new AssignmentList();
  list.update(items("abc"), new Set(), null);
  list.skip(list.take());
  list.skipArrived("a");
  list.update(items("abc"), new Set(), null);
  assert.equal(tokens(list), "bc", "a list that was on its way when the server moved the item");
  list.update(items("bca"), new Set(), null, new Set(list.moved));
  assert.equal(tokens(list), "bca");
  assert.equal(list.later.length, 0);
});

test("an item skipped a second time waits for the server again", () => {
  const list = new AssignmentList();
  list.update(items("ab"), new Set(), null);
  list.skip(list.take());
  list.skipArrived("a");
  list.update(items("ba"), new Set(), null, new Set("a"));
  list.take();
  list.skip(list.take());
  list.update(items("ab"), new Set(), "b", new Set(list.moved));
  assert.equal(list.take(), null);
});

test("a refused item is offered again", () => {
  const list = new AssignmentList();
  list.markAnswered("a");
  list.reopen("a");
  list.update(items("ab"), new Set(), null);
  assert.equal(tokens(list), "ab");
});
