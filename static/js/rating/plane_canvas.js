/*
 * One plane of an image on a 2D canvas. The canvas is a plain buffer of pixels: which grey value
 * each of them shows is worked out here, with the mask over it, so that showing the mask moves
 * nothing and no browser smooths or shifts anything.
 */

import { maskSpans, paintMask } from "./mask_outline.js";
import { nearestPlaces, paintNearest, paintSmooth, smoothTaps } from "./resample.js";
import { pixelSize } from "./view_geometry.js";

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
  }

  /** Make the canvas as large as its place, in device pixels. */
  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height && this.data) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.maps = null;
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
    this.#put(() => {});
  }

  /** `mask` is {parts, opacity, isFilled}, or null where none is to be seen. */
  draw(plane, view, isSmooth, mask) {
    if (!this.source) {
      this.clear();
      return;
    }
    const maps = this.#mapsOf(plane, view, isSmooth);
    const { width } = this.canvas;
    const paint = isSmooth ? paintSmooth : paintNearest;
    this.#put((words) => {
      paint(this.source, maps.across, maps.down, words, width);
      if (!mask) return;
      maps.spans ??= this.#spansOf(plane, view);
      paintMask(mask.parts, plane.columns, maps.spans.across, maps.spans.down, words, width, mask);
    });
  }

  #put(paint) {
    if (!this.data) return;
    this.words.fill(BLACK);
    paint(this.words);
    this.#attempt(() => this.context.putImageData(this.data, 0, 0));
  }

  /** Which source pixels each canvas pixel shows: kept as long as the view is the same. */
  #mapsOf(plane, view, isSmooth) {
    const { scale, left, top } = view;
    const key = [plane.rows, plane.columns, plane.pixel_width, plane.pixel_height, scale, left, top, isSmooth].join();
    if (this.maps?.key === key) return this.maps;
    const pixel = pixelSize(plane, scale);
    const map = isSmooth ? smoothTaps : nearestPlaces;
    this.maps = {
      key,
      across: map(left, pixel.width, plane.columns, this.canvas.width),
      down: map(top, pixel.height, plane.rows, this.canvas.height),
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
