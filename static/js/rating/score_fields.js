/*
 * The score fields of the item on screen, and the way through them with Enter. Events: "edit" after
 * any change, "submit" when the last field was left with Enter, "active" when a field was entered.
 */

import { CriterionField } from "./criterion_field.js";
import { RapidInput, withLevels } from "./rapid_scoring.js";
import { checkScore, closesGate } from "./score_values.js";
import { text } from "./text.js";

export class ScoreFields extends EventTarget {
  /** `templates` has one for fields in a list, and one for a single field scored by one digit. */
  constructor(list, templates) {
    super();
    this.list = list;
    this.templates = templates;
    this.fields = [];
    this.active = null;
    this.built = "";
    list.addEventListener("focusin", (event) => {
      const field = this.fields.find(({ element }) => element.contains(event.target));
      if (field) this.#setActive(field);
    });
  }

  /**
   * Show the fields for an assignment, filled with `scores` (a draft or an earlier rating). In
   * rapid mode a digit submits.
   */
  show(assignment, rubric, gate, scores, { isRapid = false } = {}) {
    const asked = new Set(assignment.criteria);
    const notApplicable = new Set(assignment.not_applicable);
    const shown = rubric.criteria.filter(({ code }) => asked.has(code) || notApplicable.has(code));
    this.gate = gate;
    this.criteria = shown;
    this.given = scores;
    this.#build(rubric, shown, isRapid && shown.length === 1);
    for (const field of this.fields) {
      const { code } = field.criterion;
      field.begin(notApplicable.has(code) ? this.#reasonWithout(assignment) : "", scores[code]);
    }
    this.#applyGate();
    this.#setActive(this.#firstOpen() ?? this.#asked()[0] ?? null);
  }

  /** The fields of the item before are used again where the rubric is the same. */
  #build(rubric, criteria, isRapid) {
    const { slug, version, checksum, kind, language } = rubric;
    const codes = criteria.map(({ code }) => code);
    const built = JSON.stringify([slug, version, checksum, kind, language, isRapid, ...codes]);
    if (built === this.built) return;
    this.built = built;
    this.isRapid = isRapid;
    const onChange = () => this.#edited();
    const onReason = (reason) => isRapid && reason !== "other" && this.#submit();
    const template = isRapid ? this.templates.rapid : this.templates.list;
    this.fields = criteria.map((criterion) => {
      const shown = isRapid ? withLevels(criterion) : criterion;
      return new CriterionField(template, shown, { onChange, onReason });
    });
    if (isRapid) new RapidInput(this.fields[0], (typed) => this.#score(this.fields[0], typed));
    this.list.replaceChildren(...this.fields.map(({ element }) => element));
  }

  clear() {
    this.built = "";
    this.fields = [];
    this.active = null;
    this.list.replaceChildren();
  }

  focusActive() {
    if (!this.active) return;
    this.active.focus();
    this.dispatchEvent(new CustomEvent("active"));
  }

  /** Enter: check this field, then go to the next one, or submit after the last. */
  next() {
    if (this.active && !this.active.check()) this.focusActive();
    else if (!this.active || !this.step(1)) this.#submit();
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

  /** Whether everything still is as it was given to `show`. */
  get isUntouched() {
    return this.#asked().every((field) => isSameScore(field.draft(), this.given[field.criterion.code]));
  }

  /** Take back what was typed, as where it cannot be a score of what is on screen. */
  takeBack() {
    for (const field of this.#asked()) field.restore(this.given[field.criterion.code]);
  }

  /** Show the server's objections, {code: sentence}. */
  showErrors(sentences) {
    for (const field of this.fields) field.setError(sentences[field.criterion.code] ?? "");
    const wrong = this.fields.find(({ criterion }) => sentences[criterion.code]);
    if (!wrong) return;
    this.#setActive(wrong);
    wrong.focus();
  }

  /** Rapid mode: this digit is the score, unless it is none. */
  #score(field, typed) {
    const { problem } = checkScore(typed, field.criterion);
    if (problem) field.explain(problem);
    else {
      field.restore({ value: checkScore(typed, field.criterion).value });
      this.#submit();
    }
  }

  #submit() {
    this.dispatchEvent(new CustomEvent("submit"));
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
    if (field !== this.active) {
      this.active = field;
      for (const one of this.fields) one.setActive(one === field);
    }
    this.dispatchEvent(new CustomEvent("active"));
  }
}

function isSameScore(one, other) {
  const partsOf = (score) => [score?.value, score?.code, score?.reason, score?.text].map((part) => part ?? "");
  return partsOf(one).join("\n") === partsOf(other).join("\n");
}
