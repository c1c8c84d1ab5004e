/*
 * The item on paper: the server's picture of each plane on screen, the counter and the scores.
 *
 * A browser that is about to print waits for nothing. So the page's own command fetches the pictures
 * first; whoever prints by the browser's menu gets what the canvases show until they have come.
 */

import { pictureAddress } from "./server_picture.js";
import { text } from "./text.js";
import { shownSize } from "./view_geometry.js";

/** After this long, what is on screen must do. */
const LONGEST_WAIT_MS = 5_000;

export class PrintSheet {
  /** `parts`: viewer, fields, comment, and `copied`, elements whose words name the item and its view. */
  constructor(sheet, parts) {
    Object.assign(this, parts);
    this.sheet = sheet;
    this.pictures = new Map();
    window.addEventListener("beforeprint", () => this.fill());
  }

  /** Fetch the pictures, then print; nothing where the item was left meanwhile. */
  async print() {
    const { assignment } = this.viewer;
    this.fill();
    const coming = [...this.pictures.values()].map(({ image }) => image.decode());
    const waited = new Promise((done) => setTimeout(done, LONGEST_WAIT_MS));
    await Promise.race([Promise.allSettled(coming), waited]);
    if (this.viewer.assignment === assignment) window.print();
  }

  /** Put on the sheet what is on screen by now. */
  fill() {
    const { viewer, copied } = this;
    const isSeen = viewer.assignment && !viewer.isBlank;
    const panes = isSeen ? viewer.panes.shown.filter(({ shownSlice }) => shownSlice !== null) : [];
    this.pictures = new Map(panes.map((pane) => this.#pictureOf(pane)));
    this.#part("pictures").replaceChildren(...[...this.pictures.values()].map(({ figure }) => figure));
    this.#part("item").textContent = wordsOf(copied.item);
    const view = [...copied.view, ...(viewer.window?.inverted ? [{ textContent: text("inverted") }] : [])];
    this.#part("view").textContent = isSeen ? wordsOf(view) : "";
    const rows = isSeen ? this.fields.fields.map((field) => this.#row(field.shown())) : [];
    this.#part("scores").replaceChildren(...rows);
    this.#part("comment").textContent = isSeen ? this.comment.value : "";
  }

  #pictureOf(pane) {
    const address = pictureAddress(this.viewer, { name: pane.name, slice: pane.shownSlice });
    const picture = this.pictures.get(address) ?? this.#newPicture(address, pane);
    const { figure, image } = picture;
    figure.querySelector("figcaption").textContent = pane.labels.caption.textContent;
    figure.querySelector("canvas")?.remove();
    const isThere = image.complete && image.naturalWidth > 0;
    image.hidden = !isThere;
    if (!isThere) image.after(copyOf(pane));
    return [address, picture];
  }

  #newPicture(address, { plane, labels }) {
    const figure = this.#fromTemplate("picture-template");
    const image = figure.querySelector("img");
    image.src = address;
    image.alt = labels.canvas.getAttribute("aria-label");
    const shape = (plane.columns * plane.pixel_width) / (plane.rows * plane.pixel_height);
    figure.style.setProperty("--shape", String(shape));
    for (const edge of labels.edges) {
      figure.querySelector(`[data-edge=${edge.dataset.edge}]`).textContent = edge.textContent;
    }
    return { figure, image };
  }

  #row(shown) {
    const row = this.#fromTemplate("score-template");
    for (const [name, words] of Object.entries(shown)) row.querySelector(`[data-part=${name}]`).textContent = words;
    return row;
  }

  #fromTemplate(name) {
    return this.#part(name).content.firstElementChild.cloneNode(true);
  }

  #part(name) {
    return this.sheet.querySelector(`[data-part=${name}]`);
  }
}

/** What a pane's canvas shows of its image, without the black around it. */
function copyOf({ plane, view, canvas: { canvas: screen } }) {
  const copy = document.createElement("canvas");
  const size = shownSize(plane, view.scale);
  const left = Math.max(0, Math.floor(view.left));
  const top = Math.max(0, Math.floor(view.top));
  copy.width = Math.max(1, Math.min(screen.width, Math.ceil(view.left + size.width)) - left);
  copy.height = Math.max(1, Math.min(screen.height, Math.ceil(view.top + size.height)) - top);
  copy.getContext("2d")?.drawImage(screen, -left, -top);
  return copy;
}

function wordsOf(elements) {
  const seen = elements.filter(({ hidden }) => !hidden);
  return seen.map(({ textContent }) => textContent.trim().replaceAll("\n", " · ")).filter(Boolean).join(" · ");
}
