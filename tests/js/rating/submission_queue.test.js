import assert from "node:assert/strict";
import test from "node:test";

import { Unreachable } from "../../../static/js/rating/api.js";
import { SubmissionQueue } from "../../../static/js/rating/submission_queue.js";
import { FakeStore, FakeTimers, storageOver } from "./fake_browser.js";

/** A server that answers by `answers` (functions or answers, the last one again and again). */
function makeQueue({ store = new FakeStore(), recent = new FakeStore(), answers = [{ status: 201, data: {} }], account = "ana", study, loggedInAs = account } = {}) {
  const sent = [];
  const timers = new FakeTimers();
  const told = [];
  const queue = new SubmissionQueue({
    storage: storageOver(store),
    recent: storageOver(recent),
    account,
    study,
    send: async (entry) => {
      sent.push(structuredClone(entry));
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return typeof answer === "function" ? answer(entry) : answer;
    },
    findAccount: async () => loggedInAs,
    setTimer: timers.set,
  });
  for (const name of ["answered", "conflict", "refused"]) {
    queue.addEventListener(name, ({ detail }) => told.push({ name, ...detail }));
  }
  return { queue, sent, timers, told, store };
}

const rating = (token, value = "17", more = {}) => ({
  kind: "rating",
  token,
  path: `${token}/ratings/`,
  body: { replaces: null, scores: { contrast: { value } } },
  ...more,
});
const unreachable = () => {
  throw new Unreachable("no network");
};
const stored = (id) => ({ status: 201, data: { rating: { id, is_late: false } } });

test("a rating counts as the first of its item until the server has one", async () => {
  const { queue } = makeQueue({ answers: [unreachable] });
  queue.add(rating("a"));
  const first = queue.add(rating("b"));
  queue.add(rating("b", "18", { follows: first }));
  queue.add(rating("c", "9", { body: { replaces: "r7", scores: {} } }));
  queue.add({ kind: "shown", token: "d", path: "d/shown/" });
  await queue.kick();
  assert.deepEqual([...queue.firstRatings()], ["a", "b"]);
});

test("an entry is in the storage before anything is sent, and gone after the answer", async () => {
  const store = new FakeStore();
  let lengthWhileSending = null;
  const { queue } = makeQueue({
    store,
    answers: [
      () => {
        lengthWhileSending = store.length;
        return stored("r1");
      },
    ],
  });
  queue.add(rating("a"));
  assert.equal(store.length, 1);
  await queue.kick();
  assert.equal(lengthWhileSending, 1);
  assert.equal(store.length, 0);
});

test("without network entries wait, are counted, and go out in order with unchanged bodies", async () => {
  const { queue, sent, timers } = makeQueue({ answers: [unreachable, stored("r")] });
  queue.add(rating("a", "1"));
  queue.add({ kind: "shown", token: "b", path: "b/shown/" });
  queue.add(rating("b", "2"));
  await queue.kick();
  assert.equal(queue.state, "unreachable");
  assert.equal(queue.waitingCount(), 2);
  await timers.runAll();
  await queue.kick();
  assert.deepEqual(sent.map(({ token, kind }) => `${kind} ${token}`), ["rating a", "rating a", "shown b", "rating b"]);
  assert.deepEqual(sent[0].body, sent[1].body);
  assert.equal(queue.waitingCount(), 0);
  assert.equal(queue.state, "idle");
});

test("entries survive the page and keep their keys", async () => {
  const store = new FakeStore();
  const before = makeQueue({ store, answers: [unreachable] });
  before.queue.add(rating("a"));
  await before.queue.kick();
  const after = makeQueue({ store, answers: [stored("r")] });
  assert.deepEqual([...after.queue.tokensOnTheirWay()], ["a"]);
  await after.queue.kick();
  assert.equal(after.sent[0].body.idempotency_key, before.sent[0].body.idempotency_key);
  assert.equal(store.length, 0);
});

