/* Tells the image store what to fetch ahead, by what is on screen and what comes next. */

import { afterPaint } from "./after_paint.js";
import { fetchOrder } from "./pixel_order.js";

export class Prefetch {
  /** `assignmentsOf()` gives the current assignment, or null, and those that follow. */
  constructor({ viewer, store, assignmentsOf }) {
    this.viewer = viewer;
    this.store = store;
    this.assignmentsOf = assignmentsOf;
    this.isDue = false;
  }

  /** Plan anew, once the frame is painted; many calls make one plan. */
  plan() {
    if (this.isDue) return;
    this.isDue = true;
    afterPaint(() => {
      this.isDue = false;
      this.store.setPlan(fetchOrder(this.assignmentsOf(), this.#view()));
    });
  }

  #view() {
    const { currentPlane, slices, direction = 0, isMaskShown } = this.viewer;
    return { plane: currentPlane, slices, direction, isMaskShown };
  }
}
