/* One criterion on the page: its score field, its bands, its guidance, and "cannot judge". */

import { afterPaint } from "./after_paint.js";
import { CannotJudge } from "./cannot_judge.js";
import { bandIndex, bandsOf, checkScore, normaliseDigits } from "./score_values.js";
import { number, text } from "./text.js";

export class CriterionField {
  /** `onChange` runs after any edit, `onReason` when a digit named why it cannot be judged. */
  constructor(template, criterion, { onChange, onReason }) {
    this.criterion = criterion;
    this.onChange = onChange;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.input = this.#part("input");
    this.error = this.#part("error");
    this.code = this.#part("code");
    this.bands = [];
    this.lit = -1;
    this.closedReason = "";
    this.#fillTexts();
    this.#fillBands();
    this.#fillGuidance();
    this.cannotJudge = new CannotJudge(this.#part("cannot-judge"), criterion.code, {
      onChange: () => this.#edited(),
      onDigit: onReason,
    });
    this.input.addEventListener("input", (event) => this.#typed(event));
    this.input.addEventListener("compositionend", () => this.#typed({ isComposing: false }));
    this.isNotApplicable = false;
  }

  /**
   * Begin an item: `closedReason` says why the criterion does not apply, empty where it does;
   * `score` is a former one.
   */
  begin(closedReason, score) {
    this.isNotApplicable = closedReason !== "";
    this.setClosed(closedReason);
    this.restore(this.isNotApplicable ? null : score);
  }

  get isAsked() {
    return this.closedReason === "";
  }

  /** What goes to the server; null where nothing valid is given. */
  value() {
    if (!this.isAsked) return null;
    if (this.cannotJudge.isOpen) return this.cannotJudge.value();
    const { value } = checkScore(this.input.value, this.criterion);
    return value === undefined ? null : { value };
  }

  /** What stands there to be read: name, score with its band or why there is none, and both ends. */
  shown() {
    const band = this.bands[this.lit]?.querySelector("[data-part=label]").textContent ?? "";
    const score = this.input.hidden ? this.code.textContent : `${this.input.value} ${band}`.trim();
    return { title: this.criterion.title, score, ends: this.#part("ends").textContent };
  }

  /** What is kept in a draft: also what would be refused. */
  draft() {
    if (this.cannotJudge.isOpen) return this.cannotJudge.value() ?? { code: "cannot_judge" };
    return this.input.value === "" ? null : { value: this.input.value };
  }

  restore(score) {
    if (this.cannotJudge.isOpen) this.cannotJudge.close();
    this.input.value = score?.value ?? "";
    if (score?.code === "cannot_judge") this.cannotJudge.open(score);
    this.#show();
    this.setError("");
  }

  /** Show what is missing or wrong; true where nothing is. */
  check() {
    if (!this.isAsked) return true;
    if (this.cannotJudge.isOpen) {
      const missing = this.cannotJudge.missing();
      this.setError(missing ? text(missing === "text" ? "missingText" : "missingReason") : "");
      return missing === "";
    }
    const { problem = "" } = checkScore(this.input.value, this.criterion);
    this.setError(problem && this.#sentenceOf(problem));
    return problem === "";
  }

  /** Say what is wrong with what was typed and not taken. */
  explain(problem) {
    this.setError(this.#sentenceOf(problem));
  }

  setError(sentence) {
    if (sentence === "" && this.error.hidden) return;
    this.error.textContent = sentence;
    this.error.hidden = sentence === "";
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  /** Not asked: greyed, with the reason in place of the field. */
  setClosed(reason) {
    this.closedReason = reason;
    this.element.classList.toggle("criterion-closed", reason !== "");
    this.input.disabled = reason !== "";
    this.#show();
  }

  toggleCannotJudge() {
    if (!this.isAsked) return;
    if (this.cannotJudge.isOpen) this.cannotJudge.close();
    else this.cannotJudge.open();
    this.setError("");
    this.#show();
    this.focus();
    this.onChange();
  }

  focus() {
    if (this.cannotJudge.isOpen) this.cannotJudge.focus();
    else {
      this.input.focus({ preventScroll: true });
      if (this.input.value !== "") this.input.select();
    }
    afterPaint(() => this.element.contains(document.activeElement) && this.scrollIntoView());
  }

  scrollIntoView() {
    this.element.scrollIntoView({ block: "nearest" });
  }

  setActive(isActive) {
    this.element.classList.toggle("criterion-active", isActive);
  }

  #typed(event) {
    if (event.isComposing) return;
    const plain = normaliseDigits(this.input.value);
    if (plain !== this.input.value) this.input.value = plain;
    this.#edited();
  }

  #edited() {
    this.#show();
    const { problem } = checkScore(this.input.value, this.criterion);
    const isWrong = !this.cannotJudge.isOpen && problem && problem !== "empty";
    this.setError(isWrong ? this.#sentenceOf(problem) : "");
    this.onChange();
  }

  #show() {
    const isOpen = this.cannotJudge?.isOpen ?? false;
    const lit = this.isAsked && !isOpen ? bandIndex(this.input.value, this.criterion) : -1;
    this.#light(lit);
    this.element.classList.toggle("criterion-unjudged", isOpen);
    this.input.hidden = isOpen || !this.isAsked;
    this.code.hidden = !this.input.hidden;
    this.code.textContent = this.isAsked ? this.#wordsOfCode() : this.closedReason;
  }

  #light(lit) {
    if (lit === this.lit) return;
    this.lit = lit;
    this.bands.forEach((band, index) => {
      band.classList.toggle("band-lit", index === lit);
      if (index === lit) band.setAttribute("aria-current", "true");
      else band.removeAttribute("aria-current");
    });
  }

  #wordsOfCode() {
    const reason = this.cannotJudge?.words() ?? "";
    return reason ? text("cannotJudgeReason", { reason }) : text("cannotJudge");
  }

  #sentenceOf(problem) {
    const { minimum, maximum, decimals } = this.criterion;
    const parts = { minimum: number(minimum), maximum: number(maximum), decimals };
    const name = { empty: "errorEmpty", range: "errorRange", not_a_number: "errorNumber" }[problem];
    return text(name ?? (decimals ? "errorDecimals" : "errorWhole"), parts);
  }

