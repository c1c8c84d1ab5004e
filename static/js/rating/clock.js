/*
 * The times of one rating. Active time runs from pixels painted to submit, minus hidden tab, waiting
 * for pixels, pause, and gaps of more than a minute without input. Time itself is handed in, so that
 * it can be tested.
 */

const LONGEST_GAP_MS = 60_000;

export class RatingClock {
  /** `saved` is a former `snapshot()`: an item left and taken up again counts on. */
  constructor(now, saved = null) {
    this.now = now;
    this.active = saved?.active ?? 0;
    this.wall = saved?.wall ?? 0;
    this.waiting = saved?.waiting ?? 0;
    this.isWaiting = true;
    this.isHidden = false;
    this.isPaused = false;
    this.stretch = 0;
    this.last = now();
  }

  /** Pixels are on screen. */
  painted() {
    this.#change(() => {
      this.isWaiting = false;
    });
  }

  /** What the rater asked for is not there yet. */
  awaitPixels() {
    this.#change(() => {
      this.isWaiting = true;
    });
  }

  setHidden(isHidden) {
    this.#change(() => {
      this.isHidden = isHidden;
    });
  }

  setPaused(isPaused) {
    this.#change(() => {
      this.isPaused = isPaused;
    });
  }

  /** The rater did something: what went before counts unless it was longer than the longest gap. */
  input() {
    this.#advance();
    this.#settle();
  }

  /** Whole milliseconds up to now, the running stretch included. */
  snapshot() {
    this.#advance();
    const running = this.stretch <= LONGEST_GAP_MS ? this.stretch : 0;
    return {
      active: Math.round(this.active + running),
      wall: Math.round(this.wall),
      waiting: Math.round(this.waiting),
    };
  }

  #change(apply) {
    this.input();
    apply();
  }

  #advance() {
    const now = this.now();
    const passed = Math.max(0, now - this.last);
    this.last = now;
    this.wall += passed;
    if (this.isHidden || this.isPaused) return;
    if (this.isWaiting) this.waiting += passed;
    else this.stretch += passed;
  }

  #settle() {
    if (this.stretch <= LONGEST_GAP_MS) this.active += this.stretch;
    this.stretch = 0;
  }
}
