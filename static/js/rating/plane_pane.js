/*
 * One plane on the stage: the slice that is wanted and the one that is shown, where it lies, and
 * how it is labelled. Its host, the viewer, says how it is shown and hears what became of it
 * through `panePainted`, `paneWaits` and `paneFailed`.
 */

import { OUTLINE, partsOf } from "./mask_outline.js";
import { PaneLabels } from "./pane_labels.js";
import { imageUnit, maskUnit } from "./pixel_order.js";
import { PlaneCanvas } from "./plane_canvas.js";
import { ServerPicture, pictureAddress } from "./server_picture.js";
import { LARGEST_SCALE, centred, fittingScale, keptInSight, zoomedAt } from "./view_geometry.js";

/** Slices that a fast scroll passes are not all asked for. */
const ASKED_AT_ONCE = 2;

export class PlanePane {
  constructor(element, host) {
    this.element = element;
    this.host = host;
    this.canvas = new PlaneCanvas(element.querySelector("canvas"));
    this.labels = new PaneLabels(element, host);
    this.picture = null;
    this.name = null;
    this.stage = { width: 1, height: 1 };
    this.generation = 0;
  }

  /** Show a plane from its first slice on, in the standard view. */
  open(name, plane) {
    this.generation += 1;
    this.name = name;
    this.plane = plane;
    this.slice = plane.first_slice;
    this.shownSlice = null;
    this.pixels = null;
    this.mask = null;
    this.asked = 0;
    this.isWaiting = false;
    this.mode = "standard";
    this.view = { scale: 1, left: 0, top: 0 };
    this.labels.showEdges(this);
  }

  close() {
    this.generation += 1;
    this.name = null;
    this.pixels = null;
    this.element.hidden = true;
  }

  get isShown() {
    return this.name !== null && !this.element.hidden;
  }

  /** Take a rectangle of device pixels on the stage, `ratio` of them to a CSS pixel; or hide. */
  place(rectangle, ratio) {
    this.element.hidden = !rectangle;
    if (!rectangle) return;
    const { left, top, width, height } = rectangle;
    this.stageBefore = this.stage;
    const { style } = this.element;
    for (const [side, length] of Object.entries({ left, top, width, height })) style[side] = `${length / ratio}px`;
    this.stage = { width, height };
    this.canvas.resize(width, height);
  }

  /** After all panes are placed: a view that the rater chose keeps its middle. */
  fitToPlace() {
    const { width, height } = this.stageBefore;
    if (this.mode !== "free") this.view = this.#viewOfMode();
    else this.#moveTo(this.view.left + (this.stage.width - width) / 2, this.view.top + (this.stage.height - height) / 2);
  }

  /** Fetch what is to be seen, and draw what is there of it at once. */
  load() {
    if (!this.canvas.isWorking) {
      this.#showPicture();
      return;
    }
    const { assignment, store, mask } = this.host;
    const units = [imageUnit(assignment, this.name, this.slice)];
    if (mask.isShown) units.push(maskUnit(assignment, this.name, this.slice));
    const there = units.map(({ address }) => store.peek(address));
    if (there[0]) this.#take(this.slice, there);
    else if (!this.pixels) this.draw();
    this.isWaiting = !there.every(Boolean);
    if (this.isWaiting) {
      this.host.paneWaits(this);
      this.#ask(units);
    } else if (this.canvas.isWorking) this.host.panePainted(this);
    else this.#showPicture();
  }

  /** The window changed. */
  refill() {
    const { image, tone } = this.host;
    if (this.pixels) this.canvas.setPixels(this.pixels, this.plane, image.channels, tone);
    if (this.pixels || !this.canvas.isWorking) this.draw();
  }

  draw() {
    const { isBlank, mask } = this.host;
    if (!this.canvas.isWorking) {
      this.#showPicture();
      return;
    }
    if (isBlank || !this.pixels) {
      this.canvas.clear();
      return;
    }
    const parts = mask.isVisible ? this.#maskParts() : null;
    this.canvas.draw(this.plane, this.view, this.isSmooth, parts);
    const isPainted = parts !== null && this.canvas.isWorking && this.isShown;
    if (isPainted && !this.hasEmptyMask) this.host.record.sawMask();
  }

  /** Whether the slice on screen is known to have nothing of a mask that is on others. */
  get hasEmptyMask() {
    return this.mask !== null && this.host.mask.rangeIn(this.name) !== null && this.#partsOfMask().isEmpty;
  }

