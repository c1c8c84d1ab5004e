/*
 * What the coordinators explain to every rater. New ones are shown above the next item, never in
 * the middle of one, until they are acknowledged; they cover neither image nor fields.
 */

import { number, text } from "./text.js";

const KIND = "acknowledged";

export class Clarifications {
  /**
   * `strip` is shown above the item and holds a list; `earlier` lists those read in this visit;
   * `template` makes one line of either. `pageUrl` is the address of the study's rating page.
   */
  constructor({ queue, pageUrl, strip, earlier, template }) {
    this.queue = queue;
    this.pageUrl = pageUrl;
    this.strip = strip;
    this.list = strip.querySelector("ol");
    this.earlier = earlier;
    this.template = template;
    this.open = [];
    this.shown = [];
    // The queue holds what waits of all studies, and their clarifications have the same numbers
    const isOwn = ({ kind, path }) => kind === KIND && path.startsWith(pageUrl.pathname);
    const pending = queue.entries().filter(isOwn);
    this.seen = Math.max(0, ...pending.map((entry) => entry.number));
  }

  /** What the server knows: {acknowledged, open}. */
  update(state) {
    if (!state) return;
    this.seen = Math.max(this.seen, state.acknowledged);
    this.open = state.open.filter((one) => one.number > this.seen);
  }

  /** A new item begins, or none is left: show what is open, and give back the room of what was read. */
  showDue() {
    if (!this.open.length && this.strip.hidden) return;
    if (this.shown.length && numbersOf(this.open) === numbersOf(this.shown)) return;
    this.shown = this.open;
    this.strip.hidden = !this.open.length;
    this.strip.classList.remove("is-read");
    this.list.replaceChildren(...this.open.map((one) => this.#line(one)));
  }

  /** The rater has read what is shown; the image keeps its place until the next item. */
  acknowledge() {
    const last = this.shown.at(-1);
    if (!last) return;
    this.seen = last.number;
    const path = new URL(`clarifications/${last.number}/acknowledged/`, this.pageUrl).pathname;
    this.queue.add({ kind: KIND, token: "clarifications", path, body: {}, number: last.number });
    this.earlier.hidden = false;
    this.earlier.querySelector("ol").append(...this.shown.map((one) => this.#line(one)));
    this.open = this.open.filter((one) => one.number > this.seen);
    this.shown = [];
    this.strip.classList.add("is-read");
  }

  #line(clarification) {
    const line = this.template.content.firstElementChild.cloneNode(true);
    const published = new Date(clarification.published_at);
    const time = line.querySelector("time");
    time.dateTime = clarification.published_at;
    time.textContent = published.toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" });
    line.querySelector("[data-part=number]").textContent = text("clarification", {
      number: number(clarification.number),
    });
    const words = line.querySelector("[data-part=text]");
    words.textContent = clarification.text;
    words.lang = clarification.lang ?? "";
    return line;
  }
}

function numbersOf(clarifications) {
  return clarifications.map((one) => one.number).join();
}
