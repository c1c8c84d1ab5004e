import assert from "node:assert/strict";
import test from "node:test";

import { ImageStore } from "../../../static/js/rating/image_store.js";
import { FakeTimers } from "./fake_browser.js";

const BYTES = 100;
const unit = (address) => ({ address, dtype: "uint8", bytes: BYTES });
const units = (text) => [...text].map(unit);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A store whose fetches are answered by hand, after `answerMs` each. */
function makeStore({ budget = 1000, answerMs = 10, answeredBefore } = {}) {
  const asked = [];
  const timers = new FakeTimers();
  const waiting = new Map();
  let time = 0;
  const store = new ImageStore({
    budget,
    answerMs: answeredBefore,
    setTimer: timers.set,
    now: () => time,
    fetchBytes: (address, { signal, isWanted }) => {
      asked.push(isWanted ? `${address}!` : address);
      return new Promise((resolve, reject) => {
        waiting.set(address, { arrive: () => resolve(new ArrayBuffer(BYTES)), fail: reject });
        signal.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
      });
    },
  });
  const arrive = async (...addresses) => {
    time += answerMs;
    for (const address of addresses) waiting.get(address).arrive();
    await settled();
  };
  return { store, asked, timers, waiting, arrive };
}

/** The same after one answer, so that the speed of the line is known. */
async function makeStoreOnKnownLine(options) {
  const made = makeStore(options);
  made.store.get(unit("first"));
  await made.arrive("first");
  made.store.clear();
  made.asked.length = 0;
  return made;
}

test("planned pixels are fetched in order, four at once", async () => {
  const { store, asked, arrive } = await makeStoreOnKnownLine();
  store.setPlan(units("abcdef"));
  assert.deepEqual(asked, [..."abcd"]);
  await arrive("b");
  assert.deepEqual(asked, [..."abcde"]);
  assert.equal(store.peek("b").length, BYTES);
  assert.equal(store.peek("a"), null);
});

test("what is asked for goes at once and only once, and nothing is fetched ahead meanwhile", async () => {
  const { store, asked, arrive } = await makeStoreOnKnownLine();
  store.setPlan(units("xabcdef"));
  const again = store.get(unit("a"));
  const wanted = store.get(unit("e"));
  assert.deepEqual(asked, ["x", "a", "b", "c", "e!"]);
  await arrive("x", "b", "c");
  assert.equal(asked.length, 5);
  await arrive("e", "a");
  assert.equal((await wanted).length, BYTES);
  assert.equal((await again).length, BYTES);
  assert.deepEqual(asked.slice(5), ["d", "f"]);
});

test("on a slow line what is asked for comes alone, in the order of the plan, then the rest", async () => {
  const { store, asked, arrive } = await makeStoreOnKnownLine({ answerMs: 500 });
  store.setPlan(units("pq"));
  store.get(unit("b"));
  store.get(unit("a"));
  assert.deepEqual(asked, ["p", "q", "b!"]);
  assert.deepEqual([...store.fetching.keys()], ["b"]);
  store.setPlan(units("acbpq"));
  store.get(unit("c"));
  await arrive("b");
  assert.deepEqual(asked.slice(3), ["a!"]);
  await arrive("a");
  await arrive("c");
  assert.deepEqual(asked.slice(3), ["a!", "c!", "p", "q"]);
});

test("the first image of all comes alone, because nobody knows the line yet", async () => {
  const { store, asked, arrive } = makeStore();
  for (const one of units("abc")) store.get(one);
  store.setPlan(units("abcde"));
  assert.deepEqual(asked, ["a!"]);
  await arrive("a");
  assert.deepEqual(asked, ["a!", "b!", "c!"]);
});

test("nothing is planned beyond the budget, and what is no longer planned goes first", async () => {
  const { store, asked, arrive } = await makeStoreOnKnownLine({ budget: 3 * BYTES });
  store.setPlan(units("abcde"));
  assert.deepEqual(asked, [..."abc"]);
  await arrive("a", "b", "c");
  store.setPlan(units("bcd"));
  await arrive("d");
  assert.equal(store.peek("a"), null);
  for (const address of "bcd") assert.ok(store.peek(address));
  assert.ok(store.bytesHeld <= 3 * BYTES);
});

test("no more of a plan is made than the budget holds", () => {
  const { store } = makeStore({ budget: 5 * BYTES });
  let made = 0;
  store.setPlan(
    (function* endless() {
      for (;;) yield unit(`slice ${(made += 1)}`);
    })(),
  );
  assert.equal(store.plan.length, 5);
  assert.equal(made, 6);
});

test("fetches that are no longer planned are given up, asked for or not", async () => {
  const { store } = await makeStoreOnKnownLine();
  store.setPlan(units("ab"));
  const wanted = store.get(unit("a"));
  store.setPlan(units("z"));
  await assert.rejects(wanted, { name: "AbortError" });
  assert.deepEqual([...store.fetching.keys()], ["z"]);
});

test("something given up can be asked for again at once", async () => {
  const { store, arrive } = await makeStoreOnKnownLine();
  store.setPlan(units("a"));
  store.setPlan([]);
  const wanted = store.get(unit("a"));
  await arrive("a");
  assert.equal((await wanted).length, BYTES);
});

test("after a failure nothing is fetched ahead until the wait is over, what is asked for is", async () => {
  const { store, asked, timers, waiting, arrive } = await makeStoreOnKnownLine();
  store.setPlan(units("abcdefgh"));
  waiting.get("a").fail(new Error("no network"));
  await settled();
  assert.equal(asked.length, 4);
  const wanted = store.get(unit("a"));
  await arrive("a");
  assert.equal((await wanted).length, BYTES);
  assert.equal(asked.length, 5);
  assert.equal(timers.timers.length, 1);
  await timers.runAll();
  await settled();
  assert.deepEqual(asked.slice(5), ["e"]);
});

test("an answer of the wrong length is not shown", async () => {
  const store = new ImageStore({ budget: 1000, setTimer: () => {}, fetchBytes: async () => new ArrayBuffer(7) });
  await assert.rejects(store.get(unit("a")), RangeError);
  assert.equal(store.peek("a"), null);
});

test("where the page itself came fast, all that is asked for first goes at once", () => {
  const { store, asked } = makeStore({ answeredBefore: 20 });
  for (const one of units("abc")) store.get(one);
  assert.deepEqual(asked, ["a!", "b!", "c!"]);
});

test("where the page came slowly, what is asked for first comes alone", async () => {
  const { store, asked, arrive } = makeStore({ answeredBefore: 160, answerMs: 160 });
  for (const one of units("abc")) store.get(one);
  assert.deepEqual(asked, ["a!"]);
  await arrive("a");
  assert.deepEqual(asked, ["a!", "b!"]);
});

test("what waits for the pixels goes on once none are asked for, or after a while", async () => {
  const { store, timers, arrive } = makeStore();
  const gone = [];
  store.settled().then(() => gone.push("at once"));
  await settled();
  store.get(unit("a"));
  store.settled().then(() => gone.push("after a"));
  await settled();
  assert.deepEqual(gone, ["at once"]);
  await arrive("a");
  assert.deepEqual(gone, ["at once", "after a"]);
  store.get(unit("b"));
  store.settled().then(() => gone.push("after a while"));
  await timers.runAll();
  await settled();
  assert.equal(gone.at(-1), "after a while");
});
