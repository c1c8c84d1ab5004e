/*
 * The rating page: one item after the other. Everything that must not be lost goes through the
 * submission queue and the drafts; this file only decides what is on screen.
 */

import { afterPaint } from "./after_paint.js";
import { assignmentPath } from "./api.js";
import { RatingClock } from "./clock.js";
import { hasContent } from "./drafts.js";
import { askAgain } from "./look.js";
import { Prefetch } from "./prefetch.js";
import { ratingEntry } from "./rating_entry.js";
import { text } from "./text.js";
import { Trail } from "./trail.js";
import { asksForMoreSlices, awaitsMask, connectViewRules } from "./view_rules.js";
import { suggestBreak } from "./working_time.js";

export class RatingPage {
  /**
   * `parts`: api, queue, feed, drafts, store, viewer, fields, comment, status, screen, reading,
   * conditionsForm, clarifications, working.
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.current = null;
    /** Of the item that is or was last on screen: what a rater writes about it stays about it. */
    this.lastToken = null;
    this.interrupted = null;
    this.trail = new Trail();
    this.isPaused = false;
    this.isReopening = false;
    this.now = () => performance.now();
    const { viewer, store } = this;
    this.prefetch = new Prefetch({ viewer, store, assignmentsOf: () => this.inOrder });
    this.#listen();
    connectViewRules(this);
  }

  /** Show the first item, which the page itself holds; the scores of earlier visits are sent meanwhile. */
  async start(firstQueue) {
    this.screen.message("loading");
    this.feed.begin(firstQueue);
    afterPaint(() => this.queue.kick());
    if (this.current || this.isAsking) return;
    await this.feed.refill();
    if (!this.current) this.openNext();
  }

  /** One digit scores and goes on; after the last item, too, one key goes back. */
  get isRapid() {
    return this.fields.isRapid && !this.isAsking;
  }

  /** Whether the rater is asked for the reading conditions. */
  get isAsking() {
    return this.conditionsForm.isOpen;
  }

  openNext() {
    if (this.reading.isDue && (this.interrupted || this.feed.hasNext)) {
      this.#ask();
      return;
    }
    const next = this.interrupted ?? this.feed.take();
    this.interrupted = null;
    if (next) this.#open(next);
    else this.#showEnd();
  }

  /** Room and monitor are stated: go on to the image. */
  stateConditions(conditions) {
    this.reading.state(conditions);
    // They are asked for at each log-in
    this.working.restart();
    this.openNext();
  }

  /** Enter in the last field: keep the scores, then show the next item at once. */
  submit() {
    const { current } = this;
    if (!current || this.isPaused) return;
    if (!current.isPainted || this.isReopening) {
      this.status.notice("unseen", text("notPainted"), { passes: true });
      if (this.isRapid) this.fields.takeBack();
      return;
    }
    const scores = this.fields.checked();
    if (!scores || awaitsMask(this, scores) || asksForMoreSlices(this)) return;
    const { assignment } = current;
    const { token } = assignment;
    this.working.count(current);
    const time = current.clock.snapshot();
    this.queue.add(ratingEntry(this, scores, time));
    this.current = null;
    this.drafts.forget(token);
    this.feed.list.markAnswered(token);
    this.#remember({ assignment, scores });
    for (const name of ["unseen", "slices", `item-${token}`]) this.status.close(name);
    this.openNext();
    afterPaint(() => suggestBreak(this));
  }

  /** Come back to this item at the end. */
  skip() {
    if (!this.current || this.isPaused) return;
    if (this.current.isChange) {
      this.leaveChange();
      return;
    }
    const { assignment } = this.current;
    this.#keepTime();
    this.queue.add({ kind: "skip", token: assignment.token, path: `${assignmentPath(assignment.token)}skip/` });
    this.feed.list.skip(assignment);
    this.current = null;
    this.openNext();
  }

  get #mayNotReopen() {
    return this.isPaused || this.isReopening || this.isAsking;
  }

  /** Back to the rating before; while one is open again, to the one before that. */
  reopenLast() {
    if (this.#mayNotReopen) return;
    const { isChange = false, assignment: open } = this.current ?? {};
    const before = this.trail.before(isChange ? open.token : null);
    if (before) this.reopen(before.assignment.token);
  }

  /** Open an own rating again; the former one stays until the new one is submitted. */
  async reopen(token) {
    if (this.#mayNotReopen || this.current?.assignment.token === token) return;
    if (this.reading.isDue) {
      this.#ask();
      return;
    }
    const unsent = this.queue.ratingOf(token);
    let assignment = unsent && this.feed.known.get(token);
    if (!assignment) {
      // Until the answer is here nobody scores: a digit typed now would be meant for the other item
      this.isReopening = true;
      assignment = await askAgain(this, token).finally(() => {
        this.isReopening = false;
      });
      if (!assignment || this.#mayNotReopen) return;
      this.feed.remember(assignment);
    }
    const isWaiting = unsent?.state === "waiting";
    const earlier = isWaiting ? { follows: unsent.key } : { replaces: assignment.rating?.id ?? null };
    this.#openChange(assignment, earlier, unsent?.body ?? assignment.rating);
  }

  /** Leave a reopened item as it was. */
  leaveChange() {
    if (!this.current?.isChange || this.isPaused) return false;
    this.drafts.forget(this.current.assignment.token);
    this.current = null;
    this.openNext();
    return true;
  }

  /** Enter in rapid mode: a reopened item that nobody touched is left as it was. */
  leaveUntouched() {
    const { current } = this;
    if (!current?.isChange || !this.fields.isUntouched) return false;
    return this.comment.value === current.comment && this.leaveChange();
  }

  togglePause() {
    if (!this.current && !this.isPaused) return;
    this.isPaused = !this.isPaused;
    this.current?.clock.setPaused(this.isPaused);
    this.viewer.setBlank(this.isPaused);
    this.screen.showPause(this.isPaused);
    if (this.isPaused) {
      this.#keepTime();
      this.working.restart();
      this.status.close("break");
    } else if (this.current) this.fields.focusActive();
    else this.openNext();
  }

  /** The page is about to go: what is typed is kept already, the time is kept now. */
  leave() {
    this.#keepTime();
    this.drafts.flush(true);
  }

  /** The assignment on screen, or null, and those that follow. */
  get inOrder() {
    const { upcoming } = this.feed;
    const next = this.interrupted ? [this.interrupted, ...upcoming] : upcoming;
    return [this.current?.assignment ?? null, ...next];
  }

  /** The item on screen comes again after what interrupts it. */
  #setAside() {
    if (!this.current || this.current.isChange) return;
    this.#keepTime();
    this.interrupted = this.current.assignment;
  }

  #openChange(assignment, { replaces = null, follows }, content) {
    this.#setAside();
    this.#open(assignment, { replaces, follows, content: content ?? {}, isChange: true });
  }

  #open(assignment, { replaces = null, follows, content, isChange = false } = {}) {
    const { token } = assignment;
    const draft = this.drafts.load(assignment);
    const shown = draft && hasContent(draft) ? draft : (content ?? this.#refusedOf(token)?.body ?? draft ?? {});
    this.current = {
      assignment,
      clock: new RatingClock(this.now, draft?.clock),
      replaces: replaces ?? assignment.rating?.id ?? null,
      follows,
      isChange,
      isPainted: false,
      counted: draft?.clock?.active ?? 0,
      comment: shown.comment ?? "",
    };
    this.current.clock.setHidden(document.hidden);
    this.conditionsForm.close();
    this.lastToken = token;
    this.feed.currentToken = token;
    this.clarifications.showDue();
    this.screen.showItem(assignment, { progress: this.feed.progress, isChange });
    const rubric = this.feed.rubrics[assignment.image.kind];
    const isRapid = this.feed.study?.rapid ?? false;
    this.fields.show(assignment, rubric, this.feed.gate, shown.scores ?? {}, { isRapid });
    this.comment.value = this.current.comment;
    this.screen.showComment(this.current.comment !== "");
    this.viewer.open(assignment, this.store, draft?.view);
    this.fields.focusActive();
    this.prefetch.plan();
    afterPaint(() => this.#showRefusal(token));
  }

  #showRefusal(token) {
    if (this.current?.assignment.token !== token) return;
    const refused = this.#refusedOf(token);
    if (refused) this.fields.showErrors(refused.refusal.data?.fields ?? {});
  }

  #refusedOf(token) {
    return this.queue.refused().find((entry) => entry.token === token);
  }

  #ask() {
    this.#setAside();
    this.screen.message("");
    this.#clear();
    this.conditionsForm.open();
  }

  #showEnd() {
    this.#endPause();
    this.#clear();
    this.conditionsForm.close();
    const state = this.feed.study?.state;
    // There may be no next item to show them with; a closed study takes no acknowledgement
    if (state !== "closed") this.clarifications.showDue();
    if (state && state !== "running") this.screen.message(`study-${state}`);
    else if (this.feed.awaitsOrder) this.screen.message("loading-image");
    else this.screen.message(this.feed.isUnsure ? "waiting-for-server" : "done");
  }

  /** No item is on screen; nothing more is fetched of what was left. */
  #clear() {
    this.current = null;
    this.feed.currentToken = null;
    this.fields.clear();
    this.viewer.close();
    this.screen.showItem(null, { progress: this.feed.progressSoFar() });
    this.prefetch.plan();
  }

  /** A pause ends with the last item. */
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
      this.screen.message(`loading-${this.#awaited}`);
      this.prefetch.plan();
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
    this.#keepTime();
    this.#clear();
    this.status.notice("taken-out", text("takenOut"), { passes: !this.isPaused });
    // Nobody sees the next one before the end of a pause
    if (!this.isPaused) this.openNext();
  }

  #moreCame() {
    const isAsked = this.isAsking && this.reading.isDue;
    if (this.current || this.isPaused || isAsked) this.prefetch.plan();
    else if (this.interrupted || this.feed.hasNext) this.openNext();
    else this.#showEnd();
  }

  #painted() {
    const { current } = this;
    if (!current) return;
    current.clock.painted();
    this.screen.message("");
    this.prefetch.plan();
    if (current.isPainted) return;
    current.isPainted = true;
    if (current.isChange) return;
    const { token } = current.assignment;
    const tell = () => this.queue.add({ kind: "shown", token, path: `${assignmentPath(token)}shown/` });
    // The other planes come before what can wait
    afterPaint(() => this.store.settled().then(tell));
  }

  get #awaited() {
    return this.viewer.pane.lacksOnlyMask ? "mask" : "image";
  }

  #pixelsFailed(error) {
    this.screen.message(`${this.#awaited}-failed`);
    // A refusal means that the study, the item or the log-in changed
    if (error.status) this.feed.refill().then(() => this.#openAsDescribed());
    setTimeout(() => this.viewer.retry(), 2_000);
  }

  /** An image that could not be read is told anew when it can: other addresses, and its true window. */
  #openAsDescribed() {
    const { assignment, isPainted, isChange } = this.current ?? {};
    const anew = this.feed.known.get(assignment?.token);
    if (!anew || isPainted || isChange || this.isPaused) return;
    if (JSON.stringify(anew.image) !== JSON.stringify(assignment.image)) this.#open(anew);
  }

  #studyChanged() {
    const { study, conditions, logIn, clarifications } = this.feed;
    this.screen.showStudy(study);
    this.reading.update(conditions, logIn);
    this.clarifications.update(clarifications);
    if (study.state === "running" || (!this.current && !this.isAsking)) return;
    this.#keepTime();
    this.#showEnd();
  }

  /** Another window was faster: show the scores that count. */
  correctLast(token, scores) {
    const { last } = this.trail;
    if (last?.assignment.token === token) this.#remember({ ...last, scores });
  }

  #remember(rated) {
    this.trail.add(rated);
    this.screen.showLast(rated, this.feed.rubrics[rated.assignment.image.kind]);
  }

  #keepDraft() {
    if (!this.current) return;
    const { assignment, isChange } = this.current;
    const content = { scores: this.fields.draft(), comment: this.comment.value, ...this.#spent() };
    this.drafts.save(assignment.token, content, isChange);
  }

  #keepTime() {
    if (!this.current) return;
    this.working.count(this.current);
    if (this.current.isChange) return;
    this.drafts.saveTime(this.current.assignment.token, this.#spent());
  }

  /** What a draft keeps besides what was typed. */
  #spent() {
    return { clock: this.current.clock.snapshot(), view: this.viewer.record.snapshot() };
  }
}
