import assert from "node:assert/strict";
import test from "node:test";

import { RatingClock } from "../../../static/js/rating/clock.js";

function clockAt(start = 0, saved = null) {
  const time = { now: start };
  const clock = new RatingClock(() => time.now, saved);
  return { clock, after: (milliseconds) => (time.now += milliseconds) };
}

test("waiting for pixels is no active time", () => {
  const { clock, after } = clockAt(5_000);
  after(300);
  clock.painted();
  after(20_000);
  assert.deepEqual(clock.snapshot(), { active: 20_000, wall: 20_300, waiting: 300 });
});

test("waiting again for another slice counts as waiting", () => {
  const { clock, after } = clockAt();
  clock.painted();
  after(1_000);
  clock.awaitPixels();
  after(400);
  clock.painted();
  after(1_000);
  assert.deepEqual(clock.snapshot(), { active: 2_000, wall: 2_400, waiting: 400 });
});

test("a gap of exactly a minute counts, a longer one does not", () => {
  const short = clockAt();
  short.clock.painted();
  short.after(60_000);
  short.clock.input();
  assert.equal(short.clock.snapshot().active, 60_000);

  const long = clockAt();
  long.clock.painted();
  long.after(60_001);
  long.clock.input();
  assert.equal(long.clock.snapshot().active, 0);
  assert.equal(long.clock.snapshot().wall, 60_001);
});

test("input splits a long stretch into ones that count", () => {
  const { clock, after } = clockAt();
  clock.painted();
  after(50_000);
  clock.input();
  after(50_000);
  assert.equal(clock.snapshot().active, 100_000);
});

test("looking at the clock is no input", () => {
  const { clock, after } = clockAt();
  clock.painted();
  after(40_000);
  clock.snapshot();
  after(40_000);
  assert.equal(clock.snapshot().active, 0);
});

test("a hidden tab and a pause stop the active time, not the wall time", () => {
  const { clock, after } = clockAt();
  clock.painted();
  after(10_000);
  clock.setHidden(true);
  after(3_600_000);
  clock.setHidden(false);
  after(5_000);
  clock.setPaused(true);
  after(900_000);
  clock.setPaused(false);
  after(1_000);
  assert.deepEqual(clock.snapshot(), { active: 16_000, wall: 4_516_000, waiting: 0 });
});

test("an item taken up again counts on", () => {
  const { clock, after } = clockAt(0, { active: 7_000, wall: 9_000, waiting: 500 });
  clock.painted();
  after(3_000);
  assert.deepEqual(clock.snapshot(), { active: 10_000, wall: 12_000, waiting: 500 });
});

test("a clock that is set back takes nothing away", () => {
  const { clock, after } = clockAt(10_000);
  clock.painted();
  after(-5_000);
  clock.input();
  after(2_000);
  assert.deepEqual(clock.snapshot(), { active: 2_000, wall: 2_000, waiting: 0 });
});
