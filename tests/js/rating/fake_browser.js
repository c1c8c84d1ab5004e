/* A browser's storage, timers and server, as far as the tests need them. */

import { BrowserStorage } from "../../../static/js/rating/browser_storage.js";

export class FakeStore {
  constructor(limit = Infinity) {
    this.items = new Map();
    this.limit = limit;
  }

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.items.size >= this.limit && !this.items.has(key)) throw new Error("QuotaExceededError");
    this.items.set(key, value);
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

export function storageOver(store) {
  return new BrowserStorage(() => store);
}

/** Timers that run when told to. */
export class FakeTimers {
  constructor() {
    this.timers = [];
  }

  set = (run, wait) => {
    const timer = { run, wait };
    this.timers.push(timer);
    return timer;
  };

  clear = (timer) => {
    this.timers = this.timers.filter((other) => other !== timer);
  };

  /** Run the timers set so far and wait until what they began is over. */
  async runAll() {
    const due = this.timers.splice(0);
    await Promise.all(due.map(({ run }) => run()));
  }
}
