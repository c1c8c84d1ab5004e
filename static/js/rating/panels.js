/*
 * Panels over the edge of the image: help, own ratings, report of a problem. They never block what
 * lies under them; one is open at a time and Escape closes it.
 */

export class Panels {
  constructor(elements, onClose) {
    this.elements = elements;
    this.onClose = onClose;
    for (const panel of elements) {
      panel.querySelector("[data-part=close]").addEventListener("click", () => this.close());
    }
  }

  get current() {
    return this.elements.find(({ hidden }) => !hidden) ?? null;
  }

  /** Open the panel, or close it where it is open; returns whether it is open now. */
  toggle(name) {
    const panel = this.elements.find(({ id }) => id === `panel-${name}`);
    const isOpening = panel.hidden;
    for (const other of this.elements) other.hidden = true;
    panel.hidden = !isOpening;
    if (isOpening) panel.querySelector("h2").focus();
    else this.onClose();
    return isOpening;
  }

  /** Close the open panel; false where there is none. */
  close() {
    if (!this.current) return false;
    this.current.hidden = true;
    this.onClose();
    return true;
  }
}