test("a page loaded anew knows which ratings have just arrived", async () => {
  const recent = new FakeStore();
  const before = makeQueue({ recent, answers: [stored("r"), { status: 409, data: {} }] });
  before.queue.add(rating("a"));
  before.queue.add(rating("b"));
  await before.queue.kick();
  const after = makeQueue({ recent });
  assert.deepEqual([...after.queue.tokensJustArrived()], ["a"]);
  assert.deepEqual([...makeQueue({ recent, account: "bo" }).queue.tokensJustArrived()], []);
  after.queue.now = () => Date.now() + 61_000;
  assert.deepEqual([...after.queue.tokensJustArrived()], []);
});

test("another account neither sees nor sends them", async () => {
  const store = new FakeStore();
  const ana = makeQueue({ store, answers: [unreachable] });
  ana.queue.add(rating("a"));
  await ana.queue.kick();
  const ben = makeQueue({ store, account: "ben" });
  await ben.queue.kick();
  assert.equal(ben.queue.waitingCount(), 0);
  assert.deepEqual(ben.sent, []);
  assert.equal(store.length, 1);
});

test("the page of any study sends what waits of all, each entry with its own", async () => {
  const store = new FakeStore();
  const one = makeQueue({ store, study: "one", answers: [unreachable] });
  one.queue.add(rating("a"));
  await one.queue.kick();
  const two = makeQueue({ store, study: "two", answers: [unreachable, stored("r")] });
  two.queue.now = () => Date.now() + 1_000;
  two.queue.add(rating("b"));
  await two.queue.kick();
  assert.deepEqual(two.queue.entries().map(({ study }) => study), ["one", "two"]);
  assert.deepEqual([two.queue.waitingCount(), two.queue.waitingElsewhere()], [2, 1]);
  const own = ({ study }) => study === "two";
  assert.deepEqual([...two.queue.firstRatings(own)], ["b"]);
  await two.queue.kick();
  assert.deepEqual(two.sent.map(({ token }) => token), ["a", "a", "b"]);
  assert.equal(store.length, 0);
});

test("an entry of an earlier version, which names no study, is of no other one and is sent", async () => {
  const store = new FakeStore();
  const before = makeQueue({ store, answers: [unreachable] });
  before.queue.add(rating("a"));
  await before.queue.kick();
  const after = makeQueue({ store, study: "two", answers: [stored("r")] });
  assert.equal("study" in after.queue.entries()[0], false);
  assert.deepEqual([after.queue.waitingCount(), after.queue.waitingElsewhere()], [1, 0]);
  await after.queue.kick();
  assert.equal(after.sent.length, 1);
  assert.equal(store.length, 0);
});

test("a change begun in one window names the rating that another window sent", async () => {
  const [store, recent] = [new FakeStore(), new FakeStore()];
  const here = makeQueue({ store, recent, answers: [unreachable, stored("r2")] });
  const first = here.queue.add(rating("a", "17"));
  const stated = here.queue.add(conditions);
  await here.queue.kick();
  const there = makeQueue({ store, recent, answers: [stored("r1"), { status: 201, data: { id: "c1" } }] });
  await there.queue.kick();
  assert.equal(store.length, 0);
  here.queue.add(rating("a", "7", { follows: first, conditionsFrom: stated }));
  await here.queue.kick();
  const { replaces, conditions: named } = here.sent.at(-1).body;
  assert.deepEqual([replaces, named], ["r1", "c1"]);
});

test("of what has arrived only the last fifty names are kept", async () => {
  const recent = new FakeStore();
  const { queue } = makeQueue({ recent, answers: [stored("r")] });
  for (let number = 0; number < 60; number += 1) queue.add(rating(`t${number}`));
  await queue.kick();
  assert.equal(JSON.parse(recent.getItem("sts-qa:named:ana")).length, 50);
});

