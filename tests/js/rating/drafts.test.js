import assert from "node:assert/strict";
import test from "node:test";

import { Drafts } from "../../../static/js/rating/drafts.js";
import { FakeStore, FakeTimers, storageOver } from "./fake_browser.js";

const NOW = Date.parse("2026-01-05T10:00:00Z");
const scores = (value) => ({ contrast: { value } });

function makeDrafts(store = new FakeStore(), saveDraft = async () => {}) {
  const sent = [];
  const timers = new FakeTimers();
  const time = { now: NOW };
  const drafts = new Drafts({
    storage: storageOver(store),
    account: "ana",
    api: {
      saveDraft: async (token, body) => {
        sent.push({ token, ...body });
        return saveDraft();
      },
    },
    now: () => time.now,
    setTimer: timers.set,
    clearTimer: timers.clear,
  });
  return { drafts, sent, timers, time, store };
}

test("each change is kept in the browser at once, and sent once after a pause", async () => {
  const { drafts, sent, timers, store } = makeDrafts();
  drafts.save("a", { scores: scores("1"), comment: "" });
  drafts.save("a", { scores: scores("18"), comment: "" });
  assert.equal(store.length, 1);
  assert.deepEqual(sent, []);
  await timers.runAll();
  assert.equal(sent.length, 1);
  assert.deepEqual(sent[0].scores, scores("18"));
});

test("sequences rise even within a millisecond and when the clock goes back", async () => {
  const { drafts, sent, time } = makeDrafts();
  for (const now of [NOW, NOW, NOW - 5_000]) {
    time.now = now;
    drafts.save("a", { scores: {}, comment: "x" });
    await drafts.flush();
  }
  const sequences = sent.map(({ sequence }) => sequence);
  assert.ok(sequences[0] < sequences[1] && sequences[1] < sequences[2]);
});

test("the newer draft is shown: of this browser, or of another one", () => {
  const { drafts } = makeDrafts();
  drafts.save("a", { scores: scores("5"), comment: "" });
  const remote = (sequence, saved_at) => ({
    token: "a",
    draft: { scores: scores("9"), comment: "", sequence, saved_at },
  });
  // Whatever the server's clock says
  for (const saved_at of ["2026-01-05T08:00:00Z", "2026-01-05T12:00:00Z"]) {
    assert.deepEqual(drafts.load(remote(NOW - 60_000, saved_at)).scores, scores("5"));
    assert.deepEqual(drafts.load(remote(NOW + 60_000, saved_at)).scores, scores("9"));
  }
  assert.deepEqual(drafts.load({ token: "a", draft: null }).scores, scores("5"));
  assert.equal(drafts.load({ token: "b", draft: null }), null);
});

test("a submitted item leaves no draft and sends none afterwards", async () => {
  const { drafts, sent, timers, store } = makeDrafts();
  drafts.save("a", { scores: scores("5"), comment: "" });
  drafts.forget("a");
  await timers.runAll();
  assert.deepEqual(sent, []);
  assert.equal(store.length, 0);
});

test("a failed sending costs nothing", async () => {
  const { drafts, timers } = makeDrafts(new FakeStore(), async () => {
    throw new Error("no network");
  });
  drafts.save("a", { scores: scores("5"), comment: "" });
  await timers.runAll();
  assert.deepEqual(drafts.load({ token: "a", draft: null }).scores, scores("5"));
});

test("keeping the time does not make an old draft look new", () => {
  const { drafts } = makeDrafts();
  drafts.saveTime("a", { clock: { active: 5_000, wall: 6_000, waiting: 0 }, view: { windowChanged: true } });
  const loaded = drafts.load({ token: "a", draft: { scores: scores("9"), comment: "", saved_at: "2020-01-01T00:00:00Z" } });
  assert.deepEqual(loaded.scores, scores("9"));
  assert.equal(loaded.clock.active, 5_000);
  assert.equal(loaded.view.windowChanged, true);
});

test("the change of a rating stays in the browser", async () => {
  const { drafts, sent, timers } = makeDrafts();
  drafts.save("a", { scores: scores("5"), comment: "" }, true);
  await timers.runAll();
  assert.deepEqual(sent, []);
  assert.deepEqual(drafts.load({ token: "a", draft: null }).scores, scores("5"));
});
