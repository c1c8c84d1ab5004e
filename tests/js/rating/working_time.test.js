import assert from "node:assert/strict";
import test from "node:test";

import { WorkingTime } from "../../../static/js/rating/working_time.js";
import { FakeStore, storageOver } from "./fake_browser.js";

const MINUTE = 60_000;
const time = { now: Date.parse("2026-01-05T10:00:00Z") };

function openPage(store, { account = "ana", breakMinutes = 45 } = {}) {
  return new WorkingTime({ storage: storageOver(store), account, breakMinutes, now: () => time.now });
}

/** An item whose clock says `active`; a draft of it may have been counted before. */
const itemAt = (active, counted = 0) => ({ clock: { snapshot: () => ({ active }) }, counted });

function work(page, minutes) {
  for (let minute = 0; minute < minutes; minute += 1) {
    time.now += MINUTE;
    page.input();
    page.count(itemAt(MINUTE));
  }
}

test("time adds up over pages, each account by itself", () => {
  const store = new FakeStore();
  work(openPage(store), 20);
  const next = openPage(store);
  work(next, 15);
  assert.equal(next.active, 35 * MINUTE);
  assert.equal(openPage(store, { account: "ben" }).active, 0);
});

test("ten minutes without input are a break, nine are none", () => {
  for (const [minutes, left] of [[9, 20 * MINUTE], [10, 0]]) {
    for (const isReloaded of [false, true]) {
      const store = new FakeStore();
      let page = openPage(store);
      work(page, 20);
      time.now += minutes * MINUTE;
      if (isReloaded) page = openPage(store);
      page.input();
      assert.equal(page.active, left, `${minutes} minutes, reloaded: ${isReloaded}`);
    }
  }
});

test("who works in another window meanwhile has no break", () => {
  const store = new FakeStore();
  const [first, second] = [openPage(store), openPage(store)];
  work(first, 5);
  work(second, 20);
  first.input();
  assert.equal(first.active, 25 * MINUTE);
});

test("of an item only what is new counts, and a clock may take some back", () => {
  const page = openPage(new FakeStore());
  page.input();
  const item = itemAt(65_000, 60_000);
  page.count(item);
  page.count(item);
  assert.equal(page.active, 5_000);
  item.clock = itemAt(63_000).clock;
  page.count(item);
  assert.equal(page.active, 3_000);
  page.restart();
  item.clock = itemAt(62_000).clock;
  page.count(item);
  assert.equal(page.active, 0);
});

test("a break is due after the minutes that were set, or never", () => {
  for (const [breakMinutes, isDue] of [[20, true], [21, false], [0, false]]) {
    const page = openPage(new FakeStore(), { breakMinutes });
    work(page, 20);
    assert.equal(page.isBreakDue, isDue, `${breakMinutes} minutes`);
  }
});
