/* The guidance of the active criterion: one key opens it, and it stays open from field to field. */

export class Guidance {
  constructor(root, buttons) {
    this.root = root;
    this.buttons = buttons;
    this.isOpen = false;
    this.show();
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.show();
    this.root.querySelector(".criterion-active")?.scrollIntoView({ block: "nearest" });
  }

  show() {
    this.root.classList.toggle("guidance-open", this.isOpen);
    for (const button of this.buttons) button.setAttribute("aria-expanded", String(this.isOpen));
  }
}
