/*
 * How the mask of the item on screen is drawn. It begins off and appears once by itself, when the
 * first annotation criterion is entered; after that the rater is free.
 */

const MOST_THICKNESS = 3;

export class MaskSetting {
  /** `mask` is that of an assignment, null where it has none. */
  constructor(mask) {
    this.planes = mask?.planes ?? {};
    this.hasMask = Boolean(mask);
    this.isShown = false;
    this.isHeldBack = false;
    this.opacity = 1;
    this.isFilled = false;
    this.thickness = 1;
    this.hasAppeared = false;
  }

  get isVisible() {
    return this.isShown && !this.isHeldBack;
  }

  /** Whether it appears now. */
  appear() {
    if (!this.hasMask || this.hasAppeared) return false;
    this.hasAppeared = true;
    this.isShown = true;
    return true;
  }

  /** First and last slice with mask pixels; null for an empty mask or a single image. */
  rangeIn(plane) {
    return this.planes[plane]?.slices ?? null;
  }

  /** A slice on which to look for the mask, null where `slice` may do; it does not if `isEmpty`. */
  betterSlice(plane, slice, isEmpty) {
    const range = this.rangeIn(plane);
    if (!range) return null;
    const [first, last] = range;
    if (slice >= first && slice <= last && !isEmpty) return null;
    const middle = Math.floor((first + last) / 2);
    // Between the first and the last there may be gaps, on these two there are none
    return slice === middle ? first : middle;
  }

  setOpacity(opacity) {
    this.opacity = Math.min(1, Math.max(0.1, Math.round(opacity * 20) / 20));
  }

  setFilled(isFilled) {
    this.isFilled = isFilled;
  }

  setThickness(thickness) {
    this.thickness = Math.min(MOST_THICKNESS, Math.max(1, Math.round(thickness)));
  }
}
