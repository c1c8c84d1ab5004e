import assert from "node:assert/strict";
import test from "node:test";

import { ReadingConditions } from "../../../static/js/rating/reading_conditions.js";

const STATED = { room: "dim", monitor: "office", sees_dark_patch: true, sees_bright_patch: true };

const PAGE_URL = new URL("https://example.org/rating/s1/");

/** A queue that only keeps what is added. */
function queueOf(...kept) {
  const entries = [...kept];
  return {
    entries: () => entries,
    add: (entry) => {
      entries.push({ ...entry, key: `key-${entries.length}` });
      return `key-${entries.length - 1}`;
    },
  };
}

test("they are asked once the server says that nothing is stated, and never again", () => {
  const reading = new ReadingConditions(queueOf(), PAGE_URL);
  assert.equal(reading.isDue, false);
  reading.update(null);
  assert.equal(reading.isDue, true);
  reading.state(STATED);
  assert.equal(reading.isDue, false);
  reading.update(null);
  assert.equal(reading.isDue, false);
});

test("until they have a name, submissions name the entry of the queue", () => {
  const reading = new ReadingConditions(queueOf(), PAGE_URL);
  reading.update(null);
  reading.state(STATED);
  assert.deepEqual(reading.forSubmission(), { conditions: null, conditionsFrom: "key-0" });
  reading.settled({ key: "key-0" }, { id: "c1" });
  assert.deepEqual(reading.forSubmission(), { conditions: "c1" });
});

test("whichever study's page sends them, they are of the study where they were stated", () => {
  const queue = queueOf();
  new ReadingConditions(queue, PAGE_URL).state(STATED);
  assert.equal(new URL(queue.entries()[0].path, "https://example.org/rating/s2/").pathname, "/rating/s1/conditions/");
});

test("what waits from before a reload is not asked again", () => {
  const reading = new ReadingConditions(queueOf({ kind: "conditions", key: "old" }), PAGE_URL);
  reading.update(null);
  assert.equal(reading.isDue, false);
  assert.equal(reading.forSubmission().conditionsFrom, "old");
});

test("what waits from an earlier log-in is no answer to this one", () => {
  const queue = queueOf({ kind: "conditions", key: "old", logIn: "monday" });
  const reading = new ReadingConditions(queue, PAGE_URL);
  reading.update(null, "tuesday");
  assert.equal(reading.isDue, true);
  reading.state(STATED);
  assert.equal(reading.forSubmission().conditionsFrom, "key-1");
  assert.equal(queue.entries()[1].path, "/rating/s1/conditions/?log_in=tuesday");
  const reloaded = new ReadingConditions(queue, PAGE_URL);
  reloaded.update(null, "tuesday");
  assert.equal(reloaded.isDue, false);
  assert.equal(reloaded.forSubmission().conditionsFrom, "key-1");
});

test("a log-in in another window, which this page learns of by its mark, asks anew", () => {
  const reading = new ReadingConditions(queueOf(), PAGE_URL);
  reading.update({ id: "c1" }, "monday");
  reading.update(null, "tuesday");
  assert.equal(reading.isDue, true);
  reading.update({ id: "c2" }, "tuesday");
  assert.deepEqual(reading.forSubmission(), { conditions: "c2" });
});

test("a new log-in asks anew, an answer that was on its way does not", () => {
  const reading = new ReadingConditions(queueOf(), PAGE_URL);
  reading.update({ id: "c1" });
  reading.update(null);
  assert.equal(reading.isDue, false);
  reading.loggedOut();
  reading.update(null);
  assert.equal(reading.isDue, true);
});
