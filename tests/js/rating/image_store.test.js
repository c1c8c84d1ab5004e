import assert from "node:assert/strict";
import test from "node:test";

import { ImageStore } from "../../../static/js/rating/image_store.js";
import { FakeTimers } from "./fake_browser.js";

const BYTES = 100;
const unit = (address) => ({ address, dtype: "uint8", bytes: BYTES });
const units = (text) => [...text].map(unit);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function makeStore(budget = 1000) {
  const asked = [];
  const timers = new FakeTimers();
  const waiting = new Map();
  const store = new ImageStore({
    budget,
    setTimer: timers.set,
    fetchBytes: (address, { signal, isWanted }) => {
      asked.push(isWanted ? `${address}!` : address);
      return new Promise((resolve, reject) => {
        waiting.set(address, { arrive: () => resolve(new ArrayBuffer(BYTES)), fail: reject });
        signal.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
      });
    },
  });
  const arrive = async (...addresses) => {
    for (const address of addresses) waiting.get(address).arrive();
    await settled();
  };
  return { store, asked, timers, waiting, arrive };
}

test("planned pixels are fetched in order, four at once", async () => {
  const { store, asked, arrive } = makeStore();
  store.setPlan(units("abcdef"));
  assert.deepEqual(asked, [..."abcd"]);
  await arrive("b");
  assert.deepEqual(asked, [..."abcde"]);
  assert.equal(store.peek("b").length, BYTES);
  assert.equal(store.peek("a"), null);
});

test("what is asked for goes at once, and only once", async () => {
  const { store, asked, arrive } = makeStore();
  store.setPlan(units("abcd"));
  const wanted = store.get(unit("x"));
  assert.deepEqual(asked, ["a", "b", "c", "d", "x!"]);
  const again = store.get(unit("a"));
  await arrive("x", "a");
  assert.equal((await wanted).length, BYTES);
  assert.equal((await again).length, BYTES);
  assert.equal(asked.filter((address) => address.startsWith("a")).length, 1);
});

test("nothing is planned beyond the budget, and what is no longer planned goes first", async () => {
  const { store, asked, arrive } = makeStore(3 * BYTES);
  store.setPlan(units("abcde"));
  assert.deepEqual(asked, [..."abc"]);
  await arrive("a", "b", "c");
  store.setPlan(units("bcd"));
  await arrive("d");
  assert.equal(store.peek("a"), null);
  for (const address of "bcd") assert.ok(store.peek(address));
  assert.ok(store.bytesHeld <= 3 * BYTES);
});

test("fetches that are no longer planned are given up, wanted ones are not", async () => {
  const { store, arrive } = makeStore();
  store.setPlan(units("ab"));
  const wanted = store.get(unit("a"));
  store.setPlan(units("z"));
  await settled();
  assert.deepEqual([...store.fetching.keys()].sort(), ["a", "z"]);
  await arrive("a");
  assert.equal((await wanted).length, BYTES);
});

test("something given up can be asked for again at once", async () => {
  const { store, arrive } = makeStore();
  store.setPlan(units("a"));
  store.setPlan([]);
  const wanted = store.get(unit("a"));
  await arrive("a");
  assert.equal((await wanted).length, BYTES);
});

test("after a failure nothing is fetched ahead until the wait is over", async () => {
  const { store, asked, timers, waiting } = makeStore();
  store.setPlan(units("abcdefgh"));
  waiting.get("a").fail(new Error("no network"));
  await settled();
  assert.equal(asked.length, 4);
  assert.equal(timers.timers.length, 1);
  await timers.runAll();
  await settled();
  assert.deepEqual(asked.slice(4), ["a"]);
});

test("an answer of the wrong length is not shown", async () => {
  const store = new ImageStore({ budget: 1000, setTimer: () => {}, fetchBytes: async () => new ArrayBuffer(7) });
  await assert.rejects(store.get(unit("a")), RangeError);
  assert.equal(store.peek("a"), null);
});
