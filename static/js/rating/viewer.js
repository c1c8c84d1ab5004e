/*
 * <qa-viewer>: one item on screen. Every item opens in the same standard view for every rater,
 * whatever was done to the item before; only where the study says so, the window goes on to the
 * next item of the same kind.
 *
 * Events: "qa-painted" (the wanted pixels are on screen), "qa-waiting" (they are not there yet),
 * "qa-failed", and "qa-view" after any change of window, zoom, slice or mask.
 */

import { slicesAt } from "./crosshair.js";
import { MaskSetting } from "./mask_setting.js";
import { Panes } from "./panes.js";
import { presetWindows } from "./presets.js";
import { pixelAt, steppedScale } from "./view_geometry.js";
import { ViewRecord } from "./view_record.js";
import { connectPointer } from "./viewer_pointer.js";
import { toneOf } from "./window_level.js";
import { WindowSetting } from "./window_setting.js";

const RETRY_MS = 2_000;

class QaViewer extends HTMLElement {
  connectedCallback() {
    if (this.panes) return;
    this.assignment = null;
    this.store = null;
    /** What the study allows: `locked` fixes the window, `carries` hands it on. */
    this.policy = { locked: false, carries: false };
    this.carried = {};
    this.isBlank = false;
    this.isFallback = false;
    this.painted = new Set();
    this.panes = new Panes(this);
    connectPointer(this);
  }

  /** Show an assignment in the standard view; `recorded` is what was seen and done of it before. */
  open(assignment, store, recorded = null) {
    this.#keepWindow();
    this.assignment = assignment;
    this.store = store;
    this.image = assignment.image;
    this.record = new ViewRecord(this.image, recorded);
    this.mask = new MaskSetting(assignment.mask);
    this.window = new WindowSetting(this.image, {
      locked: this.policy.locked,
      carried: this.policy.carries ? this.carried[this.image.kind] : null,
    });
    this.tone = toneOf(this.image, this.window);
    this.interpolation = "auto";
    this.isCrosshairShown = true;
    this.direction = 0;
    this.painted.clear();
    this.panes.open(this.image);
    this.currentPlane = this.panes.main.name;
    this.#loadAll();
    this.#tell("qa-view");
  }

  close() {
    this.#keepWindow();
    this.assignment = null;
    this.painted.clear();
    this.panes.close();
    this.#tell("qa-view");
  }

  /** Nothing on screen, as in a pause or between two items. */
  setBlank(isBlank) {
    this.isBlank = isBlank;
    this.#redraw();
  }

  /** The first annotation criterion was entered: the outline appears, once for each item. */
  annotationEntered() {
    if (!this.assignment || !this.mask.appear()) return;
    this.#maskShown();
  }

  get isVolume() {
    return Boolean(this.image?.planes.axial);
  }

  /** The slice of each plane, where the crosshair is. */
  get slices() {
    return this.panes.slices;
  }

  get slice() {
    return this.pane.slice;
  }

  /** The pane that keys act on. */
  get pane() {
    return this.panes.named(this.currentPlane);
  }

  get mainPane() {
    return this.panes.main;
  }

  get worstSlice() {
    return this.record.worstSlice;
  }

  get layout() {
    return this.panes.layout;
  }

  get stage() {
    return this.panes.stage;
  }

  get isMaskShown() {
    return this.mask?.isShown ?? false;
  }

  get isCrosshairSeen() {
    return this.isVolume && this.isCrosshairShown && !this.isBlank && this.layout === "three";
  }

  state() {
    return this.record.asJson(this);
  }

  /** The share of axial slices that were on screen, 1 for a single image that was. */
  sliceShare() {
    return this.record?.share ?? 0;
  }

  // ---- Slices and planes

  showSlice(slice, name = this.currentPlane) {
    if (!this.assignment) return;
    const pane = this.panes.named(name);
    const wanted = Math.min(pane.plane.slices - 1, Math.max(0, Math.round(slice)));
    if (wanted === pane.slice) return;
    this.direction = Math.sign(wanted - pane.slice);
    pane.slice = wanted;
    if (pane.isShown) pane.load();
    this.#tell("qa-view");
  }