test("what another window sent and the server refused is told here too", async () => {
  const store = new FakeStore();
  const refusal = { status: 422, data: { detail: "Too large." } };
  const here = makeQueue({ store, answers: [unreachable] });
  here.queue.add(rating("a", "99"));
  await here.queue.kick();
  const there = makeQueue({ store, answers: [refusal] });
  await there.queue.kick();
  const [key] = here.queue.storage.keys("sts-qa:queue:ana:");
  here.queue.heard({ key: "sts-qa:draft:ana:a", newValue: "{}" });
  assert.deepEqual(here.told, []);
  here.queue.heard({ key, newValue: store.getItem(key) });
  assert.deepEqual(here.told.map(({ name, entry, data }) => [name, entry.token, data.detail]), [["refused", "a", "Too large."]]);
  const givenAnew = [];
  here.queue.addEventListener("given-anew", ({ detail }) => givenAnew.push(detail.entry.token));
  here.queue.heard({ key, oldValue: store.getItem(key), newValue: null });
  here.queue.heard({ key: null, oldValue: null, newValue: null });
  assert.equal(here.told.length, 1);
  assert.deepEqual(givenAnew, ["a"]);
});

test("what the server does not take for another account waits for this one", async () => {
  const { queue, told } = makeQueue({ answers: [{ status: 403, data: { problem: "other_account" } }] });
  queue.add(conditions);
  await queue.kick();
  assert.equal(queue.state, "other_account");
  assert.equal(queue.entries().length, 1);
  assert.deepEqual(told, []);
});

for (const status of [403, 404]) {
  test(`a ${status} while someone else is logged in loses nothing`, async () => {
    const { queue, told } = makeQueue({
      answers: [{ status, data: { problem: "not_found" } }],
      loggedInAs: "ben",
    });
    queue.add(rating("a"));
    await queue.kick();
    assert.equal(queue.state, "other_account");
    assert.equal(queue.waitingCount(), 1);
    assert.deepEqual(told, []);
  });
}

test("logged out: everything waits until the next try", async () => {
  const { queue, sent } = makeQueue({ answers: [{ status: 401, data: null }, stored("r")] });
  queue.add(rating("a"));
  await queue.kick();
  assert.equal(queue.state, "logged_out");
  assert.equal(queue.waitingCount(), 1);
  await queue.kick();
  assert.equal(queue.waitingCount(), 0);
  assert.equal(sent.length, 2);
});

test("an item that the server fails on does not hold up the others", async () => {
  const { queue, timers } = makeQueue({
    answers: [(entry) => (entry.token === "a" ? { status: 500, data: null } : stored("r"))],
  });
  queue.add(rating("a"));
  queue.add(rating("b"));
  await queue.kick();
  assert.deepEqual(queue.entries().map(({ token }) => token), ["a"]);
  assert.equal(timers.timers.length, 1);
});

