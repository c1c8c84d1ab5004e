/*
 * What is typed and not yet submitted: in the browser at each change, on the server shortly after.
 * The newer of the two is shown when the item comes up again.
 */

const PAUSE_MS = 800;

export class Drafts {
  constructor({ storage, account, api, now = Date.now, setTimer = setTimeout, clearTimer = clearTimeout }) {
    this.storage = storage;
    this.prefix = `sts-qa:draft:${account}:`;
    this.api = api;
    this.now = now;
    this.setTimer = (...timer) => setTimer(...timer);
    this.clearTimer = (timer) => clearTimer(timer);
    this.pending = null;
    this.lastSequence = 0;
  }

  /** Keep {scores, comment, clock, view} of an assignment; a change of a rating stays in the browser. */
  save(token, content, isChange = false) {
    const sequence = Math.max(this.now(), this.lastSequence + 1);
    this.lastSequence = sequence;
    this.storage.set(this.prefix + token, { ...content, sequence, saved_at: this.now() });
    this.#stopTimer();
    if (isChange) return;
    const body = { scores: content.scores, comment: content.comment, sequence };
    const timer = this.setTimer(() => this.flush(), PAUSE_MS);
    this.pending = { token, body, timer };
  }

  /** Keep only {clock, view}, the time spent and what was looked at; nothing was typed since. */
  saveTime(token, { clock, view }) {
    const kept = this.storage.get(this.prefix + token);
    this.storage.set(this.prefix + token, {
      scores: {},
      comment: "",
      sequence: 0,
      saved_at: 0,
      ...kept,
      clock,
      view,
    });
  }

  /** The newest draft of an assignment, or null. */
  load(assignment) {
    const local = this.storage.get(this.prefix + assignment.token);
    const remote = assignment.draft;
    if (!remote) return local;
    // Not by time: this computer's clock and the server's may differ by more than a minute
    if (local && local.sequence >= remote.sequence) return local;
    return { ...remote, clock: local?.clock, view: local?.view };
  }

  /** The item was submitted: its scores are in the submission queue now. */
  forget(token) {
    if (this.pending?.token === token) this.#stopTimer();
    this.storage.remove(this.prefix + token);
  }

  /** Send at once what waits for its pause, as when the page is left. */
  async flush(keepalive = false) {
    if (!this.pending) return;
    const { token, body } = this.pending;
    this.#stopTimer();
    try {
      await this.api.saveDraft(token, body, keepalive);
    } catch {
      // The browser's copy is there; the next change is sent again
    }
  }

  #stopTimer() {
    if (this.pending) this.clearTimer(this.pending.timer);
    this.pending = null;
  }
}

/** Whether anything was typed. */
export function hasContent({ scores, comment }) {
  return Object.keys(scores ?? {}).length > 0 || Boolean(comment);
}
