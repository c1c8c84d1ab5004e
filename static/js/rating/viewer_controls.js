/* The controls below the image; each does what a key does, and shows how the image is shown. */

import { number, text } from "./text.js";

export class ViewerControls {
  constructor(viewer, root) {
    this.viewer = viewer;
    this.parts = Object.fromEntries(
      [...root.querySelectorAll("[data-control]")].map((part) => [part.dataset.control, part]),
    );
    this.edges = viewer.querySelectorAll("[data-edge]");
    this.caption = viewer.querySelector("[data-part=caption]");
    this.#connect();
    viewer.addEventListener("qa-view", () => this.show());
  }

  show() {
    const { viewer, parts } = this;
    const { assignment } = viewer;
    parts.root.hidden = !assignment;
    for (const edge of this.edges) edge.textContent = assignment ? this.#edgeLetter(edge) : "";
    if (!assignment) {
      this.caption.textContent = "";
      return;
    }
    const { low, high, inverted } = viewer.window;
    parts.zoom.textContent = zoomText(viewer.view.scale);
    this.#showTyped(parts.centre, (low + high) / 2);
    this.#showTyped(parts.width, high - low);
    parts.invert.setAttribute("aria-pressed", String(inverted));
    parts.fit.setAttribute("aria-pressed", String(viewer.mode === "fit"));
    parts.one.setAttribute("aria-pressed", String(viewer.mode === "one"));
    this.#showMask();
    this.#showSlice();
  }

  #showMask() {
    const { viewer, parts } = this;
    const hasMask = Boolean(viewer.assignment.mask);
    parts.mask.hidden = parts.opacityPart.hidden = !hasMask;
    parts.mask.setAttribute("aria-pressed", String(viewer.isMaskShown));
    parts.opacity.value = String(viewer.maskOpacity);
    parts.opacity.disabled = !viewer.isMaskShown;
  }

  #showSlice() {
    const { viewer, parts } = this;
    parts.slicePart.hidden = !viewer.isVolume;
    this.caption.textContent = "";
    if (!viewer.isVolume) return;
    const position = text("slice", {
      number: number(viewer.slice + 1),
      total: number(viewer.image.slices),
    });
    parts.slice.max = String(viewer.image.slices - 1);
    parts.slice.value = String(viewer.slice);
    parts.slice.setAttribute("aria-valuetext", position);
    this.caption.textContent = position;
  }

  #showTyped(input, value) {
    if (document.activeElement !== input) input.value = String(Number(value.toPrecision(6)));
  }

  #edgeLetter(edge) {
    const { image } = this.viewer;
    if (this.viewer.assignment.image.kind === "radiograph") return "";
    return image.edges?.[edge.dataset.edge] || "?";
  }

  #connect() {
    const { viewer, parts } = this;
    const onClick = (name, run) => parts[name].addEventListener("click", run);
    onClick("zoomIn", () => viewer.zoom(1));
    onClick("zoomOut", () => viewer.zoom(-1));
    onClick("fit", () => viewer.setMode("fit"));
    onClick("one", () => viewer.setMode("one"));
    onClick("invert", () => viewer.invert());
    onClick("reset", () => viewer.reset());
    onClick("mask", () => viewer.setMaskShown(!viewer.isMaskShown));
    parts.opacity.addEventListener("input", () => viewer.setMaskOpacity(Number(parts.opacity.value)));
    parts.slice.addEventListener("input", () => viewer.showSlice(Number(parts.slice.value)));
    for (const input of [parts.centre, parts.width]) {
      input.addEventListener("change", () => this.#setTyped());
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.isComposing) this.#setTyped();
      });
    }
  }

  #setTyped() {
    const centre = Number(this.parts.centre.value);
    const width = Number(this.parts.width.value);
    this.viewer.setWindow(centre - width / 2, centre + width / 2);
  }
}

/** Device pixels of one image pixel: exact ones are said so. */
function zoomText(scale) {
  if (scale === 1) return text("zoomOne");
  const digits = Number.isInteger(scale) ? 0 : 2;
  return text("zoom", { scale: scale.toFixed(digits) });
}
