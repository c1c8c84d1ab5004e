/* "Ask": a question to the coordinators about the item on screen. */

export class QuestionDialog {
  /** `onAsk` gets the text. */
  constructor(form, onAsk) {
    this.form = form;
    this.text = form.querySelector("textarea");
    this.error = form.querySelector("[data-part=error]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const question = this.text.value.trim();
      this.error.hidden = question !== "";
      if (question) onAsk(question);
    });
  }

  clear() {
    this.form.reset();
    this.error.hidden = true;
  }

  focus() {
    this.text.focus();
  }
}
