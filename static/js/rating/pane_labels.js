/* What is written over a plane: the letters at its edges, its slice, and the crosshair's lines. */

import { number, text } from "./text.js";
import { meetingPixel } from "./crosshair.js";
import { pointOf } from "./view_geometry.js";

export const PLANE_TEXTS = { axial: "planeAxial", coronal: "planeCoronal", sagittal: "planeSagittal" };

export class PaneLabels {
  constructor(element, host) {
    this.element = element;
    this.host = host;
    this.canvas = element.querySelector("canvas");
    this.caption = element.querySelector("[data-part=caption]");
    this.crosshair = element.querySelector("[data-part=crosshair]");
    this.edges = element.querySelectorAll("[data-edge]");
    this.written = "";
  }

  showEdges({ plane }) {
    const { kind } = this.host.image;
    for (const edge of this.edges) {
      edge.textContent = kind === "radiograph" ? "" : plane.edges?.[edge.dataset.edge] || "?";
    }
  }

  /** Slice, worst mark and crosshair as they are by now. */
  show(pane) {
    this.element.classList.toggle("pane-active", this.host.isVolume && pane.name === this.host.currentPlane);
    this.#showCaption(pane);
    this.#showCrosshair(pane);
  }

  #showCaption(pane) {
    const { host } = this;
    const worst = host.worstSlice;
    const slice = pane.shownSlice ?? pane.slice;
    const isWorst = worst?.plane === pane.name && worst.slice === slice;
    const written = [pane.name, slice, isWorst].join();
    if (written === this.written) return;
    this.written = written;
    const parts = {
      plane: host.isVolume ? text(PLANE_TEXTS[pane.name]) : "",
      number: number(slice + 1),
      total: number(pane.plane.slices),
    };
    this.caption.textContent = host.isVolume ? text(isWorst ? "worstCaption" : "planeCaption", parts) : "";
    this.caption.classList.toggle("caption-worst", isWorst);
    this.canvas.setAttribute("aria-label", host.isVolume ? text("planeImage", parts) : text("image"));
  }

  #showCrosshair(pane) {
    const { host, crosshair } = this;
    const pixel = host.isCrosshairSeen ? meetingPixel(pane.plane, host.slices) : null;
    crosshair.hidden = !pixel;
    if (!pixel) return;
    const ratio = window.devicePixelRatio || 1;
    const { x, y } = pointOf(pane.plane, pane.view, pixel);
    crosshair.style.transform = `translate(${x / ratio}px, ${y / ratio}px)`;
  }
}
