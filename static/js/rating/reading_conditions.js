/*
 * Room and monitor, asked once for each log-in and named in every rating. The answer goes through
 * the submission queue, so that it may be given without network; ratings of that time name the
 * entry, and the queue fills in what the server calls it.
 */

const KIND = "conditions";

export class ReadingConditions {
  /** `pageUrl` is the address of the rating page; another study's may send what waits. */
  constructor(queue, pageUrl) {
    this.queue = queue;
    this.path = new URL("conditions/", pageUrl).pathname;
    this.logIn = null;
    this.id = null;
    this.isKnown = false;
    this.mayBeNewLogIn = false;
    this.entryKey = null;
  }

  /** Whether the rater is to be asked before the next item. */
  get isDue() {
    return this.isKnown && this.id === null && this.entryKey === null;
  }

  /** What the server knows of this log-in, which has the mark `logIn`: {id}, or null. */
  update(stated, logIn = "") {
    if (stated === undefined) return;
    if (!this.isKnown) this.entryKey = this.#waitingOf(logIn);
    else if (logIn !== this.logIn) this.mayBeNewLogIn = true;
    this.isKnown = true;
    this.logIn = logIn;
    if (stated) {
      this.id = stated.id;
      this.mayBeNewLogIn = false;
    } else if (this.mayBeNewLogIn) {
      this.id = null;
      this.entryKey = null;
      this.mayBeNewLogIn = false;
    }
  }

  /** The log-in ended; when the server answers again, it may be to a new one. */
  loggedOut() {
    this.mayBeNewLogIn = true;
  }

  /** Keep and send {room, monitor, sees_dark_patch, sees_bright_patch}. */
  state(conditions) {
    const { logIn } = this;
    // What arrives after the next log-in is not stated for that one
    const path = `${this.path}?${new URLSearchParams({ log_in: logIn })}`;
    this.entryKey = this.queue.add({ kind: KIND, token: KIND, path, body: conditions, logIn });
  }

  /** The key of those that wait since before a reload, or null; an earlier version marked none. */
  #waitingOf(logIn) {
    const isOfThis = (entry) => entry.kind === KIND && (entry.logIn ?? logIn) === logIn;
    return this.queue.entries().findLast(isOfThis)?.key ?? null;
  }

  /** The server has taken or refused them. */
  settled(entry, data) {
    if (entry.key !== this.entryKey) return;
    this.id = data?.id ?? null;
  }

  /** What a submission says of them: its part of the body, and of the queue's entry. */
  forSubmission() {
    if (this.id !== null) return { conditions: this.id };
    return { conditions: null, conditionsFrom: this.entryKey ?? undefined };
  }
}
