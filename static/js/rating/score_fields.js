/*
 * The score fields of the item on screen, and the way through them with Enter. Events: "edit" after
 * any change, "submit" when the last field was left with Enter, "active" when the focus moved.
 */

import { CriterionField } from "./criterion_field.js";
import { closesGate } from "./score_values.js";
import { text } from "./text.js";

export class ScoreFields extends EventTarget {
  constructor(list, template) {
    super();
    this.list = list;
    this.template = template;
    this.fields = [];
    this.active = null;
    list.addEventListener("focusin", (event) => {
      const field = this.fields.find(({ element }) => element.contains(event.target));
      if (field) this.#setActive(field);
    });
  }

  /** Build the fields for an assignment, filled with `scores` (a draft or an earlier rating). */
  show(assignment, rubric, gate, scores) {
    const asked = new Set(assignment.criteria);
    const notApplicable = new Set(assignment.not_applicable);
    const shown = rubric.criteria.filter(({ code }) => asked.has(code) || notApplicable.has(code));
    this.gate = gate;
    this.criteria = shown;
    this.fields = shown.map((criterion) => {
      const reason = notApplicable.has(criterion.code) ? this.#reasonWithout(assignment) : "";
      return new CriterionField(this.template, criterion, reason, () => this.#edited());
    });
    this.list.replaceChildren(...this.fields.map(({ element }) => element));
    for (const field of this.fields) if (field.isAsked) field.restore(scores[field.criterion.code]);
    this.#applyGate();
    this.#setActive(this.#firstOpen() ?? this.#asked()[0] ?? null);
  }

  clear() {
    this.fields = [];
    this.active = null;
    this.list.replaceChildren();
  }

  focusActive() {
    this.active?.focus();
  }

  /** Enter: check this field, then go to the next one, or submit after the last. */
  next() {
    if (!this.active?.check()) {
      this.focusActive();
      return;
    }
    if (!this.step(1)) this.dispatchEvent(new CustomEvent("submit"));
  }

  /** Go up or down; false at the end. */
  step(direction) {
    const asked = this.#asked();
    const target = asked[asked.indexOf(this.active) + direction];
    if (!target) return false;
    this.#setActive(target);
    target.focus();
    return true;
  }

  toggleCannotJudge() {
    this.active?.toggleCannotJudge();
  }

  /** The scores to submit, or null after showing what is missing at the first wrong field. */
  checked() {
    const wrong = this.#asked().filter((field) => !field.check());
    if (wrong.length) {
      this.#setActive(wrong[0]);
      wrong[0].focus();
      return null;
    }
    return Object.fromEntries(this.#asked().map((field) => [field.criterion.code, field.value()]));
  }

  /** What is typed so far, right or wrong. */
  draft() {
    const typed = this.fields.map((field) => [field.criterion.code, field.draft()]);
    return Object.fromEntries(typed.filter(([, score]) => score !== null));
  }

  /** Show the server's objections, {code: sentence}. */
  showErrors(sentences) {
    for (const field of this.fields) field.setError(sentences[field.criterion.code] ?? "");
    const wrong = this.fields.find(({ criterion }) => sentences[criterion.code]);
    if (!wrong) return;
    this.#setActive(wrong);
    wrong.focus();
  }

  #edited() {
    this.#applyGate();
    this.dispatchEvent(new CustomEvent("edit"));
  }

  #applyGate() {
    const typed = this.fields.find(({ criterion }) => criterion.code === this.gate?.criterion);
    const isClosed = closesGate(typed?.value()?.value ?? "", this.gate, this.criteria);
    for (const field of this.fields) {
      if (field === typed || field.isNotApplicable) continue;
      const reason = isClosed ? text("notAsked") : "";
      if (field.closedReason !== reason) field.setClosed(reason);
    }
  }

  #asked() {
    return this.fields.filter(({ isAsked }) => isAsked);
  }

  #firstOpen() {
    return this.#asked().find((field) => field.value() === null);
  }

  #reasonWithout(assignment) {
    return text(assignment.mask ? "notApplicable" : "noMask");
  }

  #setActive(field) {
    this.active = field;
    for (const one of this.fields) one.setActive(one === field);
    this.dispatchEvent(new CustomEvent("active"));
  }
}
