/* "Cannot judge" for one criterion: a list of reasons, each with a digit as its key. */

export class CannotJudge {
  /** `part` is the copied template; `onChange` runs after any choice, then `onDigit` after one by key. */
  constructor(part, name, { onChange, onDigit }) {
    this.part = part;
    this.onChange = onChange;
    this.onDigit = onDigit;
    this.radios = [...part.querySelectorAll("input[type=radio]")];
    this.other = part.querySelector("[data-other-text]");
    for (const radio of this.radios) {
      radio.name = `cannot-judge-${name}`;
      radio.addEventListener("change", () => this.#changed());
    }
    this.other.addEventListener("input", () => this.onChange());
    this.other.setAttribute("aria-label", part.dataset.otherLabel);
    part.addEventListener("keydown", (event) => this.#chooseByDigit(event));
    this.#showOther();
  }

  get isOpen() {
    return !this.part.hidden;
  }

  /** {code, reason, text} when a reason is chosen, else null. */
  value() {
    const chosen = this.radios.find(({ checked }) => checked);
    if (!this.isOpen || !chosen) return null;
    return { code: "cannot_judge", reason: chosen.value, text: this.#text(chosen) };
  }

  /** The chosen reason in words, empty where none is chosen. */
  words() {
    const chosen = this.radios.find(({ checked }) => checked);
    if (!chosen) return "";
    return this.#text(chosen) || chosen.parentElement.querySelector("span").textContent;
  }

  /** "reason" or "text" where something is missing, else "". */
  missing() {
    const value = this.value();
    if (!value) return "reason";
    return value.reason === "other" && value.text === "" ? "text" : "";
  }

  open({ reason = "", text = "" } = {}) {
    this.part.hidden = false;
    for (const radio of this.radios) radio.checked = radio.value === reason;
    this.other.value = text;
    this.#showOther();
  }

  close() {
    this.part.hidden = true;
    for (const radio of this.radios) radio.checked = false;
    this.other.value = "";
    this.#showOther();
  }

  focus() {
    const chosen = this.radios.find(({ checked }) => checked);
    if (chosen?.value === "other") this.other.focus();
    else (chosen ?? this.radios[0]).focus();
  }

  #text(chosen) {
    return chosen.value === "other" ? this.other.value.trim() : "";
  }

  #changed() {
    this.#showOther();
    this.onChange();
  }

  #showOther() {
    this.other.hidden = !this.radios.some(({ checked, value }) => checked && value === "other");
  }

  #chooseByDigit(event) {
    if (event.target === this.other || event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const radio = digit && !event.isComposing ? this.radios[Number(digit[1]) - 1] : null;
    if (!radio) return;
    event.preventDefault();
    if (event.repeat) return;
    radio.checked = true;
    this.#changed();
    this.focus();
    this.onDigit(radio.value);
  }
}
