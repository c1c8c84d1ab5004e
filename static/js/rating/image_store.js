/*
 * Pixels held in memory within a budget. What is asked for goes first, and on a slow line one
 * after the other with nothing beside it; what is planned is fetched ahead, best first; what is no
 * longer planned goes first when room is needed, and fetches for it are given up.
 */

import { pixelsOf } from "./window_level.js";

/** Held whatever they need: what is on screen. */
const ALWAYS_HELD = 3;
const AHEAD_AT_ONCE = 4;
const AHEAD_AT_ONCE_ON_SLOW_LINE = 2;
/** An answer that takes longer than this has a line, or a server, that is not to be crowded. */
const SLOW_MS = 120;
/** So long other requests wait for pixels that were asked for. */
const LONGEST_WAIT_MS = 1_000;
const RETRY_MS = [2_000, 4_000, 8_000, 16_000, 30_000];

export class ImageStore {
  /**
   * `fetchBytes(address, {signal, isWanted})` gives an ArrayBuffer; what is only planned may come
   * after everything else. `answerMs` is how long the server's answers took so far, Infinity where
   * nobody knows.
   */
  constructor({ fetchBytes, budget, answerMs = Infinity, setTimer = setTimeout, now = () => performance.now() }) {
    this.fetchBytes = fetchBytes;
    this.budget = budget;
    this.setTimer = (...timer) => setTimer(...timer);
    this.now = now;
    this.held = new Map();
    this.wanted = new Map();
    this.fetching = new Map();
    this.plan = [];
    this.bytesHeld = 0;
    this.failures = 0;
    this.isPausing = false;
    this.answerMs = answerMs;
    this.waiting = [];
  }

  /** The pixels, if they are there. */
  peek(address) {
    return this.held.get(address)?.pixels ?? null;
  }

  /**
   * The pixels as soon as they are there; they go before everything that is only planned. Fails
   * with an AbortError when a later plan no longer holds them.
   */
  get(unit) {
    const pixels = this.peek(unit.address);
    if (pixels) return Promise.resolve(pixels);
    const asked = this.wanted.get(unit.address) ?? { unit, ...promiseAndKeys() };
    this.wanted.set(unit.address, asked);
    this.#proceed();
    return asked.promise;
  }

  /**
   * Hold these units, best first, as many as the budget allows; give up fetches for others. `units`
   * is read no further than that.
   */
  setPlan(units) {
    this.plan = [];
    let planned = 0;
    for (const unit of units) {
      planned += unit.bytes;
      if (planned > this.budget && this.plan.length >= ALWAYS_HELD) break;
      this.plan.push(unit);
    }
    const addresses = new Set(this.plan.map(({ address }) => address));
    for (const address of [...this.wanted.keys()]) if (!addresses.has(address)) this.#refuse(address);
    for (const address of [...this.fetching.keys()]) if (!addresses.has(address)) this.#giveUp(address);
    this.#proceed();
  }

