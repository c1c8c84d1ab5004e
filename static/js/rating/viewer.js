/*
 * <qa-viewer>: one item on screen. Every item opens in the same standard view for every rater,
 * whatever was done to the item before.
 *
 * Events: "qa-painted" (the wanted pixels are on screen), "qa-waiting" (they are not there yet),
 * "qa-failed", and "qa-view" after any change of window, zoom, slice or mask.
 */

import { CanvasView } from "./canvas_view.js";
import { imageUnit, maskUnit } from "./pixel_order.js";
import {
  LARGEST_SCALE,
  centred,
  fittingScale,
  keptInSight,
  standardScale,
  steppedScale,
  zoomedAt,
} from "./view_geometry.js";
import { ViewRecord } from "./view_record.js";
import { connectPointer } from "./viewer_pointer.js";

const STANDARD_MASK_OPACITY = 0.45;
/** A step of window or level by key, as a share of the standard window's width. */
const WINDOW_STEP = 0.05;

export class QaViewer extends HTMLElement {
  connectedCallback() {
    if (this.canvasView) return;
    this.canvas = this.querySelector("canvas");
    this.canvasView = new CanvasView(this.canvas);
    this.stage = { width: 1, height: 1 };
    this.assignment = null;
    this.store = null;
    this.isBlank = false;
    this.request = 0;
    new ResizeObserver(() => this.#fillPlace()).observe(this);
    connectPointer(this);
  }

  /** Show an assignment in the standard view; its pixels come from `store`. */
  open(assignment, store) {
    this.assignment = assignment;
    this.store = store;
    this.image = assignment.image;
    this.record = new ViewRecord(assignment.image);
    this.slice = assignment.image.first_slice ?? 0;
    this.mode = "standard";
    this.isMaskShown = false;
    this.maskOpacity = STANDARD_MASK_OPACITY;
    this.window = this.#standardWindow();
    this.pixels = null;
    this.#fillPlace();
    this.view = this.#viewOfMode();
    return this.#load();
  }

  /** Nothing on screen, as in a pause or between two items. */
  setBlank(isBlank) {
    this.isBlank = isBlank;
    this.#draw();
  }

  close() {
    this.assignment = null;
    this.request += 1;
    this.pixels = null;
    this.canvasView.clear();
    this.#tell("qa-view");
  }

  get isVolume() {
    return (this.image?.slices ?? 1) > 1;
  }

  state() {
    return this.record.asJson(this);
  }

  showSlice(slice) {
    if (!this.assignment) return;
    const wanted = Math.min(this.image.slices - 1, Math.max(0, Math.round(slice)));
    if (wanted === this.slice) return;
    this.slice = wanted;
    this.#load();
  }

  setWindow(low, high) {
    if (!this.assignment || !Number.isFinite(low) || !(high > low)) return;
    this.window = { ...this.window, low, high };
    this.record.windowChanged = true;
    this.#refill();
  }

  /** Narrow or widen by `steps`, or move the middle of the window. */
  stepWindow({ width = 0, level = 0 }) {
    if (!this.assignment) return;
    const [low, high] = this.image.window;
    const step = (high - low) * WINDOW_STEP;
    const middle = (this.window.low + this.window.high) / 2 + level * step;
    const wide = Math.max(step / 10, this.window.high - this.window.low + width * step);
    this.setWindow(middle - wide / 2, middle + wide / 2);
  }

  invert() {
    if (!this.assignment) return;
    this.window = { ...this.window, inverted: !this.window.inverted };
    this.record.inverted = true;
    this.#refill();
  }

  setMaskShown(isShown) {
    if (!this.assignment?.mask) return;
    this.isMaskShown = isShown;
    if (isShown) this.record.overlayUsed = true;
    this.#load();
  }

  setMaskOpacity(opacity) {
    if (!this.assignment?.mask) return;
    this.maskOpacity = Math.min(1, Math.max(0.1, Math.round(opacity * 20) / 20));
    this.#draw();
    this.#tell("qa-view");
  }

  /** "standard", "fit", or "one": one image pixel to one device pixel. */
  setMode(mode) {
    if (!this.assignment) return;
    this.mode = mode;
    if (mode !== "standard") this.record.zoomChanged = true;
    this.#setView(this.#viewOfMode());
  }

  zoom(direction, point = this.#middle()) {
    if (this.assignment) this.zoomTo(steppedScale(this.view.scale, direction), point);
  }

  zoomTo(scale, point) {
    if (!this.assignment) return;
    this.mode = "free";
    this.record.zoomChanged = true;
    const smallest = Math.min(1, fittingScale(this.image, this.stage)) / 4;
    const allowed = Math.min(LARGEST_SCALE, Math.max(smallest, scale));
    this.#setView(zoomedAt(this.view, allowed, point));
  }

  pan(horizontal, vertical) {
    if (!this.assignment) return;
    this.mode = "free";
    const { scale, left, top } = this.view;
    this.#setView({ scale, left: left + horizontal, top: top + vertical });
  }

  /** Back to the standard view: window, zoom and inversion; the slice stays. */
  reset() {
    if (!this.assignment) return;
    this.window = this.#standardWindow();
    this.mode = "standard";
    this.view = this.#viewOfMode();
    this.#refill();
  }

  /** Ask again for pixels that did not come. */
  retry() {
    if (this.assignment && !this.pixels) this.#load();
  }

  /** Fetch what is to be seen and draw it, unless something else is wanted by then. */
  #load() {
    this.request += 1;
    const request = this.request;
    const units = [imageUnit(this.assignment, this.slice)];
    if (this.isMaskShown) units.push(maskUnit(this.assignment, this.slice));
    const there = units.map(({ address }) => this.store.peek(address));
    if (there.every(Boolean)) {
      this.#take(there);
      return Promise.resolve();
    }
    // The item before must not be taken for this one
    if (!this.pixels) this.#draw();
    this.#tell("qa-waiting");
    this.#tell("qa-view");
    return Promise.all(units.map((unit) => this.store.get(unit))).then(
      (planes) => {
        if (request === this.request) this.#take(planes);
      },
      (error) => {
        if (request === this.request) this.#tell("qa-failed", error);
      },
    );
  }

