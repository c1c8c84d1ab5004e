/*
 * How often each value occurs in the image, with the window drawn in it: a bright band from black
 * to white. Its edges and the band itself can be dragged.
 */

import { countValues } from "./presets.js";

const NEAR_EDGE = 8;

export class Histogram {
  constructor(canvas, viewer) {
    this.canvas = canvas;
    this.viewer = viewer;
    this.context = canvas.getContext("2d");
    this.pixels = null;
    this.#connect();
  }

  show() {
    const { viewer, canvas, context } = this;
    const counted = context && this.#counted();
    if (!counted) return;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.range = rangeAround(counted, viewer.window);
    const style = getComputedStyle(canvas);
    context.fillStyle = style.color;
    const { low, high, counts } = counted;
    // Roots, so that what is rare is seen beside a large background
    const tallest = Math.sqrt(Math.max(1, ...counts));
    const bar = (high - low) / counts.length;
    counts.forEach((count, index) => {
      const left = this.#placeOf(low + index * bar, width);
      const wide = Math.max(1, this.#placeOf(low + (index + 1) * bar, width) - left);
      const tall = (Math.sqrt(count) / tallest) * (height - 4);
      context.fillRect(left, height - tall, wide, tall);
    });
    this.#drawWindow(width, height, style.getPropertyValue("--accent-strong"));
  }

  #drawWindow(width, height, colour) {
    const { context, viewer } = this;
    const [from, to] = [viewer.window.low, viewer.window.high].map((value) => this.#placeOf(value, width));
    context.globalAlpha = 0.18;
    context.fillStyle = colour;
    context.fillRect(from, 0, to - from, height);
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const place of [from, to]) {
      context.moveTo(place, 0);
      context.lineTo(place, height);
    }
    // The ramp from black to white
    const [start, end] = viewer.window.inverted ? [0, height] : [height, 0];
    context.moveTo(from, start);
    context.lineTo(to, end);
    context.stroke();
  }

  /** The server counts a volume; a radiograph is counted here. */
  #counted() {
    const { image, pane } = this.viewer;
    if (image.histogram) return image.histogram;
    if (!pane.pixels) return null;
    if (this.pixels !== pane.pixels) {
      this.pixels = pane.pixels;
      this.ofPixels = countValues(pane.pixels, image);
    }
    return this.ofPixels;
  }

  #placeOf(value, width) {
    const [low, high] = this.range;
    return ((value - low) / (high - low)) * width;
  }

  #connect() {
    let dragged = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      if (!this.range) return;
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      dragged = { part: this.#partAt(event.offsetX), x: event.offsetX, range: this.range };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const [low, high] = dragged.range;
      const way = ((event.offsetX - dragged.x) / this.canvas.clientWidth) * (high - low);
      dragged.x = event.offsetX;
      if (dragged.part === "low") this.viewer.moveWindow(way / 2, -way);
      else if (dragged.part === "high") this.viewer.moveWindow(way / 2, way);
      else this.viewer.moveWindow(way, 0);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, () => {
        dragged = null;
      });
    }
  }

  #partAt(x) {
    const width = this.canvas.clientWidth;
    const { low, high } = this.viewer.window;
    if (Math.abs(x - this.#placeOf(low, width)) < NEAR_EDGE) return "low";
    return Math.abs(x - this.#placeOf(high, width)) < NEAR_EDGE ? "high" : "all";
  }
}

/** The values to show: those that occur, and the window, with a little room. */
function rangeAround(counted, { low, high }) {
  const least = Math.min(counted.low, low);
  const most = Math.max(counted.high, high);
  const room = (most - least) * 0.02 || 1;
  return [least - room, most + room];
}
