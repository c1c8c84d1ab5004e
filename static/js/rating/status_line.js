/* What is saved and what is not, in a few words; and notices that the rater may close. */

import { number, text } from "./text.js";

const PASSING_MS = 10_000;
const STATE_TEXTS = {
  unreachable: "stateUnreachable",
  logged_out: "stateLoggedOut",
  other_account: "stateOtherAccount",
};

export class StatusLine {
  constructor({ status, notices, noticeTemplate, logIn }) {
    this.status = status;
    this.notices = notices;
    this.noticeTemplate = noticeTemplate;
    this.logIn = logIn;
    this.byName = new Map();
  }

  /** `queue` is the SubmissionQueue, `isLasting` whether the browser keeps what is written. */
  showQueue(queue, isLasting) {
    const count = queue.waitingCount();
    const isStuck = queue.state in STATE_TEXTS;
    const elsewhere = count && queue.waitingElsewhere();
    let line = count ? text("waiting", { count: number(count) }) : text("saved");
    if (elsewhere) line = text("waitingElsewhere", { count: number(count), elsewhere: number(elsewhere) });
    if (isStuck) line = `${text(STATE_TEXTS[queue.state])} ${count ? line : ""}`.trim();
    if (this.status.textContent !== line) this.status.textContent = line;
    this.status.dataset.state = isStuck ? "stuck" : count ? "waiting" : "saved";
    this.showLogIn(queue.state);
    if (!isLasting && count) this.notice("storage", text("storageFull"));
    else this.close("storage");
  }

  /**
   * One notice by name; a second one of that name replaces it. `actions` are {label, run} or
   * {label, href}; a notice that `passes` closes by itself.
   */
  notice(name, sentence, { actions = [], passes = false } = {}) {
    const element = this.noticeTemplate.content.firstElementChild.cloneNode(true);
    element.querySelector("[data-part=text]").textContent = sentence;
    const place = element.querySelector("[data-part=actions]");
    for (const { label, run, href } of actions) {
      place.prepend(href ? this.#link(label, href) : this.#button(label, () => run()));
    }
    element.querySelector("[data-part=close]").addEventListener("click", () => this.close(name));
    this.byName.get(name)?.remove();
    this.byName.set(name, element);
    this.notices.append(element);
    if (passes) setTimeout(() => element === this.byName.get(name) && this.close(name), PASSING_MS);
  }

  close(name) {
    this.byName.get(name)?.remove();
    this.byName.delete(name);
  }

  /** Close the newest notice; false where there is none. */
  closeNewest() {
    const name = [...this.byName.keys()].at(-1);
    if (name === undefined) return false;
    this.close(name);
    return true;
  }

  /** `state` is "logged_out" or "other_account"; any other one closes the notice. */
  showLogIn(state) {
    const sentence = { logged_out: "stateLoggedOutLong", other_account: "stateOtherAccountLong" }[state];
    if (!sentence) this.close("log-in");
    else if (this.shownLogIn !== state || !this.byName.has("log-in")) {
      const action = { label: text("logIn"), href: this.logIn };
      this.notice("log-in", text(sentence), { actions: [action] });
    }
    this.shownLogIn = state;
  }

  #button(label, run) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = label;
    button.addEventListener("click", run);
    return button;
  }

  #link(label, href) {
    const link = document.createElement("a");
    link.className = "button button-small";
    link.href = href;
    link.target = "_blank";
    link.textContent = label;
    return link;
  }
}
