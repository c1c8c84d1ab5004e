/*
 * The window of the item on screen, in real values: centre, width, whether it is inverted, and the
 * preset it came from. Where the study fixes it, nothing here changes it.
 */

/** A step of window or level by key, as a share of the standard window's width. */
const STEP = 0.05;
/** The narrowest window, as a share of the standard one. */
const LEAST_WIDTH = 0.001;

export class WindowSetting {
  /** `carried` is a window {centre, width} of an item before, where the study lets it go on. */
  constructor(image, { locked = false, carried = null } = {}) {
    const [low, high] = image.window;
    this.standard = { centre: (low + high) / 2, width: high - low };
    this.locked = locked;
    this.reset();
    /** Whether the item began with a carried window, and whether it still has it. */
    this.isCarried = carried !== null && !locked;
    if (this.isCarried) Object.assign(this, carried, { preset: null, isAsCarried: true });
  }

  get low() {
    return this.centre - this.width / 2;
  }

  get high() {
    return this.centre + this.width / 2;
  }

  get isStandard() {
    return this.centre === this.standard.centre && this.width === this.standard.width;
  }

  reset() {
    Object.assign(this, this.standard, { inverted: false, preset: "standard", isAsCarried: false });
  }

  /** Returns whether the window was taken. */
  set(centre, width, preset = null) {
    if (this.locked || !Number.isFinite(centre) || !Number.isFinite(width) || !(width > 0)) return false;
    Object.assign(this, { centre, width, preset, isAsCarried: false });
    return true;
  }

  /** Widen by `width` steps, move up by `level` steps. */
  step({ width = 0, level = 0 }) {
    const step = this.standard.width * STEP;
    return this.move(level * step, width * step);
  }

  move(level, widening) {
    const least = this.standard.width * LEAST_WIDTH;
    return this.set(this.centre + level, Math.max(least, this.width + widening));
  }

  choose({ code, low, high }) {
    return this.set((low + high) / 2, high - low, code);
  }

  invert() {
    if (this.locked) return false;
    this.inverted = !this.inverted;
    return true;
  }
}
