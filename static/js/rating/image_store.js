/*
 * Pixels held in memory within a budget: those planned are fetched ahead, best first; what is no
 * longer planned goes first when room is needed, and fetches for it are given up.
 */

import { pixelsOf } from "./window_level.js";

const AT_ONCE = 4;
const RETRY_MS = [2_000, 4_000, 8_000, 16_000, 30_000];

export class ImageStore {
  /**
   * `fetchBytes(address, {signal, isWanted})` gives an ArrayBuffer; what is only planned may come
   * after everything else.
   */
  constructor({ fetchBytes, budget, setTimer = setTimeout }) {
    this.fetchBytes = fetchBytes;
    this.budget = budget;
    this.setTimer = (...timer) => setTimer(...timer);
    this.held = new Map();
    this.fetching = new Map();
    this.plan = [];
    this.bytesHeld = 0;
    this.failures = 0;
    this.isPausing = false;
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

  /** Fetch ahead again at once, as when the network is back. */
  resume() {
    this.isPausing = false;
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
    if (this.isPausing) return;
    let planned = 0;
    for (const unit of this.plan) {
      planned += unit.bytes;
      if (planned > this.budget || this.fetching.size >= AT_ONCE) return;
      if (this.held.has(unit.address) || this.fetching.has(unit.address)) continue;
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
    work.promise = this.#load(unit, { signal: controller.signal, isWanted: wanted }).finally(() => {
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

  async #load(unit, options) {
    try {
      const pixels = pixelsOf(await this.fetchBytes(unit.address, options), unit.dtype);
      if (pixels.byteLength !== unit.bytes) {
        throw new RangeError(`${pixels.byteLength} bytes came instead of ${unit.bytes}`);
      }
      this.failures = 0;
      this.#hold(unit, pixels);
      return pixels;
    } catch (error) {
      if (error.name !== "AbortError") this.#pause();
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

  /** After a failure nothing is fetched ahead for a while, or a dead line would be asked on and on. */
  #pause() {
    if (this.isPausing) return;
    this.isPausing = true;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.setTimer(() => this.resume(), wait);
  }
}
