/*
 * Which item comes next. The server's list is the truth about the order; what this browser has
 * submitted and not yet seen acknowledged is left out of it.
 */

export class AssignmentList {
  constructor() {
    this.upcoming = [];
    this.answered = new Set();
    this.later = [];
    this.moved = new Set();
  }

  /**
   * Take over the server's list; `unsent` holds the tokens in the browser's queue, `current` is the
   * assignment on screen, which stays there whatever the list says; `moved` are the skipped ones
   * that the server had put at the end when it was asked for this list.
   */
  update(assignments, unsent, current, moved = new Set()) {
    this.later = this.later.filter(({ token }) => !moved.has(token));
    for (const token of moved) this.moved.delete(token);
    const later = new Set(this.later.map(({ token }) => token));
    this.upcoming = assignments.filter(
      ({ token }) =>
        token !== current && !this.answered.has(token) && !unsent.has(token) && !later.has(token),
    );
  }

  /**
   * Take the next one off the list; null at its end. Skipped items that the server has not moved
   * yet come only `withSkipped`: behind this list it may hold others that go before them.
   */
  take({ withSkipped = false } = {}) {
    return this.upcoming.shift() ?? (withSkipped ? this.later.shift() : null) ?? null;
  }

  markAnswered(token) {
    this.answered.add(token);
    this.upcoming = this.upcoming.filter((assignment) => assignment.token !== token);
  }

  /** A skipped item waits at the end of this list until one comes that has it at its own end. */
  skip(assignment) {
    this.moved.delete(assignment.token);
    this.later.push(assignment);
  }

  /** The server has put a skipped item at the end; a list on its way may still show it in front. */
  skipArrived(token) {
    this.moved.add(token);
  }

  /** A refused submission is to be answered again. */
  reopen(token) {
    this.answered.delete(token);
  }
}
