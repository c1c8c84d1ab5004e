/* The rater's own last ratings; those that may still be changed have a button. */

import { text, number } from "./text.js";

export class HistoryPanel {
  constructor({ api, place, template, onReopen }) {
    this.api = api;
    this.place = place;
    this.template = template;
    this.onReopen = onReopen;
    this.request = 0;
  }

  /** Ask for the list and show it. */
  async load() {
    this.request += 1;
    const { request } = this;
    this.#say(text("loading"));
    try {
      const { status, data } = await this.api.ownRatings();
      if (request !== this.request) return;
      if (status === 200) this.#show(data.ratings ?? data);
      else this.#say(data?.detail ?? text("stateUnreachable"));
    } catch {
      if (request === this.request) this.#say(text("stateUnreachable"));
    }
  }

  #show(ratings) {
    if (!ratings.length) {
      this.#say(text("noRatings"));
      return;
    }
    this.place.replaceChildren(...ratings.map((rating) => this.#row(rating)));
  }

  #row(rating) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const item = rating.number === null ? text("practiceItem") : text("item", { number: number(rating.number) });
    row.querySelector("[data-part=number]").textContent = item;
    row.querySelector("[data-part=scores]").textContent = scoresLine(rating.scores);
    const time = row.querySelector("time");
    time.dateTime = rating.at;
    time.textContent = new Date(rating.at).toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    const button = row.querySelector("button");
    button.hidden = !rating.reopenable;
    button.setAttribute("aria-label", text("changeItem", { item }));
    button.addEventListener("click", () => this.onReopen(rating.token));
    return row;
  }

  #say(sentence) {
    const line = document.createElement("li");
    line.textContent = sentence;
    this.place.replaceChildren(line);
  }
}

/** Scores in one line, "18 · 17 · – "; a dash where there is no number. */
export function scoresLine(scores) {
  return Object.values(scores)
    .map((score) => score.value ?? "–")
    .join(" · ");
}
