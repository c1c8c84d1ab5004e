import assert from "node:assert/strict";
import test from "node:test";

import { connectOutcomes } from "../../../static/js/rating/outcomes.js";

const TEXTS = {
  elsewhere: "Another of your studies: {notice}",
  late: "It came late.",
  look: "Open it",
  refused: "Item {number} was refused. {detail}",
};

/** A page of the study "two" that notes what it is made to say and do. */
function pageOf(...refused) {
  globalThis.document = { getElementById: () => ({ dataset: TEXTS }), documentElement: { lang: "en" } };
  const notices = [];
  const done = [];
  const queue = Object.assign(new EventTarget(), {
    refused: () => refused,
    isElsewhere: ({ study }) => study !== "two",
  });
  const feed = Object.assign(new EventTarget(), {
    progress: { rated: 1, total: 9 },
    progressTold: (progress) => {
      feed.progress = progress;
    },
    isOwn: ({ study }) => study === "two",
    refill: () => done.push("refill"),
    refillIfFew: () => done.push("refill"),
    list: { reopen: () => {} },
  });
  const status = { notice: (name, sentence, { actions } = {}) => notices.push({ name, sentence, actions }) };
  const api = { pageUrl: new URL("http://sts-qa.test/rating/two/") };
  const page = { queue, feed, status, api, reopen: (token) => done.push(token) };
  connectOutcomes(page);
  const tell = (name, detail) => queue.dispatchEvent(new CustomEvent(name, { detail }));
  return { feed, notices, done, tell };
}
const ratingOf = (study) => ({ kind: "rating", token: "a", number: 3, study, body: {} });

test("the progress in another study is not shown as that of this one", () => {
  const { feed, done, tell } = pageOf();
  tell("answered", { entry: ratingOf("one"), status: 201, data: { progress: { rated: 7, total: 8 } } });
  assert.deepEqual(feed.progress, { rated: 1, total: 9 });
  assert.deepEqual(done, []);
  tell("answered", { entry: ratingOf("two"), status: 201, data: { progress: { rated: 2, total: 9 } } });
  assert.deepEqual(feed.progress, { rated: 2, total: 9 });
  assert.deepEqual(done, ["refill"]);
});

test("a notice about another study says so", () => {
  const { notices, tell } = pageOf();
  for (const study of ["one", "two"]) tell("answered", { entry: ratingOf(study), status: 202, data: {} });
  assert.deepEqual(notices.map(({ sentence }) => sentence), ["Another of your studies: It came late.", "It came late."]);
});

test("a refused rating leads to the page of its study, also when it was refused before this page came", () => {
  const refusal = { data: { detail: "Too large." } };
  const { notices, done, tell } = pageOf({ ...ratingOf("one"), refusal });
  const [link] = notices[0].actions;
  assert.equal(notices[0].sentence, "Another of your studies: Item 3 was refused. Too large.");
  assert.deepEqual([link.href, link.run], ["http://sts-qa.test/rating/one/#look-a", undefined]);
  tell("refused", { entry: ratingOf("two"), ...refusal });
  const [button] = notices[1].actions;
  assert.equal(notices[1].sentence, "Item 3 was refused. Too large.");
  button.run();
  assert.deepEqual([button.href, done], [undefined, ["a"]]);
});
