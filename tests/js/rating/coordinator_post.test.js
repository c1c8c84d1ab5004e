import assert from "node:assert/strict";
import test from "node:test";

import { askQuestion, reportProblem } from "../../../static/js/rating/coordinator_post.js";

const TEXTS = { questionKept: "Your question is kept.", problemPrivacy: "The image is hidden." };
globalThis.document = { getElementById: () => ({ dataset: TEXTS }) };

/** A page whose item was taken from the screen, as when a study is paused while a rater writes. */
function pausedPage() {
  const sent = [];
  const skipped = [];
  return {
    sent,
    skipped,
    current: null,
    lastToken: "token-of-the-item",
    queue: { add: (entry) => sent.push(entry) },
    status: { notice: () => {} },
    skip: () => skipped.push(true),
  };
}

test("a question written before the study was paused is sent about its item", () => {
  const page = pausedPage();
  askQuestion(page, "Is this tooth 36 or 37?");
  assert.deepEqual(page.sent, [
    {
      kind: "question",
      token: "token-of-the-item",
      path: "../assignments/token-of-the-item/questions/",
      body: { text: "Is this tooth 36 or 37?" },
    },
  ]);
});

test("so is a problem", () => {
  const page = pausedPage();
  reportProblem(page, { kind: "privacy", text: "A name is burned in." });
  assert.equal(page.sent[0].path, "../assignments/token-of-the-item/problems/");
  assert.deepEqual(page.sent[0].body, { kind: "privacy", text: "A name is burned in." });
});
