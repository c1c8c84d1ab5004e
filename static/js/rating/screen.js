/* The parts of the page around image and scores: header, message over the image, last row. */

import { scoresLine } from "./history_panel.js";
import { chooseLayout } from "./page_layout.js";
import { bandIndex, bandsOf } from "./score_values.js";
import { number, text } from "./text.js";

const LIT_MS = 900;

export class Screen {
  /** `parts` maps names to elements, see rate_study.js. */
  constructor(parts, viewer) {
    this.parts = parts;
    this.viewer = viewer;
    this.image = null;
    this.shape = "";
    this.shownMessage = "";
    window.addEventListener("resize", () => this.layOut());
  }

  /** Show the message `name` of the template over the image, or none. */
  message(name) {
    this.shownMessage = name;
    // A message that would only flash is not shown
    if (name.startsWith("loading-")) setTimeout(() => this.#showMessage(), 150);
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
    const shape = shapeOf(assignment.image);
    const isSame = this.shape === shape;
    this.shape = shape;
    this.image = assignment.image;
    if (!isSame) this.layOut();
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

  /** The last item and its scores; a single level in words, lit for a moment. */
  showLast({ assignment, scores }, rubric) {
    const { parts } = this;
    parts.last.hidden = false;
    const counter = assignment.counter?.number;
    parts.lastItem.textContent = assignment.practice || !counter ? text("practiceItem") : text("item", { number: number(counter) });
    parts.lastScores.textContent = levelLine(scores, rubric) ?? scoresLine(scores);
    parts.last.classList.add("is-new");
    clearTimeout(this.fading);
    this.fading = setTimeout(() => parts.last.classList.remove("is-new"), LIT_MS);
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
    const layout = chooseLayout(this.image, {
      width: place.width,
      height: place.height,
      ratio: window.devicePixelRatio || 1,
    });
    if (root.dataset.layout !== layout) root.dataset.layout = layout;
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

/** "3 Good" where one level is all there is to say, else null. */
function levelLine(scores, rubric) {
  const [score, ...others] = Object.entries(scores);
  if (others.length || score?.[1].value === undefined) return null;
  const criterion = rubric?.criteria.find(({ code }) => code === score[0]);
  const band = criterion && bandsOf(criterion)[bandIndex(score[1].value, criterion)];
  return band ? `${score[1].value} ${band.label}` : null;
}

/** What the layout depends on. */
function shapeOf({ planes }) {
  return Object.values(planes)
    .flatMap(({ rows, columns, pixel_height: height, pixel_width: width }) => [rows, columns, width / height])
    .join(" ");
}
