/* "Report a problem": a panel beside the image that blocks nothing. */

export class ProblemDialog {
  /** `onReport` gets {kind, text}. */
  constructor(form, onReport) {
    this.form = form;
    this.error = form.querySelector("[data-part=error]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const kind = data.get("kind");
      const text = String(data.get("text") ?? "").trim();
      const isIncomplete = !kind || (kind === "other" && text === "");
      this.error.hidden = !isIncomplete;
      if (!isIncomplete) onReport({ kind, text });
    });
  }

  clear() {
    this.form.reset();
    this.error.hidden = true;
  }

  focus() {
    this.form.querySelector("input[type=radio]").focus();
  }
}