  /** The slices of the other planes that meet at a point of this pane's canvas. */
  setCrosshair(pane, point) {
    if (!this.isVolume) return;
    const found = slicesAt(pane.plane, pixelAt(pane.plane, pane.view, point));
    for (const [name, slice] of Object.entries(found)) {
      const other = this.panes.named(name);
      if (other.slice === slice) continue;
      other.slice = slice;
      if (other.isShown) other.load();
    }
    this.#tell("qa-view");
  }

  toggleCrosshair() {
    this.isCrosshairShown = !this.isCrosshairShown;
    this.#tell("qa-view");
  }

  activate(name) {
    if (!this.assignment || name === this.currentPlane) return;
    this.currentPlane = name;
    this.direction = 0;
    this.#tell("qa-view");
  }

  /** On to the next plane; where one is large, that one is shown instead. */
  nextPlane() {
    if (!this.isVolume) return;
    const names = this.panes.names;
    const next = names[(names.indexOf(this.currentPlane) + 1) % names.length];
    if (this.layout !== "three") this.setLayout(next);
    else this.activate(next);
  }

  /** Three planes together, then each of them alone. */
  nextLayout() {
    if (!this.isVolume) return;
    const layouts = ["three", ...this.panes.names];
    this.setLayout(layouts[(layouts.indexOf(this.layout) + 1) % layouts.length]);
  }

  setLayout(layout) {
    if (!this.isVolume) return;
    this.panes.setLayout(layout);
    if (layout !== "three") this.currentPlane = layout;
    this.#loadAll();
    this.#tell("qa-view");
  }

  /** Mark the slice on screen as the worst, or take the mark away. */
  markWorst() {
    if (!this.isVolume) return;
    const { currentPlane: plane, slice } = this;
    const isMarked = this.worstSlice?.plane === plane && this.worstSlice.slice === slice;
    this.record.worstSlice = isMarked ? null : { plane, slice };
    this.#tell("qa-view");
  }

  // ---- Window

  setWindow(centre, width) {
    if (this.assignment) this.#windowTaken(this.window.set(centre, width));
  }

  stepWindow(steps) {
    if (this.assignment) this.#windowTaken(this.window.step(steps));
  }

  moveWindow(level, widening) {
    if (this.assignment) this.#windowTaken(this.window.move(level, widening));
  }

  /** The presets of the item with their windows, as far as they are known. */
  presets() {
    return presetWindows(this.image, this.pane.pixels);
  }

  setPreset(code) {
    const preset = this.assignment && this.presets().find((one) => one.code === code);
    if (preset) this.#windowTaken(this.window.choose(preset));
  }

  nextPreset() {
    if (!this.assignment) return;
    const codes = this.presets().map(({ code }) => code);
    this.setPreset(codes[(codes.indexOf(this.window.preset) + 1) % codes.length]);
  }

  invert() {
    if (!this.assignment || !this.window.invert()) return;
    this.record.invertedUsed = true;
    this.#refill();
  }

