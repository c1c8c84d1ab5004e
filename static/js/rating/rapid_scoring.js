/*
 * A protocol of one criterion with at most ten whole numbers: one digit scores and goes on. A digit
 * counts once for each press: a held key, an input method and a double click give no second score.
 */

import { normaliseDigits } from "./score_values.js";

const DIGIT = /^[0-9０-９]$/;

/** The criterion with one level for each digit; those without words take their band's. */
export function withLevels(criterion) {
  const levels = [];
  for (let value = criterion.minimum; value <= criterion.maximum; value += 1) {
    const own = criterion.levels.find((level) => level.value === value);
    const band = criterion.bands.find(({ start, end }) => value >= start && value <= end);
    levels.push(own ?? { value, label: band?.label ?? "", text: "", is_gloss: false });
  }
  return { ...criterion, bands: [], levels };
}

export class RapidInput {
  /** `field` is the CriterionField; `onScore` gets what was typed or pressed, right or wrong. */
  constructor(field, onScore) {
    this.field = field;
    this.onScore = onScore;
    this.isHeld = false;
    this.isTaken = false;
    this.before = "";
    const { input, element } = field;
    // The buttons are there for fingers, and would be covered by a keyboard on the screen
    input.inputMode = "none";
    input.addEventListener("keydown", (event) => this.#pressed(event));
    input.addEventListener("keyup", () => {
      this.isHeld = false;
    });
    for (const name of ["beforeinput", "compositionstart"]) {
      input.addEventListener(name, (event) => {
        if (!event.isComposing) this.before = input.value;
      });
    }
    for (const name of ["input", "compositionend"]) {
      element.addEventListener(name, (event) => this.#typed(event), { capture: true });
    }
    element.addEventListener("click", (event) => this.#clicked(event));
    for (const button of element.querySelectorAll("[data-level]")) {
      button.addEventListener("pointerdown", (event) => event.preventDefault());
    }
  }

  #pressed(event) {
    this.isHeld = event.repeat;
    if (event.repeat && DIGIT.test(event.key)) event.preventDefault();
  }

  #typed(event) {
    const { input } = this.field;
    if (event.target !== input) return;
    event.stopPropagation();
    if (event.type === "input" && event.isComposing) return;
    const typed = normaliseDigits(event.data ?? input.value);
    input.value = this.before;
    // Browsers differ in whether an input event follows the end of a composition
    if (this.isTaken || this.isHeld || typed === "") return;
    this.isTaken = true;
    setTimeout(() => {
      this.isTaken = false;
    });
    this.onScore(typed);
  }

  #clicked(event) {
    const button = event.target.closest("[data-level]");
    // The second click of a double one would score the next item
    if (button && event.detail <= 1) this.onScore(button.dataset.level);
  }
}
