/*
 * The rating page: one item after the other. Everything that must not be lost goes through the
 * submission queue and the drafts; this file only decides what is on screen.
 */

import { assignmentPath } from "./api.js";
import { RatingClock } from "./clock.js";
import { fetchOrder } from "./pixel_order.js";
import { text } from "./text.js";

export class RatingPage {
  /** `parts`: api, queue, feed, drafts, store, viewer, fields, comment, status, screen. */
  constructor(parts) {
    Object.assign(this, parts);
    this.current = null;
    this.interrupted = null;
    this.last = null;
    this.isPaused = false;
    this.activeSinceBreak = 0;
    this.breakMinutes = 0;
    this.now = () => performance.now();
    this.#listen();
  }

  /** Show the first item; the scores of earlier visits are sent meanwhile. */
  async start() {
    this.screen.message("loading");
    this.queue.kick();
    await this.feed.refill();
    if (!this.current) this.openNext();
  }

  openNext() {
    const next = this.interrupted ?? this.feed.take();
    this.interrupted = null;
    if (next) this.#open(next);
    else this.#showEnd();
  }

  /** Enter in the last field: keep the scores, then show the next item at once. */
  submit() {
    const { current } = this;
    if (!current || this.isPaused) return;
    if (!current.isPainted) {
      this.status.notice("unseen", text("notPainted"));
      return;
    }
    const scores = this.fields.checked();
    if (!scores) return;
    const { token } = current.assignment;
    const time = current.clock.snapshot();
    const body = {
      replaces: current.replaces,
      scores,
      comment: this.comment.value.trim(),
      active_ms: time.active,
      wall_ms: time.wall,
      waiting_ms: time.waiting,
      viewer_state: this.viewer.state(),
      submitted_at: new Date().toISOString(),
      clarification_seen: 0,
    };
    const path = `${assignmentPath(token)}ratings/`;
    const number = current.assignment.counter?.number;
    this.current = null;
    this.queue.add({ kind: "rating", token, path, body, follows: current.follows, number });
    this.drafts.forget(token);
    this.feed.list.markAnswered(token);
    this.last = { assignment: current.assignment, scores };
    this.activeSinceBreak += time.active;
    for (const name of ["unseen", `item-${token}`]) this.status.close(name);
    this.screen.showLast(this.last);
    this.openNext();
    this.#suggestBreak();
  }

  /** Come back to this item at the end. */
  skip() {
    if (!this.current || this.isPaused) return;
    if (this.current.isChange) {
      this.leaveChange();
      return;
    }
    const { assignment } = this.current;
    this.#keepClock();
    this.queue.add({ kind: "skip", token: assignment.token, path: `${assignmentPath(assignment.token)}skip/` });
    this.feed.list.skip(assignment);
    this.current = null;
    this.openNext();
  }

  reportProblem({ kind, text: description }) {
    const { assignment } = this.current ?? {};
    if (!assignment) return;
    const path = `${assignmentPath(assignment.token)}problems/`;
    this.queue.add({ kind: "problem", token: assignment.token, path, body: { kind, text: description } });
    this.status.notice("problem", text(kind === "privacy" ? "problemPrivacy" : "problemKept"), {
      passes: true,
    });
    if (kind === "privacy") this.skip();
  }

  reopenLast() {
    if (this.last && !this.isPaused) this.reopen(this.last.assignment.token);
  }

  /** Open an own rating again; the former one stays until the new one is submitted. */
  async reopen(token) {
    if (this.isPaused || this.current?.assignment.token === token) return;
    const refused = this.queue.refused().some((entry) => entry.token === token);
    const unsent = this.queue.ratingOf(token);
    const known = this.feed.known.get(token);
    if (unsent && known) {
      this.#openChange(known, refused ? {} : { follows: unsent.key }, unsent.body);
      return;
    }
    let answer;
    try {
      answer = await this.api.assignment(token);
    } catch {
      this.status.notice("reopen", text("reopenUnreachable"));
      return;
    }
    if (answer.status !== 200) {
      this.status.notice("reopen", answer.data?.detail ?? text("reopenRefused"));
      return;
    }
    const assignment = this.feed.remember(answer.data);
    this.#openChange(assignment, { replaces: assignment.rating?.id ?? null }, assignment.rating);
  }

  /** Leave a reopened item as it was. */
  leaveChange() {
    if (!this.current?.isChange) return false;
    this.drafts.forget(this.current.assignment.token);
    this.current = null;
    this.openNext();
    return true;
  }

  togglePause() {
    if (!this.current) return;
    this.isPaused = !this.isPaused;
    this.current.clock.setPaused(this.isPaused);
    this.viewer.setBlank(this.isPaused);
    this.screen.showPause(this.isPaused);
    if (this.isPaused) {
      this.activeSinceBreak = 0;
      this.status.close("break");
      this.#keepClock();
    } else this.fields.focusActive();
  }

  /** The page is about to go: what is typed is kept already, the time is kept now. */
  leave() {
    this.#keepClock();
    this.drafts.flush(true);
  }

