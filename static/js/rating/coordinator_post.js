/* What a rater tells the coordinators about the item on screen: problems and questions. */

import { assignmentPath } from "./api.js";
import { text } from "./text.js";

export function reportProblem(page, { kind, text: description }) {
  if (!post(page, "problem", "problems", { kind, text: description })) return;
  say(page, "problem", kind === "privacy" ? "problemPrivacy" : "problemKept");
  if (kind === "privacy") page.skip();
}

export function askQuestion(page, question) {
  if (post(page, "question", "questions", { text: question })) say(page, "question", "questionKept");
}

/** False where no item is on screen. */
function post({ current, queue }, kind, folder, body) {
  if (!current) return false;
  const { token } = current.assignment;
  queue.add({ kind, token, path: `${assignmentPath(token)}${folder}/`, body });
  return true;
}

function say({ status }, notice, name) {
  status.notice(notice, text(name), { passes: true });
}
