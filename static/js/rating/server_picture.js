/* The picture of a slice that the server renders, in place of a canvas that does not draw. */

import { shownSize } from "./view_geometry.js";

/** The address of the server's own rendering of what a pane should show. */
export function pictureAddress({ image, window, isVolume, mask }, { name, slice }) {
  const { low, high, inverted } = window;
  const values = { low, high, inverted: Number(inverted), ...(isVolume && { plane: name, slice }) };
  if (mask.isVisible) values.mask = 1;
  return `${image.picture}${image.picture.includes("?") ? "&" : "?"}${new URLSearchParams(values)}`;
}

export class ServerPicture {
  constructor(pane) {
    this.image = document.createElement("img");
    this.image.className = "server-picture";
    this.image.alt = "";
    this.image.draggable = false;
    pane.querySelector("canvas").after(this.image);
    this.address = "";
  }

  /** Show the picture at the pane's view; returns whether another one is fetched for it. */
  show(address, { plane, view, isSmooth }) {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = shownSize(plane, view.scale);
    const lengths = { left: view.left, top: view.top, width, height };
    for (const [side, length] of Object.entries(lengths)) this.image.style[side] = `${length / ratio}px`;
    this.image.style.imageRendering = isSmooth ? "auto" : "pixelated";
    this.image.hidden = false;
    if (address === this.address) return false;
    this.address = address;
    this.image.src = address;
    return true;
  }

  whenLoaded(onLoad, onError) {
    this.image.onload = onLoad;
    this.image.onerror = () => {
      this.address = "";
      onError();
    };
  }

  hide() {
    this.image.hidden = true;
    this.address = "";
  }
}
