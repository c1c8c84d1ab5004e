/*
 * What a rater tells the coordinators about the item on screen: problems and questions. A study may
 * be paused, or the item taken away, while they write: it is sent all the same.
 */

import { assignmentPath } from "./api.js";
import { text } from "./text.js";

export function reportProblem(page, { kind, text: description }) {
  post(page, "problem", "problems", { kind, text: description });
  say(page, "problem", kind === "privacy" ? "problemPrivacy" : "problemKept");
  if (kind === "privacy") page.skip();
}

export function askQuestion(page, question) {
  post(page, "question", "questions", { text: question });
  say(page, "question", "questionKept");
}

function post({ lastToken: token, queue }, kind, folder, body) {
  queue.add({ kind, token, path: `${assignmentPath(token)}${folder}/`, body });
}

function say({ status }, notice, name) {
  status.notice(notice, text(name), { passes: true });
}