  #windowTaken(isTaken) {
    if (!isTaken) return;
    this.record.windowChanged = true;
    this.#refill();
  }

  // ---- Mask

  setMaskShown(isShown) {
    if (!this.mask?.hasMask || !this.assignment) return;
    this.mask.isShown = isShown;
    this.record.overlayChanged = true;
    this.#maskShown();
  }

  /** Ask for a mask that was never on screen, because it did not come or was turned off before. */
  askForMask() {
    this.mask.isShown = true;
    this.#maskShown();
  }

  /** Away as long as a key is held. */
  holdMaskBack(isHeldBack) {
    if (this.mask?.isHeldBack === isHeldBack) return;
    this.changeMask((mask) => {
      mask.isHeldBack = isHeldBack;
    });
  }

  /** Let `change` set how the mask looks. */
  changeMask(change) {
    if (!this.assignment || !this.mask.hasMask) return;
    change(this.mask);
    this.record.overlayChanged = true;
    this.#redraw();
  }

  #maskShown() {
    this.#loadAll();
    this.#redraw();
  }

  // ---- Zoom

  /** "standard", "fit", or "one": one image pixel to one device pixel. */
  setMode(mode) {
    this.#changeView((pane) => pane.setMode(mode));
  }

  zoom(direction, point, pane = this.pane) {
    if (this.assignment) this.zoomTo(steppedScale(pane.view.scale, direction), point, pane);
  }

  zoomTo(scale, point, pane = this.pane) {
    this.#changeView(() => pane.zoomTo(scale, point));
  }

  pan(horizontal, vertical, pane = this.pane) {
    this.#changeView(() => pane.pan(horizontal, vertical));
  }

  #changeView(change) {
    if (!this.assignment) return;
    change(this.pane);
    this.record.zoomChanged = true;
    this.#tell("qa-view");
  }

  toggleSmooth() {
    if (!this.assignment) return;
    this.interpolation = this.pane.isSmooth ? "nearest" : "smooth";
    this.#redraw();
  }

  /** Back to the standard view: window, inversion, zoom and mixing; slices and mask stay. */
  reset() {
    if (!this.assignment) return;
    this.window.reset();
    this.interpolation = "auto";
    for (const pane of this.panes.opened) pane.setMode("standard");
    this.#refill();
  }

  // ---- Pixels

  /** Ask again for pixels that did not come. */
  retry() {
    if (!this.assignment) return;
    for (const pane of this.panes.shown) if (pane.isWaiting) pane.load();
  }

  paneWaits(pane) {
    if (pane.name === this.currentPlane) this.#tell("qa-waiting");
  }

  panePainted(pane) {
    if (this.painted.size === 0) requestAnimationFrame(() => this.#sayPainted());
    this.painted.add(pane);
    pane.labels.show(pane);
  }

  paneFailed(pane, error) {
    const isGivenUp = error.name === "AbortError";
    if (pane.name === this.currentPlane && !isGivenUp) this.#tell("qa-failed", error);
    else setTimeout(() => this.retry(), RETRY_MS);
  }

  paneFallsBack() {
    if (this.isFallback) return;
    this.isFallback = true;
    this.#tell("qa-view");
  }

  /** The panes took other places on the stage. */
  panesPlaced() {
    if (!this.assignment) return;
    for (const pane of this.panes.shown) pane.draw();
    this.#tell("qa-view");
  }

  /** The large plane is asked for first: on a slow line it comes before the small ones. */
  #loadAll() {
    for (const pane of this.panes.shown) pane.load();
  }

  #sayPainted() {
    const panes = [...this.painted].filter((pane) => pane.isShown && pane.shownSlice !== null);
    this.painted.clear();
    if (!this.assignment || panes.length === 0) return;
    if (!this.isBlank) for (const pane of panes) this.record.sawSlice(pane.name, pane.shownSlice);
    if (!this.pane.isWaiting) this.#tell("qa-painted");
  }

  #refill() {
    this.tone = toneOf(this.image, this.window);
    for (const pane of this.panes.shown) pane.refill();
    this.#tell("qa-view");
  }

  #redraw() {
    for (const pane of this.panes.shown) pane.draw();
    this.#tell("qa-view");
  }

  /** What the next item of the kind begins with, where the study carries windows over. */
  #keepWindow() {
    if (!this.assignment) return;
    const { centre, width, isStandard } = this.window;
    this.carried[this.image.kind] = isStandard ? null : { centre, width };
  }

  #tell(name, detail) {
    if (name === "qa-view") for (const pane of this.panes.shown) pane.labels.show(pane);
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** To be called once what it shows is asked for: the element measures its place at once. */
export function defineViewer() {
  customElements.define("qa-viewer", QaViewer);
}
