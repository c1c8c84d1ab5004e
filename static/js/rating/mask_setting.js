/*
 * How the mask of the item on screen is drawn. It begins off and appears once by itself, when the
 * first annotation criterion is entered; after that the rater is free.
 */

const MOST_THICKNESS = 3;

export class MaskSetting {
  constructor(hasMask) {
    this.hasMask = hasMask;
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
