/*
 * Everything that the server must learn, in the order in which it happened. An entry is written
 * to the browser's storage before anything is sent and removed after the server's answer, so that
 * neither a crash nor a lost network costs a score. Several windows may send the same entry: the
 * server knows a submission by its key.
 */

import { Unreachable } from "./api.js";
import { randomKey } from "./random_key.js";

const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
/** A page that was on its way while a rating arrived may not know of it. */
const JUST_MS = 60_000;
/** So many changes may be open in other windows when the ratings that they replace arrive. */
const MOST_NAMED = 50;
/** Of these kinds the rater sees how many wait; the others only tell where the rater is. */
const VISIBLE_KINDS = new Set(["rating", "problem", "question"]);

export class SubmissionQueue extends EventTarget {
  /**
   * `study` is the one of this page; what waits of others is sent all the same. `send(entry)`
   * gives {status, data}; `findAccount()` the account that the browser is logged in as, or null
   * where nobody knows; `defer(run)` may put off the sending until the next item is on screen;
   * `recent` is a storage for what has arrived. Events: "change", "state" (detail: "idle",
   * "sending", "unreachable", "logged_out", "other_account"), and "answered", "conflict",
   * "refused" with {entry, status, data}, and "given-anew" with {entry}, a refused one.
   */
  constructor({
    storage,
    recent = null,
    account,
    study,
    send,
    findAccount,
    defer = (run) => run(),
    now = Date.now,
    setTimer = setTimeout,
  }) {
    super();
    this.storage = storage;
    this.recent = recent;
    this.account = account;
    this.study = study;
    this.prefix = `sts-qa:queue:${account}:`;
    this.arrivedPlace = `sts-qa:arrived:${account}`;
    this.namedPlace = `sts-qa:named:${account}`;
    this.send = send;
    this.findAccount = findAccount;
    this.defer = defer;
    this.now = now;
    this.setTimer = (...timer) => setTimer(...timer);
    this.state = "idle";
    this.failures = 0;
    this.running = null;
    this.lastStamp = 0;
    this.names = new Map();
  }

  /**
   * Write one entry {kind, token, path, body} and begin to send; returns its key. `path` must mean
   * the same on every study's page, which may be the one that sends it. `follows` is the
   * key of an earlier entry whose rating this one replaces, `conditionsFrom` that of an entry whose
   * answer names the reading conditions.
   */
  add(entry) {
    const key = randomKey();
    const stamp = Math.max(this.now(), this.lastStamp + 1);
    this.lastStamp = stamp;
    if (entry.kind === "rating") this.#dropRefused(entry.token);
    const body = VISIBLE_KINDS.has(entry.kind) ? { ...entry.body, idempotency_key: key } : entry.body;
    const place = `${this.prefix}${String(stamp).padStart(15, "0")}:${key}`;
    this.storage.set(place, this.#resolved({ ...entry, study: this.study, body, key, state: "waiting" }));
    this.#tell("change");
    this.defer(() => this.kick());
    return key;
  }

  entries() {
    return this.#places().map(({ entry }) => entry);
  }

  /** How many scores and reports the server has not acknowledged. */
  waitingCount() {
    return this.entries().filter(({ kind }) => VISIBLE_KINDS.has(kind)).length;
  }

  /** How many of them are known to be of other studies. */
  waitingElsewhere() {
    const isCounted = (entry) => VISIBLE_KINDS.has(entry.kind) && this.isElsewhere(entry);
    return this.entries().filter(isCounted).length;
  }

  /** Whether an entry is of another study; one that an earlier version wrote does not say. */
  isElsewhere({ study }) {
    return study !== undefined && study !== this.study;
  }

  /** The newest unacknowledged rating of an assignment, or null. */
  ratingOf(token) {
    return this.entries().findLast((entry) => entry.kind === "rating" && entry.token === token) ?? null;
  }

  /** The assignments whose ratings are on their way. */
  tokensOnTheirWay() {
    const waiting = this.entries().filter((entry) => entry.kind === "rating" && entry.state === "waiting");
    return new Set(waiting.map(({ token }) => token));
  }

  /** The assignments whose ratings the server has taken within the last minute. */
  tokensJustArrived() {
    return new Set(Object.keys(this.#justArrived()));
  }

  /** The assignments of which the server has no rating yet and one, that `isCounted`, is on its way. */
  firstRatings(isCounted = () => true) {
    const first = ({ kind, state, body }) => kind === "rating" && state === "waiting" && !body.replaces;
    const counted = this.entries().filter((entry) => first(entry) && isCounted(entry));
    return new Set(counted.map(({ token }) => token));
  }

  refused() {
    return this.entries().filter(({ state }) => state === "refused");
  }

  /** Another window changed the storage, as its event tells: it sends the same entries. */
  heard({ key, oldValue, newValue }) {
    if (key !== null && !key.startsWith(this.prefix)) return;
    const [before, entry] = [oldValue, newValue].map((written) => JSON.parse(written ?? null));
    if (entry?.state === "refused") this.#tell("refused", { entry, ...entry.refusal });
    else if (!entry && before?.state === "refused") this.#tell("given-anew", { entry: before });
    this.#tell("change");
  }

  /** Try now instead of at the next set time. */
  kick() {
    this.running ??= this.#sendAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async #sendAll() {
    const held = new Set();
    for (;;) {
      const next = this.#places().find(
        ({ entry }) => entry.state === "waiting" && !held.has(entry.token),
      );
      if (!next) break;
      if (this.state === "idle") this.#setState("sending");
      const outcome = await this.#sendOne(next);
      if (outcome === "stop") {
        this.#retryLater();
        return;
      }
      if (outcome === "hold") held.add(next.entry.token);
    }
    if (held.size) this.#retryLater();
    else {
      this.failures = 0;
      this.#setState("idle");
    }
  }

  async #sendOne({ place, entry: waiting }) {
    const entry = this.#withoutUnknownConditions(place, waiting);
    let answer;
    try {
      answer = await this.send(entry);
    } catch (error) {
      if (!(error instanceof Unreachable) && error.name !== "AbortError") throw error;
      this.#setState("unreachable");
      return "stop";
    }
    const { status, data } = answer;
    if (status === 401) {
      this.#setState("logged_out");
      return "stop";
    }
    if (status >= 500 || status === 408 || status === 429 || (status === 403 && data === null)) {
      this.#setState("unreachable");
      return "hold";
    }
    if (status === 403 && data.problem === "other_account") {
      this.#setState("other_account");
      return "stop";
    }
    if (status === 403 || status === 404) return this.#refusedAccess(place, entry, answer);
    this.failures = 0;
    this.#setState("sending");
    if (status < 300) this.#finish(place, entry, "answered", answer);
    else if (status === 409) this.#finish(place, entry, "conflict", answer);
    else this.#refuse(place, entry, answer);
    return "done";
  }

  /** The item is not this account's, or the browser is logged in as someone else by now. */
  async #refusedAccess(place, entry, answer) {
    const account = await this.findAccount();
    if (account === this.account) {
      this.#refuse(place, entry, answer);
      return "done";
    }
    this.#setState(account === null ? "unreachable" : "other_account");
    return "stop";
  }

