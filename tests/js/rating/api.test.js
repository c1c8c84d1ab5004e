import assert from "node:assert/strict";
import test from "node:test";

import { PixelsRefused, RatingApi, Unreachable, assignmentPath } from "../../../static/js/rating/api.js";
import { randomKey } from "../../../static/js/rating/random_key.js";

const PAGE = "http://sts-qa.test/rating/11111111-1111-4111-8111-111111111111/";

function apiWith(answer) {
  const asked = [];
  const api = new RatingApi({
    pageUrl: PAGE,
    csrfToken: "token of the page",
    account: "ana",
    fetch: async (address, options) => {
      asked.push({ address: String(address), ...options });
      return typeof answer === "function" ? answer() : answer;
    },
  });
  return { api, asked };
}
const json = (data, status = 200) => new Response(JSON.stringify(data), { status, headers: { "Content-Type": "application/json" } });

test("addresses are relative to the page and writing carries the CSRF token", async () => {
  const { api, asked } = apiWith(json({ ok: true }, 201));
  const answer = await api.request("POST", `${assignmentPath("a/b")}ratings/`, { scores: {} });
  assert.deepEqual(answer, { status: 201, data: { ok: true } });
  assert.equal(asked[0].address, "http://sts-qa.test/rating/assignments/a%2Fb/ratings/");
  assert.equal(asked[0].headers["X-CSRFToken"], "token of the page");
  assert.equal(asked[0].redirect, "manual");
});

test("every request names the page's account, but that which asks whose the browser is", async () => {
  const { api, asked } = apiWith(() => json({}));
  await api.saveDraft("a", {});
  await api.assignment("a");
  await api.queue("a");
  assert.deepEqual(asked.map(({ headers }) => headers["X-Account"]), ["ana", "ana", undefined]);
});

test("a page of some other machine is no acknowledgement", async () => {
  const portal = new Response("<html>Log in to the clinic's network</html>", { status: 200, headers: { "Content-Type": "text/html" } });
  await assert.rejects(apiWith(portal).api.request("POST", "x/"), Unreachable);
});

test("an answer that breaks off is none", async () => {
  const broken = new Response('{"rating": {"id"', { status: 201, headers: { "Content-Type": "application/json" } });
  await assert.rejects(apiWith(broken).api.request("POST", "x/"), Unreachable);
});

test("a redirect is a log-in page", async () => {
  const { api } = apiWith({ type: "opaqueredirect", status: 0 });
  assert.equal((await api.queue()).status, 401);
});

test("no network is told apart from a mistake", async () => {
  const { api } = apiWith(() => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(api.queue(), Unreachable);
});

test("a time-out is no network either", async () => {
  const { api } = apiWith(() => {
    throw new DOMException("too slow", "TimeoutError");
  });
  await assert.rejects(api.queue(), Unreachable);
});

test("refused pixels say with which status", async () => {
  const { api } = apiWith(new Response("", { status: 403 }));
  await assert.rejects(api.bytes("pixels/x", {}), (error) => error instanceof PixelsRefused && error.status === 403);
});

test("keys are 128 random bits, from what plain HTTP has", () => {
  const source = { getRandomValues: (bytes) => bytes.map((_, index) => index) };
  assert.equal(randomKey(source), "000102030405060708090a0b0c0d0e0f");
  const keys = new Set(Array.from({ length: 1000 }, () => randomKey()));
  assert.equal(keys.size, 1000);
});
