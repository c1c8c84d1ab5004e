/*
 * One plane of an image on a 2D canvas: stored values through the window into a picture of the
 * image's own size, and that picture drawn at the view's place and scale. The mask is a second
 * picture over it, so that showing it moves nothing.
 */

import { applyWindow } from "./window_level.js";
import { aspectOf } from "./view_geometry.js";

/** Amber, told from grey by people of any colour vision. */
const MASK_COLOUR = [255, 176, 0];

export class CanvasView {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.picture = new Picture();
    this.overlay = new Picture();
    this.image = null;
    this.hasMask = false;
  }

  /** Make the canvas as large as its place, in device pixels; returns whether that changed. */
  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    return true;
  }

  setPlane(pixels, image, window) {
    this.image = image;
    this.picture.fill(image, (rgba) => {
      applyWindow(pixels, image.channels, image.dtype, window, rgba);
    });
  }

  /** `mask` holds a byte for each pixel, or is null. */
  setMask(mask, image) {
    this.hasMask = mask !== null;
    if (!mask) return;
    const [red, green, blue] = MASK_COLOUR;
    this.overlay.fill(image, (rgba) => {
      for (let index = 0, place = 0; index < mask.length; index += 1, place += 4) {
        rgba[place] = red;
        rgba[place + 1] = green;
        rgba[place + 2] = blue;
        rgba[place + 3] = mask[index] ? 255 : 0;
      }
    });
  }

  clear() {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.globalAlpha = 1;
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw(view, maskOpacity) {
    this.clear();
    if (!this.image) return;
    const { context } = this;
    // Nearest above 1:1: each image pixel a block; averaged below, where pixels must share
    context.imageSmoothingEnabled = view.scale < 1;
    context.imageSmoothingQuality = "high";
    this.#place(this.picture, view);
    if (this.hasMask && maskOpacity > 0) {
      context.globalAlpha = maskOpacity;
      this.#place(this.overlay, view);
    }
  }

  #place(picture, view) {
    const { columns, rows } = this.image;
    const width = columns * aspectOf(this.image) * view.scale;
    this.context.drawImage(picture.canvas, view.left, view.top, width, rows * view.scale);
  }
}

class Picture {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.data = null;
  }

  fill({ columns, rows }, write) {
    if (!this.data || this.data.width !== columns || this.data.height !== rows) {
      this.canvas.width = columns;
      this.canvas.height = rows;
      this.data = this.context.createImageData(columns, rows);
    }
    write(this.data.data);
    this.context.putImageData(this.data, 0, 0);
  }
}