  #take([pixels, mask = null]) {
    this.pixels = pixels;
    this.shownSlice = this.slice;
    this.canvasView.setMask(mask, this.image);
    this.#refill();
    const request = this.request;
    requestAnimationFrame(() => {
      if (request !== this.request) return;
      this.record.sawSlice(this.shownSlice);
      this.#tell("qa-painted");
    });
  }

  #refill() {
    if (this.pixels) this.canvasView.setPlane(this.pixels, this.image, this.window);
    this.#draw();
    this.#tell("qa-view");
  }

  #draw() {
    if (this.isBlank || !this.assignment || !this.pixels) this.canvasView.clear();
    else this.canvasView.draw(this.view, this.isMaskShown ? this.maskOpacity : 0);
  }

  #setView(view) {
    this.view = this.mode === "free" ? keptInSight(view, this.image, this.stage) : view;
    this.#draw();
    this.#tell("qa-view");
  }

  #viewOfMode() {
    const { image, stage } = this;
    if (this.mode === "one") return centred(image, stage, 1);
    if (this.mode === "fit") return centred(image, stage, fittingScale(image, stage));
    return centred(image, stage, standardScale(image, stage));
  }

  /** Match the canvas to its place; a view that the rater chose keeps its middle. */
  #fillPlace() {
    const ratio = window.devicePixelRatio || 1;
    const place = this.canvas.parentElement.getBoundingClientRect();
    const stage = {
      width: Math.max(1, Math.round(place.width * ratio)),
      height: Math.max(1, Math.round(place.height * ratio)),
    };
    const before = this.stage;
    this.stage = stage;
    if (!this.canvasView.resize(stage.width, stage.height) || !this.assignment || !this.view) return;
    if (this.mode !== "free") this.#setView(this.#viewOfMode());
    else this.pan((stage.width - before.width) / 2, (stage.height - before.height) / 2);
  }

  #standardWindow() {
    const [low, high] = this.image.window;
    return { low, high, inverted: false };
  }

  #middle() {
    return { x: this.stage.width / 2, y: this.stage.height / 2 };
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("qa-viewer", QaViewer);
