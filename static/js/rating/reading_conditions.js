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
    this.id = null;
    this.isKnown = false;
    this.mayBeNewLogIn = false;
    this.entryKey = queue.entries().findLast(({ kind }) => kind === KIND)?.key ?? null;
  }

  /** Whether the rater is to be asked before the next item. */
  get isDue() {
    return this.isKnown && this.id === null && this.entryKey === null;
  }

  /** What the server knows of this log-in: {id}, or null. */
  update(stated) {
    if (stated === undefined) return;
    this.isKnown = true;
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
    this.entryKey = this.queue.add({ kind: KIND, token: KIND, path: this.path, body: conditions });
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
