/*
 * The next assignments, asked from the server whenever few are left and whenever the rater's state
 * may have changed. Events: "study" (name, state and progress are known anew), "more" (the list was
 * renewed), "taken-out" (the item on screen was hidden or withdrawn), "logged-out", and "stranger"
 * (someone else is logged in by now).
 */

import { AssignmentList } from "./assignment_list.js";
import { Unreachable } from "./api.js";

const CUT_OFF = new Set(["unreachable", "logged_out", "other_account"]);
const FEW = 8;
const RETRY_MS = 5_000;
/** A paused study may go on, a coordinator may withdraw an item: ask now and then. */
const REFRESH_MS = 15_000;

export class Feed extends EventTarget {
  /** `defer(run)` may put off asking until the next item is on screen. */
  constructor({ api, queue, defer = (run) => run() }) {
    super();
    this.api = api;
    this.queue = queue;
    this.defer = defer;
    this.list = new AssignmentList();
    this.known = new Map();
    this.study = null;
    this.rubrics = {};
    this.gate = null;
    this.progress = null;
    this.conditions = undefined;
    this.logIn = "";
    this.clarifications = null;
    this.currentToken = null;
    this.running = null;
    this.isOutdated = false;
    this.hasNewerProgress = false;
    this.isReachable = true;
    setInterval(() => this.refill(), REFRESH_MS);
    queue.addEventListener("state", () => this.#goOnAlone());
  }

  get upcoming() {
    return this.list.upcoming;
  }

  get hasNext() {
    return this.upcoming.length > 0 || (this.isCutOff && this.list.later.length > 0);
  }

  /** Nothing new comes from the server for now. */
  get isCutOff() {
    return !this.isReachable || CUT_OFF.has(this.queue.state);
  }

  /** Only the server knows what comes before the items that were skipped last. */
  get awaitsOrder() {
    return !this.isCutOff && this.list.later.length > 0;
  }

  /** Whether the server's list may hold more than is known here. */
  get isUnsure() {
    const isOwn = (entry) => this.isOwn(entry);
    return !this.isReachable || this.study === null || this.queue.entries().some(isOwn);
  }

  /** Whether an entry of the queue, which holds those of all studies, is of this one. */
  isOwn({ study, token }) {
    return study === undefined ? this.known.has(token) : study === this.queue.study;
  }

  /** {rated, total} as the server counts, with the ratings that are on their way to it. */
  progressSoFar() {
    if (!this.progress) return null;
    const { rated, total } = this.progress;
    const own = this.queue.firstRatings((entry) => this.isOwn(entry));
    const waiting = [...own].filter((token) => !this.known.get(token)?.practice);
    return { rated: Math.min(total, rated + waiting.length), total };
  }

  take() {
    const next = this.list.take({ withSkipped: this.isCutOff });
    if (this.upcoming.length < FEW) this.defer(() => this.refill());
    return next;
  }

  /** Begin with the answer that the page itself holds; it may be another account's after "Back". */
  begin(data) {
    if (!data || data.account !== this.queue.account) return;
    // It may have been written before the last rating of the page before arrived
    const arrived = this.queue.tokensJustArrived();
    const assignments = data.assignments.filter(({ token }) => !arrived.has(token));
    this.#takeOver({ ...data, assignments });
  }

  /** Take the progress that an answer to a submission told: a list on its way may be behind. */
  progressTold(progress) {
    this.progress = progress;
    this.hasNewerProgress = true;
  }

  /** After an answer to a submission: a list asked for before it is out of date. */
  refillIfFew() {
    if (this.upcoming.length < FEW) this.refillAnew();
  }

  /** After an answer that changed the order, such as that of a skipped item. */
  refillAnew() {
    if (this.running) this.isOutdated = true;
    else this.refill();
  }

  /** Ask the server; several callers share one request. */
  refill() {
    this.running ??= this.#ask().finally(() => {
      this.running = null;
      if (this.isOutdated) this.refill();
    });
    return this.running;
  }

  remember(assignment) {
    this.known.set(assignment.token, assignment);
    return assignment;
  }

  async #ask() {
    let answer;
    const asked = this.currentToken;
    const moved = new Set(this.list.moved);
    this.isOutdated = false;
    this.hasNewerProgress = false;
    try {
      answer = await this.api.queue(asked);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.#failed();
      return;
    }
    const { status, data } = answer;
    // In another window somebody else has logged in: their items are not for this page
    const isOther = status === 200 && data.account !== this.queue.account;
    this.isReachable = status === 200 && !isOther;
    if (this.isReachable) {
      this.#takeOver(data, moved);
      const isGone = data.taken_out && asked === this.currentToken;
      if (isGone) this.dispatchEvent(new CustomEvent("taken-out"));
      return;
    }
    this.#failed();
    if (isOther) this.dispatchEvent(new CustomEvent("stranger"));
    if (status === 401) this.dispatchEvent(new CustomEvent("logged-out"));
  }

  #takeOver(data, moved) {
    this.study = data.study;
    if (!this.hasNewerProgress) this.progress = data.progress;
    if (data.rubrics) this.rubrics = data.rubrics;
    this.gate = data.gate;
    this.conditions = data.conditions;
    this.logIn = data.log_in;
    this.clarifications = data.clarifications;
    for (const assignment of data.assignments) this.remember(assignment);
    this.list.update(data.assignments, this.queue.tokensOnTheirWay(), this.currentToken, moved);
    this.dispatchEvent(new CustomEvent("study"));
    this.dispatchEvent(new CustomEvent("more"));
  }

  /** Without the server, what was skipped is all there is. */
  #goOnAlone() {
    if (this.isCutOff && this.list.later.length > 0) this.dispatchEvent(new CustomEvent("more"));
  }

  #failed() {
    this.isReachable = false;
    this.#goOnAlone();
    setTimeout(() => this.refill(), RETRY_MS);
  }
}
