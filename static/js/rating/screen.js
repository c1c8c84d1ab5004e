/* The parts of the page around image and scores: header, message over the image, last row. */

import { scoresLine } from "./history_panel.js";
import { chooseLayout } from "./page_layout.js";
import { number, text } from "./text.js";

export class Screen {
  /** `parts` maps names to elements, see rate_study.js. */
  constructor(parts, viewer) {
    this.parts = parts;
    this.viewer = viewer;
    this.image = null;
    this.shownMessage = "";
    window.addEventListener("resize", () => this.layOut());
  }

  /** Show the message `name` of the template over the image, or none. */
  message(name) {
    this.shownMessage = name;
    // A message that would only flash is not shown
    if (name === "loading-image") setTimeout(() => this.#showMessage(), 150);
    else this.#showMessage();
  }

  showStudy(study) {
    this.parts.simulated.hidden = !study.simulated;
  }

  /** `assignment` is null at the end. */
  showItem(assignment, { progress, isChange = false }) {
    const { parts } = this;
    parts.practice.hidden = !assignment?.practice;
    parts.change.hidden = !isChange;
    parts.scores.hidden = !assignment;
    this.showCounter(assignment, progress);
    if (!assignment) return;
    const { rows, columns } = this.image ?? {};
    this.image = assignment.image;
    if (rows !== this.image.rows || columns !== this.image.columns) this.layOut();
  }

  showCounter(assignment, progress) {
    const { parts } = this;
    const counter = assignment?.counter;
    if (counter) {
      const counted = { number: number(counter.number), total: number(counter.total) };
      parts.counter.textContent = text(assignment.practice ? "practiceCounter" : "counter", counted);
    } else if (progress) {
      const counted = { rated: number(progress.rated), total: number(progress.total) };
      parts.counter.textContent = text("rated", counted);
    }
  }

  showLast({ assignment, scores }) {
    const { parts } = this;
    parts.last.hidden = false;
    const counter = assignment.counter?.number;
    parts.lastItem.textContent = assignment.practice || !counter ? text("practiceItem") : text("item", { number: number(counter) });
    parts.lastScores.textContent = scoresLine(scores);
  }

  showComment(isOpen) {
    this.parts.commentPart.hidden = !isOpen;
  }

  showPause(isPaused) {
    this.parts.scores.inert = isPaused;
    this.parts.pause.setAttribute("aria-pressed", String(isPaused));
    this.message(isPaused ? "paused" : "");
  }

  /** Put the scores where the image gets larger. */
  layOut() {
    const { root } = this.parts;
    const place = root.getBoundingClientRect();
    root.dataset.layout = chooseLayout(this.image, {
      width: place.width,
      height: place.height,
      ratio: window.devicePixelRatio || 1,
    });
  }

  #showMessage() {
    const { message } = this.parts;
    if (message.dataset.shown === this.shownMessage) return;
    message.dataset.shown = this.shownMessage;
    const template = this.shownMessage && document.getElementById(`message-${this.shownMessage}`);
    message.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
    message.hidden = !template;
  }
}