  /** Comes when all that was asked for is here or given up, but not too late. */
  settled() {
    if (this.wanted.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.setTimer(resolve, LONGEST_WAIT_MS);
    });
  }

  /** Fetch ahead again at once, as when the network is back. */
  resume() {
    this.isPausing = false;
    this.#proceed();
  }

  /** Give up on everything, as when the item is left or may no longer be seen. */
  clear() {
    this.setPlan([]);
    this.held.clear();
    this.bytesHeld = 0;
  }

  /** Whether everything planned is here. */
  get isComplete() {
    return this.plan.every(({ address }) => this.held.has(address));
  }

  get #isSlow() {
    return this.answerMs > SLOW_MS;
  }

  #proceed() {
    this.#fetchWanted();
    if (this.wanted.size || this.isPausing) return;
    const atOnce = this.#isSlow ? AHEAD_AT_ONCE_ON_SLOW_LINE : AHEAD_AT_ONCE;
    for (const unit of this.plan) {
      if (this.fetching.size >= atOnce) return;
      if (!this.held.has(unit.address) && !this.fetching.has(unit.address)) this.#fetch(unit);
    }
  }

  #fetchWanted() {
    for (const { unit } of this.#wantedInOrder()) {
      const isAlone = this.#isSlow && [...this.fetching.keys()].some((address) => this.wanted.has(address));
      if (isAlone) return;
      if (this.fetching.has(unit.address)) continue;
      if (this.#isSlow) for (const address of [...this.fetching.keys()]) this.#giveUp(address);
      this.#fetch(unit);
    }
  }

  /** What the newest plan has first goes first; what came after the plan goes before it. */
  #wantedInOrder() {
    const all = [...this.wanted.values()];
    if (all.length < 2) return all;
    const rankOf = this.#ranks(-1);
    return all.sort((one, two) => rankOf(one.unit.address) - rankOf(two.unit.address));
  }

  #fetch(unit) {
    const controller = new AbortController();
    this.fetching.set(unit.address, controller);
    const options = { signal: controller.signal, isWanted: this.wanted.has(unit.address) };
    this.#load(unit, options).then(
      (pixels) => this.#settle(unit, controller, ({ resolve }) => resolve(pixels)),
      (error) => this.#settle(unit, controller, ({ reject }) => reject(error), error),
    );
  }

  async #load(unit, options) {
    const start = this.now();
    const pixels = pixelsOf(await this.fetchBytes(unit.address, options), unit.dtype);
    if (pixels.byteLength !== unit.bytes) {
      throw new RangeError(`${pixels.byteLength} bytes came instead of ${unit.bytes}`);
    }
    const took = this.now() - start;
    this.answerMs = Number.isFinite(this.answerMs) ? (3 * this.answerMs + took) / 4 : took;
    this.failures = 0;
    this.#hold(unit, pixels);
    return pixels;
  }

  #settle({ address }, controller, tell, error) {
    // What was given up has been told so, and may have been asked for again
    if (this.fetching.get(address) !== controller) {
      if (!error && this.wanted.has(address)) this.#answer(address, tell);
      return;
    }
    this.fetching.delete(address);
    if (error) this.#pause();
    this.#answer(address, tell);
    this.#proceed();
  }

  #answer(address, tell) {
    const asked = this.wanted.get(address);
    this.wanted.delete(address);
    if (asked) tell(asked);
    if (this.wanted.size === 0) for (const goOn of this.waiting.splice(0)) goOn();
  }

  #refuse(address) {
    this.#answer(address, ({ reject }) => reject(new DOMException("no longer planned", "AbortError")));
  }

  /** Taken off the list at once, so that asking again begins anew. */
  #giveUp(address) {
    const controller = this.fetching.get(address);
    this.fetching.delete(address);
    controller.abort();
  }

  #hold(unit, pixels) {
    if (this.held.has(unit.address)) return;
    this.held.set(unit.address, { pixels, bytes: unit.bytes });
    this.bytesHeld += unit.bytes;
    this.#makeRoom(unit.address);
  }

  #makeRoom(newest) {
    if (this.bytesHeld <= this.budget) return;
    const rankOf = this.#ranks(Infinity);
    const worstFirst = [...this.held.keys()].sort((one, two) => {
      const [first, second] = [rankOf(one), rankOf(two)];
      return first === second ? 0 : second - first;
    });
    for (const address of worstFirst) {
      if (this.bytesHeld <= this.budget) return;
      if (address === newest) continue;
      this.bytesHeld -= this.held.get(address).bytes;
      this.held.delete(address);
    }
  }

  /** The place of each address in the plan; `other` for those that are not in it. */
  #ranks(other) {
    const ranks = new Map(this.plan.map(({ address }, rank) => [address, rank]));
    return (address) => ranks.get(address) ?? other;
  }

  /** After a failure nothing is fetched ahead for a while, or a dead line would be asked on and on. */
  #pause() {
    if (this.isPausing) return;
    this.isPausing = true;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.setTimer(() => this.resume(), wait);
  }
}

/** A promise with its `resolve` and `reject`; nobody has to listen to it. */
function promiseAndKeys() {
  const keys = {};
  keys.promise = new Promise((resolve, reject) => Object.assign(keys, { resolve, reject }));
  keys.promise.catch(() => {});
  return keys;
}