test("waits grow up to half a minute and start anew after a success", async () => {
  const { queue, timers } = makeQueue({ answers: [unreachable] });
  queue.add(rating("a"));
  await queue.kick();
  const waits = [];
  for (let round = 0; round < 7; round += 1) {
    waits.push(timers.timers.at(-1).wait);
    await timers.runAll();
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("a change of a rating that still waits names it once the server has named it", async () => {
  const { queue, sent } = makeQueue({ answers: [unreachable, stored("r1"), stored("r2")] });
  const first = queue.add(rating("a", "17"));
  await queue.kick();
  queue.add(rating("a", "7", { follows: first }));
  await queue.kick();
  assert.deepEqual(sent.map(({ body }) => body.replaces), [null, null, "r1"]);
});

test("a change names it too when the answer came before the change was submitted", async () => {
  const { queue, sent } = makeQueue({ answers: [stored("r1")] });
  const first = queue.add(rating("a", "17"));
  await queue.kick();
  queue.add(rating("a", "7", { follows: first }));
  await queue.kick();
  assert.equal(sent[1].body.replaces, "r1");
});

test("a conflict is told with the current rating, and nothing is sent again", async () => {
  const current = { id: "r9", scores: {} };
  const { queue, told, sent } = makeQueue({
    answers: [{ status: 409, data: { problem: "replaced", rating: current } }],
  });
  queue.add(rating("a"));
  await queue.kick();
  assert.equal(told[0].name, "conflict");
  assert.deepEqual(told[0].data.rating, current);
  await queue.kick();
  assert.equal(sent.length, 1);
});

test("a refused question is told with its words and no longer waits", async () => {
  const { queue, told } = makeQueue({ answers: [{ status: 403, data: { problem: "closed" } }] });
  queue.add({ kind: "question", token: "a", path: "a/questions/", body: { text: "Is this noise?" } });
  await queue.kick();
  assert.equal(told.at(-1).name, "refused");
  assert.equal(told.at(-1).entry.body.text, "Is this noise?");
  assert.equal(queue.waitingCount(), 0);
});

test("a refused score is kept until a new one is given, and not sent again", async () => {
  const refusal = { status: 422, data: { problem: "fields", fields: { contrast: "Too large." } } };
  const { queue, told, sent, store } = makeQueue({ answers: [refusal, stored("r")] });
  queue.add(rating("a", "99"));
  await queue.kick();
  assert.equal(told[0].name, "refused");
  assert.equal(queue.refused()[0].refusal.data.fields.contrast, "Too large.");
  assert.equal(queue.waitingCount(), 1);
  await queue.kick();
  assert.equal(sent.length, 1);
  assert.deepEqual([...queue.tokensOnTheirWay()], []);
  queue.add(rating("a", "19"));
  await queue.kick();
  assert.equal(store.length, 0);
});

test("a late rating is acknowledged like any other", async () => {
  const { queue, told } = makeQueue({
    answers: [{ status: 202, data: { rating: { id: "r", is_late: true, late_reason: "paused" } } }],
  });
  queue.add(rating("a"));
  await queue.kick();
  assert.equal(told[0].status, 202);
  assert.equal(queue.waitingCount(), 0);
});

test("where the disk is full it is kept in memory, and the page is told", async () => {
  const store = new FakeStore(0);
  const { queue } = makeQueue({ store, answers: [unreachable, stored("r")] });
  queue.add(rating("a"));
  await queue.kick();
  assert.equal(queue.waitingCount(), 1);
  assert.equal(queue.storage.isLasting, false);
  await queue.kick();
  assert.equal(queue.waitingCount(), 0);
  assert.equal(queue.storage.isLasting, true);
});

test("submissions of the same millisecond keep their order", async () => {
  const { queue } = makeQueue({ answers: [unreachable] });
  queue.now = () => 1_000;
  for (const token of ["d", "c", "b", "a"]) queue.add(rating(token));
  await queue.kick();
  assert.deepEqual(queue.entries().map(({ token }) => token), ["d", "c", "b", "a"]);
});

const conditions = { kind: "conditions", token: "conditions", path: "conditions/", body: { room: "dim" } };

test("a score that was given before its conditions had a name is sent with that name", async () => {
  const { queue, sent } = makeQueue({ answers: [{ status: 201, data: { id: "c1" } }, stored("r1")] });
  const key = queue.add(conditions);
  queue.add(rating("a", "17", { conditionsFrom: key }));
  await queue.kick();
  assert.deepEqual(sent.map(({ body }) => body.conditions), [undefined, "c1"]);
  assert.equal(sent[1].conditionsFrom, undefined);
  queue.add(rating("b", "17", { conditionsFrom: key }));
  await queue.kick();
  assert.equal(sent[2].body.conditions, "c1");
});

test("a score does not wait for conditions that the server cannot take, and is resent unchanged", async () => {
  const { queue, sent, timers } = makeQueue({
    answers: [{ status: 500, data: null }, unreachable, { status: 201, data: { id: "c1" } }, stored("r1")],
  });
  const key = queue.add(conditions);
  queue.add(rating("a", "17", { conditionsFrom: key, body: { conditions: null } }));
  await queue.kick();
  await timers.runAll();
  await queue.kick();
  assert.deepEqual(sent.map(({ kind }) => kind), ["conditions", "rating", "conditions", "rating"]);
  assert.deepEqual(sent[1].body, sent[3].body);
  assert.equal(sent[3].body.conditions, null);
});

test("the writing is not put off, the sending may be", async () => {
  const store = new FakeStore();
  const later = [];
  const queue = new SubmissionQueue({
    storage: storageOver(store),
    account: "ana",
    send: async () => stored("r1"),
    findAccount: async () => "ana",
    defer: (run) => later.push(run),
  });
  queue.add(rating("a"));
  assert.equal(store.length, 1);
  assert.equal(queue.running, null);
  for (const run of later) run();
  await queue.kick();
  assert.equal(store.length, 0);
});
