/*
 * How long a rater has worked since the last break, over all pages and windows of this browser. A
 * pause, a new log-in and a long time without any input are breaks.
 */

import { text } from "./text.js";

const MINUTE_MS = 60_000;
const LONGEST_REST_MS = 10 * MINUTE_MS;

export class WorkingTime {
  /** After `breakMinutes` a break is due, 0 for never. */
  constructor({ storage, account, breakMinutes = 0, now = Date.now }) {
    this.storage = storage;
    this.breakMinutes = breakMinutes;
    this.key = `sts-qa:working:${account}`;
    this.now = now;
    this.lastInput = 0;
  }

  /** Active time in milliseconds. */
  get active() {
    return this.#kept().active;
  }

  get isBreakDue() {
    return this.breakMinutes > 0 && this.active >= this.breakMinutes * MINUTE_MS;
  }

  /** The rater did something. */
  input() {
    const now = this.now();
    // Another window may have seen the rater meanwhile
    if (now - this.lastInput >= LONGEST_REST_MS && now - this.#kept().lastInput >= LONGEST_REST_MS) this.restart();
    this.lastInput = now;
  }

  /** Add what an item {clock, counted} took since it was last counted. */
  count(item) {
    const { active } = item.clock.snapshot();
    const kept = this.#kept();
    // A clock takes back what turns out to have been a gap
    const total = Math.max(0, kept.active + active - item.counted);
    item.counted = active;
    this.#keep(total, Math.max(kept.lastInput, this.lastInput));
  }

  restart() {
    this.#keep(0, this.lastInput);
  }

  #kept() {
    return this.storage.get(this.key) ?? { active: 0, lastInput: 0 };
  }

  #keep(active, lastInput) {
    this.storage.set(this.key, { active, lastInput });
  }
}

/** Say on the page, a RatingPage, that a break is due; it never blocks. */
export function suggestBreak({ working, status }) {
  const { isBreakDue, breakMinutes: minutes } = working;
  if (!isBreakDue) return;
  working.restart();
  status.notice("break", text("takeBreak", { minutes }));
}