  /** The slice that is wanted is on screen, its mask is not. */
  get lacksOnlyMask() {
    return this.isWaiting && this.pixels !== null && this.shownSlice === this.slice;
  }

  /** Whether pixels are mixed: by default only below 1:1, where they must share. */
  get isSmooth() {
    const { interpolation } = this.host;
    return interpolation === "auto" ? this.view.scale < 1 : interpolation === "smooth";
  }

  setMode(mode) {
    this.mode = mode;
    this.view = this.#viewOfMode();
    this.draw();
  }

  zoomTo(scale, point = { x: this.stage.width / 2, y: this.stage.height / 2 }) {
    this.mode = "free";
    const smallest = Math.min(1, fittingScale(this.plane, this.stage)) / 4;
    const zoomed = zoomedAt(this.view, Math.min(LARGEST_SCALE, Math.max(smallest, scale)), point);
    this.view = keptInSight(zoomed, this.plane, this.stage);
    this.draw();
  }

  pan(horizontal, vertical) {
    this.mode = "free";
    this.#moveTo(this.view.left + horizontal, this.view.top + vertical);
    this.draw();
  }

  #moveTo(left, top) {
    this.view = keptInSight({ scale: this.view.scale, left, top }, this.plane, this.stage);
  }

  #viewOfMode() {
    const { plane, stage, mode } = this;
    if (mode === "one") return centred(plane, stage, 1);
    return centred(plane, stage, mode === "fit" ? fittingScale(plane, stage) : this.host.panes.standardScale(this));
  }

  #ask(units) {
    if (this.asked >= ASKED_AT_ONCE) return;
    this.asked += 1;
    const { generation, slice } = this;
    const answered = (go) => (answer) => {
      // Of an item already left
      if (generation !== this.generation) return;
      this.asked -= 1;
      go(answer);
    };
    Promise.all(units.map((unit) => this.host.store.get(unit))).then(
      answered((planes) => this.#arrived(slice, planes)),
      answered((error) => {
        if (slice !== this.slice) this.load();
        // The mask may have been turned off meanwhile
        else if (this.isWaiting) this.host.paneFailed(this, error);
      }),
    );
  }

  #arrived(slice, planes) {
    const wanted = this.slice;
    const isNearer = this.shownSlice === null || Math.abs(slice - wanted) < Math.abs(this.shownSlice - wanted);
    if (slice === wanted || isNearer) this.#take(slice, planes);
    const lacksMask = this.host.mask.isShown && !planes[1];
    if (slice !== wanted || lacksMask) {
      this.load();
      return;
    }
    this.isWaiting = false;
    this.host.panePainted(this);
  }

  #take(slice, [pixels, mask = null]) {
    this.shownSlice = slice;
    if (this.mask !== mask) this.parts = null;
    this.mask = mask;
    this.pixels = pixels;
    this.refill();
  }

  #maskParts() {
    if (!this.mask) return null;
    const { opacity, isFilled } = this.host.mask;
    return { parts: this.#partsOfMask().values, opacity, isFilled };
  }

  #partsOfMask() {
    const { thickness } = this.host.mask;
    if (this.parts?.thickness !== thickness) {
      const { rows, columns } = this.plane;
      const values = partsOf(this.mask, rows, columns, thickness);
      this.parts = { thickness, values, isEmpty: !values.includes(OUTLINE) };
    }
    return this.parts;
  }

  /** What does when the canvas does not: a picture rendered by the server. */
  #showPicture() {
    const { host } = this;
    this.picture ??= new ServerPicture(this.element);
    host.paneFallsBack();
    if (host.isBlank || !host.assignment) {
      this.picture.hide();
      return;
    }
    const { generation, slice } = this;
    const isNew = this.picture.show(pictureAddress(host, this), this);
    if (!isNew) return;
    this.isWaiting = true;
    host.paneWaits(this);
    this.picture.whenLoaded(
      () => {
        if (generation !== this.generation || slice !== this.slice) return;
        this.isWaiting = false;
        this.shownSlice = slice;
        // Of gaps in the mask only its pixels tell
        if (host.mask.isVisible && host.mask.betterSlice(this.name, slice, false) === null) host.record.sawMask();
        host.panePainted(this);
      },
      () => generation === this.generation && slice === this.slice && host.paneFailed(this, new Error("picture")),
    );
  }
}
