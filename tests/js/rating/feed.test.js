import assert from "node:assert/strict";
import test from "node:test";

import { Feed } from "../../../static/js/rating/feed.js";

const ACCOUNT = "one";

/** A feed whose requests are answered by hand, each with the tokens given. */
function feedOf(t) {
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const asked = [];
  const api = { queue: () => new Promise((resolve) => asked.push(resolve)) };
  const none = () => new Set();
  const kept = { account: ACCOUNT, state: "idle", entries: () => [], tokensOnTheirWay: none, tokensJustArrived: none };
  const queue = Object.assign(new EventTarget(), kept);
  const feed = new Feed({ api, queue });
  const answerWith = async (told) => {
    const data = { account: ACCOUNT, study: { state: "running" }, progress: {}, gate: null, ...told };
    asked.shift()({ status: 200, data });
    await new Promise((resolve) => setImmediate(resolve));
  };
  const answer = (...tokens) => answerWith({ assignments: tokens.map((token) => ({ token })) });
  return { feed, queue, asked, answer, answerWith };
}

test("ratings on their way are counted, those of practice and beyond the end are not", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const queue = Object.assign(new EventTarget(), { firstRatings: () => new Set(["a", "b", "p"]) });
  const feed = new Feed({ api: {}, queue });
  assert.equal(feed.progressSoFar(), null);
  feed.remember({ token: "a", practice: false });
  feed.remember({ token: "p", practice: true });
  feed.progress = { rated: 4, total: 15 };
  assert.deepEqual(feed.progressSoFar(), { rated: 6, total: 15 });
  // Its answer was lost, and it is sent again
  feed.progress = { rated: 14, total: 15 };
  assert.deepEqual(feed.progressSoFar(), { rated: 15, total: 15 });
});

test("what waits of another study is neither counted nor waited for", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const entries = [{ token: "a", study: "one" }, { token: "b", study: "two" }, { token: "c" }, { token: "d" }];
  const firstRatings = (isCounted) => new Set(entries.filter(isCounted).map(({ token }) => token));
  const queue = Object.assign(new EventTarget(), { study: "two", firstRatings, entries: () => entries });
  const feed = new Feed({ api: {}, queue });
  feed.study = { state: "running" };
  feed.remember({ token: "b", practice: false });
  // An earlier version wrote the last two, of which the server names one on this page
  feed.remember({ token: "c", practice: false });
  feed.progress = { rated: 4, total: 15 };
  assert.deepEqual(feed.progressSoFar(), { rated: 6, total: 15 });
  assert.equal(feed.isUnsure, true);
  entries.splice(1, 2);
  assert.deepEqual(feed.progressSoFar(), { rated: 4, total: 15 });
  assert.equal(feed.isUnsure, false);
});

test("a list read before a rating arrived does not take it off the count again", async (t) => {
  const { feed, queue, answerWith } = feedOf(t);
  queue.firstRatings = () => new Set();
  feed.refill();
  feed.progressTold({ rated: 1, total: 6 });
  await answerWith({ assignments: [], progress: { rated: 0, total: 6 } });
  assert.deepEqual(feed.progressSoFar(), { rated: 1, total: 6 });
  // A list asked for later counts again: a coordinator may have withdrawn an item
  feed.refill();
  await answerWith({ assignments: [], progress: { rated: 0, total: 5 } });
  assert.deepEqual(feed.progressSoFar(), { rated: 0, total: 5 });
});

test("several callers share one request", (t) => {
  const { feed, asked } = feedOf(t);
  feed.refill();
  feed.refill();
  assert.equal(asked.length, 1);
});

test("a list asked for before a rating arrived is asked for again after it", async (t) => {
  const { feed, asked, answer } = feedOf(t);
  feed.refill();
  feed.refillIfFew();
  await answer("a");
  assert.equal(asked.length, 1);
  await answer("a", "b");
  assert.equal(asked.length, 0);
  assert.deepEqual(feed.upcoming.map(({ token }) => token), ["a", "b"]);
});

test("a skipped item changes the order, so the whole list is asked for again", async (t) => {
  const { feed, asked, answer } = feedOf(t);
  const tokens = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  feed.refill();
  await answer(...tokens);
  feed.refillIfFew();
  assert.equal(asked.length, 0);
  feed.refillAnew();
  await answer(...tokens.slice(1), "repeat");
  assert.deepEqual(feed.upcoming.map(({ token }) => token), [...tokens.slice(1), "repeat"]);
});

test("a list read before the server moved a skipped item does not bring that item back", async (t) => {
  const { feed, asked, answer } = feedOf(t);
  feed.refill();
  await answer("a");
  feed.refill();
  feed.list.skip(feed.take());
  feed.list.skipArrived("a");
  feed.refillAnew();
  await answer("a", "b");
  assert.deepEqual(feed.upcoming.map(({ token }) => token), ["b"]);
  assert.equal(asked.length, 1);
  await answer("b", "a");
  assert.deepEqual(feed.upcoming.map(({ token }) => token), ["b", "a"]);
});

test("what was skipped waits for the server's order, and comes where the server cannot be reached", async (t) => {
  const { feed, queue, answer } = feedOf(t);
  let told = 0;
  feed.addEventListener("more", () => told++);
  feed.refill();
  await answer("a");
  assert.equal(told, 1);
  feed.list.skip(feed.take());
  assert.deepEqual([feed.hasNext, feed.awaitsOrder, feed.take()], [false, true, null]);
  queue.state = "unreachable";
  queue.dispatchEvent(new CustomEvent("state"));
  assert.equal(told, 2);
  assert.deepEqual([feed.hasNext, feed.awaitsOrder], [true, false]);
  assert.deepEqual(feed.take(), { token: "a" });
});

test("only the item on screen when the list was asked for can be told as taken out", async (t) => {
  const { feed, asked } = feedOf(t);
  let told = 0;
  feed.addEventListener("taken-out", () => told++);
  const answerTakenOut = async () => {
    const data = { account: ACCOUNT, study: { state: "running" }, progress: {}, gate: null, assignments: [], taken_out: true };
    asked.shift()({ status: 200, data });
    await new Promise((resolve) => setImmediate(resolve));
  };
  feed.currentToken = "a";
  feed.refill();
  await answerTakenOut();
  assert.equal(told, 1);
  feed.refill();
  feed.currentToken = "b";
  await answerTakenOut();
  assert.equal(told, 1);
});

test("the page's first answer may be older than the last rating of the page before", async (t) => {
  const { feed, queue, answer } = feedOf(t);
  queue.tokensJustArrived = () => new Set(["a"]);
  const assignments = [{ token: "a" }, { token: "b" }];
  feed.begin({ account: ACCOUNT, study: { state: "running" }, progress: {}, gate: null, assignments });
  assert.deepEqual(feed.upcoming, [{ token: "b" }]);
  // What the server says now holds
  feed.refill();
  await answer("a", "b");
  assert.deepEqual(feed.upcoming, [{ token: "a" }, { token: "b" }]);
});

test("the first answer comes with the page, unless it is another account's", (t) => {
  const { feed, asked } = feedOf(t);
  const first = { study: { state: "running" }, progress: {}, gate: null, conditions: null, assignments: [{ token: "a" }] };
  feed.begin({ ...first, account: "two" });
  assert.equal(feed.hasNext, false);
  feed.begin({ ...first, account: ACCOUNT });
  assert.deepEqual(feed.take(), { token: "a" });
  assert.equal(asked.length, 1);
});