  #finish(place, entry, name, answer) {
    const rating = answer.data?.rating;
    const isStored = name === "answered" && rating && !rating.is_late;
    if (entry.kind === "conditions") this.#name(entry, { conditions: answer.data?.id ?? null });
    else if (entry.kind === "rating") this.#name(entry, { replaces: isStored ? rating.id : entry.body.replaces });
    this.#resolveFollowers(entry);
    if (entry.kind === "rating" && isStored) {
      this.recent?.set(this.arrivedPlace, { ...this.#justArrived(), [entry.token]: this.now() });
    }
    this.storage.remove(place);
    this.#tell(name, { entry, ...answer });
    this.#tell("change");
  }

  /** What later entries call the outcome of this one, also those that another window adds. */
  #name({ key }, name) {
    this.names.set(key, name);
    const others = (this.recent?.get(this.namedPlace) ?? []).filter(([other]) => other !== key);
    this.recent?.set(this.namedPlace, [...others, [key, name]].slice(-MOST_NAMED));
  }

  #nameOf(key) {
    if (!key) return null;
    return this.names.get(key) ?? new Map(this.recent?.get(this.namedPlace) ?? []).get(key) ?? null;
  }

  #justArrived() {
    const arrived = Object.entries(this.recent?.get(this.arrivedPlace) ?? {});
    return Object.fromEntries(arrived.filter(([, at]) => this.now() - at < JUST_MS));
  }

  /** Keep a refused score until the rater has given it anew; nothing else can be given anew. */
  #refuse(place, entry, answer) {
    if (entry.kind === "rating") {
      this.storage.set(place, { ...entry, state: "refused", refusal: answer });
    } else this.storage.remove(place);
    this.#tell("refused", { entry, ...answer });
    this.#tell("change");
  }

  /** What was named only by an earlier entry of this queue has a name now. */
  #resolveFollowers({ key }) {
    for (const { place, entry: follower } of this.#places()) {
      if (follower.follows === key || follower.conditionsFrom === key) {
        this.storage.set(place, this.#resolved(follower));
      }
    }
  }

  /** The entry with the rating that it replaces and its conditions, once these have names. */
  #resolved(entry) {
    const { follows, conditionsFrom, ...rest } = entry;
    const resolved = { ...rest, body: entry.body && { ...entry.body } };
    const [followed, stated] = [this.#nameOf(follows), this.#nameOf(conditionsFrom)];
    if (followed) resolved.body.replaces = followed.replaces;
    else if (follows) resolved.follows = follows;
    if (stated) resolved.body.conditions = stated.conditions;
    else if (conditionsFrom) resolved.conditionsFrom = conditionsFrom;
    return resolved;
  }

  /** A score does not wait for its conditions; what is sent once stays so in every resend. */
  #withoutUnknownConditions(place, entry) {
    if (!entry.conditionsFrom) return entry;
    const known = { ...entry };
    delete known.conditionsFrom;
    this.storage.set(place, known);
    return known;
  }

  #dropRefused(token) {
    for (const { place, entry } of this.#places()) {
      if (entry.state === "refused" && entry.kind === "rating" && entry.token === token) {
        this.storage.remove(place);
      }
    }
  }

  #places() {
    return this.storage
      .keys(this.prefix)
      .map((place) => ({ place, entry: this.storage.get(place) }))
      .filter(({ entry }) => entry !== null);
  }

  #retryLater() {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.setTimer(() => this.kick(), wait);
  }

  #setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state", state);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
