/*
 * Pixels held in memory within a budget: those planned are fetched ahead, best first; what is no
 * longer planned goes first when room is needed, and fetches for it are given up.
 */

import { pixelsOf } from "./window_level.js";

const AT_ONCE = 4;
const RETRY_MS = 2_000;

export class ImageStore extends EventTarget {
  /** `fetchBytes(address, signal)` gives an ArrayBuffer. Event "failed" with {address, error}. */
  constructor({ fetchBytes, budget, setTimer = setTimeout }) {
    super();
    this.fetchBytes = fetchBytes;
    this.budget = budget;
    this.setTimer = (...timer) => setTimer(...timer);
    this.held = new Map();
    this.fetching = new Map();
    this.plan = [];
    this.bytesHeld = 0;
    this.blockedUntilRetry = new Set();
  }

  /** The pixels, if they are there. */
  peek(address) {
    return this.held.get(address)?.pixels ?? null;
  }

  /** The pixels as soon as they are there; they go before everything that is only planned. */
  get(unit) {
    const pixels = this.peek(unit.address);
    if (pixels) return Promise.resolve(pixels);
    return this.#fetch(unit, true);
  }

  /** Hold these units, best first; give up fetches for others, except those asked for by `get`. */
  setPlan(units) {
    this.plan = units;
    const planned = new Set(units.map(({ address }) => address));
    for (const [address, work] of this.fetching) {
      if (!planned.has(address) && !work.wanted) this.#giveUp(address, work);
    }
    this.#proceed();
  }

  /** Give up on everything, as when the item is left or may no longer be seen. */
  clear() {
    this.plan = [];
    for (const [address, work] of this.fetching) this.#giveUp(address, work);
    this.held.clear();
    this.bytesHeld = 0;
  }

  #proceed() {
    let planned = 0;
    for (const unit of this.plan) {
      planned += unit.bytes;
      if (planned > this.budget || this.fetching.size >= AT_ONCE) return;
      if (this.held.has(unit.address) || this.fetching.has(unit.address)) continue;
      if (this.blockedUntilRetry.has(unit.address)) continue;
      this.#fetch(unit, false).catch(() => {});
    }
  }

  #fetch(unit, wanted) {
    const running = this.fetching.get(unit.address);
    if (running) {
      running.wanted ||= wanted;
      return running.promise;
    }
    const controller = new AbortController();
    const work = { controller, wanted, promise: null };
    work.promise = this.#load(unit, controller.signal).finally(() => {
      if (this.fetching.get(unit.address) === work) this.fetching.delete(unit.address);
      this.#proceed();
    });
    this.fetching.set(unit.address, work);
    return work.promise;
  }

  /** Taken off the list at once, so that asking again begins anew. */
  #giveUp(address, work) {
    this.fetching.delete(address);
    work.controller.abort();
  }

  async #load(unit, signal) {
    try {
      const pixels = pixelsOf(await this.fetchBytes(unit.address, signal), unit.dtype);
      if (pixels.byteLength !== unit.bytes) {
        throw new RangeError(`${pixels.byteLength} bytes came instead of ${unit.bytes}`);
      }
      this.#hold(unit, pixels);
      return pixels;
    } catch (error) {
      if (error.name !== "AbortError") this.#pauseAfter(unit, error);
      throw error;
    }
  }

  #hold(unit, pixels) {
    this.held.set(unit.address, { pixels, bytes: unit.bytes });
    this.bytesHeld += unit.bytes;
    this.#makeRoom(unit.address);
  }

  #makeRoom(newest) {
    if (this.bytesHeld <= this.budget) return;
    const rank = new Map(this.plan.map(({ address }, index) => [address, index]));
    const rankOf = (address) => rank.get(address) ?? Infinity;
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

  /** A failed fetch is not begun again at once, or a dead line would be asked without end. */
  #pauseAfter(unit, error) {
    this.blockedUntilRetry.add(unit.address);
    this.setTimer(() => {
      this.blockedUntilRetry.delete(unit.address);
      this.#proceed();
    }, RETRY_MS);
    this.dispatchEvent(new CustomEvent("failed", { detail: { address: unit.address, error } }));
  }
}