  plan() {
    if (!this.current) return;
    const assignments = [this.current.assignment, ...this.feed.upcoming];
    if (this.interrupted) assignments.splice(1, 0, this.interrupted);
    this.store.setPlan(fetchOrder(assignments, this.viewer.slice));
  }

  #openChange(assignment, { replaces = null, follows }, content) {
    if (this.current && !this.current.isChange) {
      this.#keepClock();
      this.interrupted = this.current.assignment;
    }
    this.#open(assignment, { replaces, follows, content: content ?? {}, isChange: true });
  }

  #open(assignment, { replaces = null, follows, content, isChange = false } = {}) {
    const { token } = assignment;
    const draft = this.drafts.load(assignment);
    const shown = draft && hasContent(draft) ? draft : (content ?? draft ?? {});
    this.current = {
      assignment,
      clock: new RatingClock(this.now, draft?.clock),
      replaces: replaces ?? assignment.rating?.id ?? null,
      follows,
      isChange,
      isPainted: false,
    };
    this.current.clock.setHidden(document.hidden);
    this.feed.currentToken = token;
    this.screen.showItem(assignment, { progress: this.feed.progress, isChange });
    const rubric = this.feed.rubrics[assignment.image.kind];
    this.fields.show(assignment, rubric, this.feed.gate, shown.scores ?? {});
    this.comment.value = shown.comment ?? "";
    this.screen.showComment(this.comment.value !== "");
    this.viewer.open(assignment, this.store);
    this.plan();
    this.fields.focusActive();
    const refused = this.queue.refused().find((entry) => entry.token === token);
    if (refused) this.fields.showErrors(refused.refusal.data?.fields ?? {});
  }

  #showEnd() {
    this.current = null;
    this.#endPause();
    this.feed.currentToken = null;
    this.fields.clear();
    this.viewer.close();
    const state = this.feed.study?.state;
    if (state && state !== "running") this.screen.message(`study-${state}`);
    else this.screen.message(this.feed.isUnsure ? "waiting-for-server" : "done");
    this.screen.showItem(null, { progress: this.feed.progress });
  }

  /** A pause ends with its item, or the next one would stay blank while its clock runs. */
  #endPause() {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.viewer.setBlank(false);
    this.screen.showPause(false);
  }

  #listen() {
    const { viewer, fields, feed } = this;
    viewer.addEventListener("qa-waiting", () => {
      this.current?.clock.awaitPixels();
      this.screen.message("loading-image");
    });
    viewer.addEventListener("qa-painted", () => this.#painted());
    viewer.addEventListener("qa-failed", ({ detail }) => this.#pixelsFailed(detail));
    fields.addEventListener("submit", () => this.submit());
    fields.addEventListener("edit", () => this.#keepDraft());
    this.comment.addEventListener("input", () => this.#keepDraft());
    feed.addEventListener("study", () => this.#studyChanged());
    feed.addEventListener("more", () => this.#moreCame());
    feed.addEventListener("taken-out", () => this.#takenOut());
  }

  /** What nobody may see any more leaves the screen at once; what was typed stays a draft. */
  #takenOut() {
    if (!this.current) return;
    this.#keepClock();
    this.current = null;
    this.status.notice("taken-out", text("takenOut"), { passes: true });
    this.openNext();
  }

  #moreCame() {
    if (this.current) this.plan();
    else if (this.interrupted || this.feed.hasNext) this.openNext();
    else this.#showEnd();
  }

  #painted() {
    const { current } = this;
    if (!current) return;
    current.clock.painted();
    this.screen.message("");
    if (current.isPainted) return;
    current.isPainted = true;
    if (current.isChange) return;
    const { token } = current.assignment;
    this.queue.add({ kind: "shown", token, path: `${assignmentPath(token)}shown/` });
  }

  #pixelsFailed(error) {
    this.screen.message("image-failed");
    // A refusal means that the study, the item or the log-in changed
    if (error.status) this.feed.refill();
    setTimeout(() => this.viewer.retry(), 2_000);
  }

  #studyChanged() {
    this.screen.showStudy(this.feed.study);
    if (this.feed.study.state === "running" || !this.current) return;
    this.#keepClock();
    this.#showEnd();
  }

  #keepDraft() {
    if (!this.current) return;
    const { assignment, clock, isChange } = this.current;
    const content = { scores: this.fields.draft(), comment: this.comment.value, clock: clock.snapshot() };
    this.drafts.save(assignment.token, content, isChange);
  }

  #keepClock() {
    if (!this.current || this.current.isChange) return;
    const { assignment, clock } = this.current;
    this.drafts.saveClock(assignment.token, { clock: clock.snapshot() });
  }

  #suggestBreak() {
    const minutes = this.activeSinceBreak / 60_000;
    if (!this.breakMinutes || minutes < this.breakMinutes) return;
    this.activeSinceBreak = 0;
    this.status.notice("break", text("takeBreak", { minutes: this.breakMinutes }));
  }
}

function hasContent({ scores, comment }) {
  return Object.keys(scores ?? {}).length > 0 || Boolean(comment);
}
