/* The ratings of this visit, as {assignment, scores}, that a rater can go back through. */

const LONGEST = 50;

export class Trail {
  constructor() {
    this.rated = [];
  }

  /** The newest, or null. */
  get last() {
    return this.rated.at(-1) ?? null;
  }

  /** The one before that of the assignment `token`; the newest where that is none of them. */
  before(token) {
    const place = this.rated.findIndex(({ assignment }) => assignment.token === token);
    return this.rated[(place < 0 ? this.rated.length : place) - 1] ?? null;
  }

  /** A rating becomes the newest; an earlier one of the same assignment is forgotten. */
  add(rated) {
    const others = this.rated.filter(({ assignment }) => assignment.token !== rated.assignment.token);
    this.rated = [...others, rated].slice(-LONGEST);
  }
}
