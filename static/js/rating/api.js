/*
 * Talking to the server. An answer is {status, data}; `Unreachable` stands for everything that is
 * no answer of this server: no network, a time-out, a page of some other machine on the way.
 */

const TIME_LIMIT_MS = 30_000;

export class Unreachable extends Error {}

export class RatingApi {
  /**
   * All addresses are relative to that of the rating page; the server answers to no other account
   * than that of the page, whoever has logged in since.
   */
  constructor({ pageUrl, csrfToken, account, fetch = globalThis.fetch.bind(globalThis) }) {
    this.pageUrl = pageUrl;
    this.csrfToken = csrfToken;
    this.account = account;
    this.fetch = fetch;
  }

  /**
   * The next items, and whose they are: any account's; `current` is the one on screen, of which the
   * answer says whether it is gone.
   */
  queue(current) {
    const path = current ? `queue/?current=${encodeURIComponent(current)}` : "queue/";
    return this.request("GET", path, undefined, { ofAnyone: true });
  }

  ownRatings() {
    return this.request("GET", "ratings/");
  }

  assignment(token) {
    return this.request("GET", assignmentPath(token));
  }

  saveDraft(token, body, keepalive = false) {
    return this.request("PUT", `${assignmentPath(token)}draft/`, body, { keepalive });
  }

  async request(method, path, body, { ofAnyone = false, ...options } = {}) {
    const headers = { Accept: "application/json" };
    if (this.account && !ofAnyone) headers["X-Account"] = this.account;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRFToken"] = this.#currentCsrfToken();
    const answer = await this.#send(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
      ...options,
    });
    if (answer.type === "opaqueredirect") return { status: 401, data: null };
    if (answer.status === 204) return { status: 204, data: null };
    const data = await this.#json(answer);
    if (answer.ok && data === null) throw new Unreachable("an answer that is no JSON");
    return { status: answer.status, data };
  }

  /** The bytes behind an address; an error where the server refuses them. */
  async bytes(address, { signal, isWanted }) {
    const answer = await this.#send(address, { signal, priority: isWanted ? "high" : "low" });
    if (!answer.ok) throw new PixelsRefused(answer.type === "opaqueredirect" ? 401 : answer.status);
    return answer.arrayBuffer();
  }

  async #send(path, options) {
    try {
      return await this.fetch(new URL(path, this.pageUrl), {
        credentials: "same-origin",
        redirect: "manual",
        ...options,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Unreachable(error.message);
    }
  }

  async #json(answer) {
    if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return null;
    try {
      return await answer.json();
    } catch {
      throw new Unreachable("an answer that broke off");
    }
  }

  /** A log-in in another window changes the token, so the cookie goes before the page's own. */
  #currentCsrfToken() {
    const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(globalThis.document?.cookie ?? "");
    return cookie ? decodeURIComponent(cookie[1]) : this.csrfToken;
  }
}

export class PixelsRefused extends Error {
  constructor(status) {
    super(`the server refused the pixels (${status})`);
    this.status = status;
  }
}

export function assignmentPath(token) {
  return `../assignments/${encodeURIComponent(token)}/`;
}
