/*
 * One plane of an image on a 2D canvas. The canvas is a plain buffer of pixels: which grey value
 * each of them shows is worked out here, with the mask over it, so that showing the mask moves
 * nothing and no browser smooths or shifts anything.
 */

import { maskSpans, paintMask } from "./mask_outline.js";
import { nearestPlaces, paintNearest, paintSmooth, smoothTaps } from "./resample.js";
import { pixelSize, shownSize } from "./view_geometry.js";

const BLACK = 0xff000000;

export class PlaneCanvas {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    /** False once the browser refused to draw: pictures of the server must do then. */
    this.isWorking = this.context !== null;
    this.source = null;
    this.greys = new Uint8Array(0);
    this.data = null;
    this.maps = null;
    this.painted = null;
    this.isBlack = true;
  }

  /** Make the canvas as large as its place, in device pixels. */
  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height && this.data) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.maps = null;
    this.painted = null;
    this.isBlack = true;
    this.data = this.#attempt(() => this.context.createImageData(width, height)) ?? null;
    this.words = this.data && new Uint32Array(this.data.data.buffer);
  }

  /** Turn stored values into the grey values to show. */
  setPixels(pixels, plane, channels, tone) {
    if (this.greys.length !== pixels.length) this.greys = new Uint8Array(pixels.length);
    tone(pixels, this.greys);
    this.source = { greys: this.greys, columns: plane.columns, channels };
  }

  /** All black; what was there can be drawn again, as after a pause. */
  clear() {
    if (!this.data || this.isBlack) return;
    this.painted = null;
    this.isBlack = true;
    this.words.fill(BLACK);
    this.#attempt(() => this.context.putImageData(this.data, 0, 0));
  }

  /** `mask` is {parts, opacity, isFilled}, or null where none is to be seen. */
  draw(plane, view, isSmooth, mask) {
    if (!this.source) {
      this.clear();
      return;
    }
    if (!this.data) return;
    const maps = this.#mapsOf(plane, view, isSmooth);
    const { width, height } = this.canvas;
    // Around the image it stays black as long as the view is the same
    const isMoved = this.painted !== maps;
    if (isMoved) this.words.fill(BLACK);
    this.painted = maps;
    this.isBlack = false;
    const paint = isSmooth ? paintSmooth : paintNearest;
    paint(this.source, maps.across, maps.down, this.words, width);
    if (mask) {
      maps.spans ??= this.#spansOf(plane, view);
      paintMask(mask.parts, plane.columns, maps.spans.across, maps.spans.down, this.words, width, mask);
    }
    const [left, top, wide, high] = isMoved ? [0, 0, width, height] : maps.place;
    this.#attempt(() => this.context.putImageData(this.data, 0, 0, left, top, wide, high));
  }

  /** Which source pixels each canvas pixel shows: kept as long as the view is the same. */
  #mapsOf(plane, view, isSmooth) {
    const { scale } = view;
    const { rows, columns, pixel_width: wide, pixel_height: high } = plane;
    const key = [rows, columns, wide, high, scale, view.left, view.top, isSmooth].join();
    if (this.maps?.key === key) return this.maps;
    const pixel = pixelSize(plane, scale);
    const map = isSmooth ? smoothTaps : nearestPlaces;
    const left = Math.floor(view.left) - 1;
    const top = Math.floor(view.top) - 1;
    const size = shownSize(plane, scale);
    this.maps = {
      key,
      /** Where the image lies: [left, top, width, height]. */
      place: [left, top, Math.ceil(size.width) + 3, Math.ceil(size.height) + 3],
      across: map(view.left, pixel.width, columns, this.canvas.width),
      down: map(view.top, pixel.height, rows, this.canvas.height),
    };
    return this.maps;
  }

  #spansOf(plane, { scale, left, top }) {
    const pixel = pixelSize(plane, scale);
    return {
      across: maskSpans(left, pixel.width, plane.columns, this.canvas.width),
      down: maskSpans(top, pixel.height, plane.rows, this.canvas.height),
    };
  }

  #attempt(work) {
    if (!this.isWorking) return undefined;
    try {
      return work();
    } catch (error) {
      this.isWorking = false;
      console.warn(`The canvas cannot draw, pictures from the server are shown: ${error.message}`);
      return undefined;
    }
  }
}