  #fillTexts() {
    const { code, title, question, minimum, maximum, minimum_end, maximum_end } = this.criterion;
    this.element.dataset.code = code;
    const label = this.#part("title");
    label.textContent = title;
    label.title = question;
    this.input.id = `score-${code}`;
    label.htmlFor = this.input.id;
    this.#part("ends").textContent = text("ends", {
      minimum: number(minimum),
      maximum: number(maximum),
      minimum_end,
      maximum_end,
    });
    const described = ["ends", "bands", "error"].map((name) => {
      this.#part(name).id = `score-${code}-${name}`;
      return `score-${code}-${name}`;
    });
    this.input.setAttribute("aria-describedby", described.join(" "));
    if (this.criterion.decimals) this.input.inputMode = "decimal";
  }

  #fillBands() {
    const template = this.#part("band-template");
    for (const band of bandsOf(this.criterion)) {
      const element = template.content.firstElementChild.cloneNode(true);
      const isOne = band.start === band.end;
      element.querySelector("[data-part=range]").textContent = isOne
        ? number(band.start)
        : `${number(band.start)}–${number(band.end)}`;
      element.querySelector("[data-part=label]").textContent = band.label;
      this.#fillLevel(element, band);
      this.bands.push(element);
    }
    this.#part("bands").append(...this.bands);
    this.#part("bands").hidden = this.bands.length === 0;
    this.element.classList.toggle("criterion-has-bands", this.bands.length > 0);
    this.element.classList.toggle("criterion-has-levels", this.criterion.levels.length > 0);
    template.remove();
  }

  /** Where each score has a button, its meaning stands in it. */
  #fillLevel(element, { start, text: meaning = "" }) {
    const button = element.querySelector("[data-level]");
    if (!button) return;
    button.dataset.level = String(start);
    element.querySelector("[data-part=level-text]").textContent = meaning;
  }

  #fillGuidance() {
    const { question, guidance, levels, required_structures } = this.criterion;
    const lines = this.#part("guidance-lines");
    const add = (line, isGloss) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      if (isGloss) paragraph.append(" ", this.#part("gloss-template").content.cloneNode(true));
      lines.append(paragraph);
    };
    if (question) add(question, false);
    if (guidance) add(guidance.text, guidance.is_gloss);
    for (const level of levels) {
      if (level.text) add(`${number(level.value)} – ${level.text}`, level.is_gloss);
    }
    if (required_structures.length) {
      const names = required_structures.join(text("listSeparator"));
      add(text("structures", { names }), this.criterion.required_structures_are_gloss);
    }
  }

  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }
}
