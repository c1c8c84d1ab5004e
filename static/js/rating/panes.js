/*
 * The panes on the stage: one for a radiograph or a single slice, three for a volume. The second
 * and third are made from the first when a volume is opened for the first time.
 */

import { placePanes } from "./panes_layout.js";
import { PlanePane } from "./plane_pane.js";
import { fittingScale, shorterSide, standardScale } from "./view_geometry.js";

export class Panes {
  constructor(host) {
    this.host = host;
    this.place = host.querySelector(".stage");
    this.all = [new PlanePane(host.querySelector(".pane"), host)];
    this.opened = [];
    this.layout = null;
    this.stage = { width: 1, height: 1 };
    this.ratio = 1;
    this.#watch();
  }

  get names() {
    return this.opened.map(({ name }) => name);
  }

  get shown() {
    return this.opened.filter(({ isShown }) => isShown);
  }

  /** The large pane, whose pixels come first. */
  get main() {
    return this.shown[0];
  }

  get slices() {
    return Object.fromEntries(this.opened.map(({ name, slice }) => [name, slice]));
  }

  named(name) {
    return this.opened.find((pane) => pane.name === name);
  }

  /**
   * The scale at which a pane begins: the largest whole number that fits; of the small ones beside
   * it what fits them both, no larger in millimetres than the large one.
   */
  standardScale(pane) {
    const { main } = this;
    const largest = standardScale(main.plane, main.stage);
    if (pane === main || this.layout !== "three") return standardScale(pane.plane, pane.stage);
    const small = this.shown.filter((one) => one !== main);
    const fitting = small.map(({ plane, stage }) => fittingScale(plane, stage) / shorterSide(plane));
    return Math.min(largest / shorterSide(main.plane), ...fitting) * shorterSide(pane.plane);
  }

  open(image) {
    const planes = Object.entries(image.planes);
    while (this.all.length < planes.length) this.#add();
    this.opened = this.all.slice(0, planes.length);
    for (const pane of this.all.slice(planes.length)) pane.close();
    planes.forEach(([name, plane], index) => this.opened[index].open(name, plane));
    this.setLayout(planes.length > 1 ? "three" : planes[0][0]);
  }

  close() {
    this.opened = [];
    this.layout = null;
    for (const pane of this.all) pane.close();
  }

  /** "three", or the name of the plane that is shown alone. */
  setLayout(layout) {
    this.layout = layout;
    this.#put();
  }

  #put() {
    const names = this.layout === "three" ? this.names : [this.layout];
    const planes = Object.fromEntries(this.opened.map(({ name, plane }) => [name, plane]));
    const rectangles = placePanes(names, planes, this.stage);
    for (const pane of this.opened) pane.place(rectangles[pane.name], this.ratio);
    for (const pane of this.shown) pane.fitToPlace();
  }

  #add() {
    const element = this.all[0].element.cloneNode(true);
    this.all.at(-1).element.after(element);
    this.all.push(new PlanePane(element, this.host));
  }

  /** Follow the stage in device pixels, exact ones where the browser tells them. */
  #watch() {
    this.#measure(this.place.getBoundingClientRect());
    const observer = new ResizeObserver(([entry]) => {
      this.#measure(entry.contentRect, entry.devicePixelContentBoxSize?.[0]);
      if (this.opened.length === 0) return;
      this.#put();
      this.host.panesPlaced();
    });
    try {
      observer.observe(this.place, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.place);
    }
  }

  #measure({ width, height }, exact) {
    this.ratio = window.devicePixelRatio || 1;
    this.stage = {
      width: devicePixels(width * this.ratio, exact?.inlineSize),
      height: devicePixels(height * this.ratio, exact?.blockSize),
    };
  }
}

/**
 * The browser's own count, which differs by rounding only; where it differs by more, as under a
 * screen that developer tools play, it is of another screen than `devicePixelRatio`.
 */
function devicePixels(length, exact) {
  const isOfThisScreen = exact !== undefined && Math.abs(exact - length) < 2;
  return Math.max(1, isOfThisScreen ? exact : Math.round(length));
}
