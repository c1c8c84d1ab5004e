/*
 * The question about room and monitor before the first image, with two grey patches: 5% on black
 * and 95% on white, drawn value by value. Digits typed meanwhile are not taken for answers.
 */

/** Field and shape of each patch: 5% and 95% of 255. */
const PATCHES = {
  dark: { field: 0, shape: 13 },
  bright: { field: 255, shape: 242 },
};
const CHOICES = ["room", "monitor", "dark", "bright"];

export class ConditionsForm {
  /** `onState` gets what the server is to be told. */
  constructor(form, onState) {
    this.form = form;
    this.early = form.querySelector("[data-part=early]");
    this.error = form.querySelector("[data-part=error]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const missing = CHOICES.find((name) => !data.get(name));
      this.error.hidden = !missing;
      if (missing) form.querySelector(`[name=${missing}]`).focus();
      else onState(conditionsOf(data));
    });
  }

  get isOpen() {
    return !this.form.hidden;
  }

  open() {
    if (this.isOpen) return;
    this.form.reset();
    for (const canvas of this.form.querySelectorAll("canvas")) showPatch(canvas, PATCHES[canvas.dataset.patch]);
    this.early.hidden = this.error.hidden = true;
    this.form.hidden = false;
    this.form.querySelector("input").focus();
  }

  close() {
    this.form.hidden = true;
  }

  /** The rater began to type scores: say why nothing happens. */
  explainDigits() {
    this.early.hidden = false;
  }
}

function conditionsOf(data) {
  return {
    room: data.get("room"),
    monitor: data.get("monitor"),
    sees_dark_patch: data.get("dark") === "yes",
    sees_bright_patch: data.get("bright") === "yes",
  };
}

/** Where the canvas cannot draw, the style of its background does, and the page goes on. */
function showPatch(canvas, patch) {
  try {
    drawPatch(canvas, patch);
  } catch {
    const [field, shape] = [patch.field, patch.shape].map((grey) => `rgb(${grey}, ${grey}, ${grey})`);
    canvas.style.background = `radial-gradient(circle, ${field} 13px, ${shape} 13px 26px, ${field} 26px)`;
  }
}

/** A ring in the middle of its field, in whole pixels of exactly two greys. */
function drawPatch(canvas, { field, shape }) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const picture = context.createImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const distance = Math.hypot(row + 0.5 - height / 2, column + 0.5 - width / 2) / height;
      const isRing = distance > 0.18 && distance < 0.36;
      const place = 4 * (row * width + column);
      picture.data.fill(isRing ? shape : field, place, place + 3);
      picture.data[place + 3] = 255;
    }
  }
  context.putImageData(picture, 0, 0);
}
