/* What the server made of each submission, told to the rater where it matters. */

import { scoresLine } from "./history_panel.js";
import { lookAddress } from "./look.js";
import { text } from "./text.js";

/** Listen to queue and feed on behalf of `page`, a RatingPage. */
export function connectOutcomes(page) {
  const { queue, feed, status } = page;
  feed.addEventListener("logged-out", () => {
    page.reading.loggedOut();
    status.showLogIn("logged_out");
  });
  feed.addEventListener("stranger", () => status.showLogIn("other_account"));
  feed.addEventListener("study", () => status.showLogIn(queue.state));
  queue.addEventListener("state", ({ detail: state }) => {
    if (state === "logged_out") page.reading.loggedOut();
  });
  queue.addEventListener("answered", ({ detail }) => answered(page, detail));
  queue.addEventListener("conflict", ({ detail }) => conflict(page, detail));
  queue.addEventListener("refused", ({ detail }) => refused(page, detail));
  queue.addEventListener("given-anew", ({ detail }) => status.close(`item-${detail.entry.token}`));
  // They were told on a page that is gone
  for (const entry of queue.refused()) refused(page, { entry, ...entry.refusal });
}

function answered(page, { entry, status, data }) {
  const { feed } = page;
  const isLate = entry.kind === "rating" && status === 202;
  if (isLate) page.status.notice("late", told(page, entry, text("late")), { passes: true });
  if (entry.kind === "conditions") page.reading.settled(entry, data);
  if (!feed.isOwn(entry)) return;
  if (data?.progress) feed.progressTold(data.progress);
  if (entry.kind === "shown") counted(page, entry.token, data?.counter);
  if (entry.kind === "skip") feed.list.skipArrived(entry.token);
  if (isLate) feed.refill();
  else if (entry.kind === "skip") feed.refillAnew();
  else if (["rating", "problem"].includes(entry.kind)) feed.refillIfFew();
}

/** The server has counted a showing: its number is the true one. */
function counted({ feed, current, screen }, token, counter) {
  const assignment = feed.known.get(token);
  if (!assignment || !counter) return;
  assignment.counter = counter;
  if (current?.assignment === assignment) screen.showCounter(assignment, feed.progress);
}

/** Another window was faster: nothing was written, and what was typed here is kept as a draft. */
function conflict(page, { entry, data }) {
  if (entry.kind === "skip") notSkipped(page, entry);
  if (entry.kind !== "rating") return;
  const { scores, comment } = entry.body;
  page.drafts.save(entry.token, { scores, comment }, true);
  const current = data?.rating?.scores ?? {};
  const counting = scoresLine(current);
  page.correctLast(entry.token, current);
  offerToOpen(page, entry, text("conflict", { number: entry.number ?? "", scores: counting }));
}

/** The item stands where the server has it, if it is there at all. */
function notSkipped({ feed }, { token }) {
  feed.list.skipArrived(token);
  feed.refillAnew();
}

function refused(page, { entry, data }) {
  const detail = data?.detail ?? "";
  if (entry.kind === "rating") {
    page.feed.list.reopen(entry.token);
    offerToOpen(page, entry, text("refused", { number: entry.number ?? "", detail }));
  } else if (entry.kind === "skip") notSkipped(page, entry);
  else if (["problem", "question"].includes(entry.kind)) {
    // No longer on its way; the words are given back, for they are kept nowhere else
    page.status.close(entry.kind);
    const words = [detail, entry.body.text].filter(Boolean);
    page.status.notice(`refused-${entry.key}`, told(page, entry, words.join("\n\n")));
  }
}

function offerToOpen(page, entry, sentence) {
  const { token } = entry;
  const isElsewhere = page.queue.isElsewhere(entry);
  const there = isElsewhere ? { href: lookAddress(page.api, entry) } : { run: () => page.reopen(token) };
  const actions = [{ label: text("look"), ...there }];
  page.status.notice(`item-${token}`, told(page, entry, sentence), { actions });
}

/** The sentence, which says so where it is about another study than that of the page. */
function told({ queue }, entry, sentence) {
  return queue.isElsewhere(entry) ? text("elsewhere", { notice: sentence }) : sentence;
}
