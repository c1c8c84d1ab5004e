/* Puts the rating page together. The parts live in rating/, one subject each. */

import { afterPaint } from "./rating/after_paint.js";
import { RatingApi } from "./rating/api.js";
import { BrowserStorage } from "./rating/browser_storage.js";
import { Clarifications } from "./rating/clarifications.js";
import { commandsOf, connectKeys } from "./rating/commands.js";
import { ConditionsForm } from "./rating/conditions_form.js";
import { askQuestion, reportProblem } from "./rating/coordinator_post.js";
import { Drafts } from "./rating/drafts.js";
import { Feed } from "./rating/feed.js";
import { showFetchedAhead } from "./rating/fetch_status.js";
import { Guidance } from "./rating/guidance.js";
import { fillHelp } from "./rating/help_panel.js";
import { HistoryPanel } from "./rating/history_panel.js";
import { ImageStore } from "./rating/image_store.js";
import { shortestAnswer } from "./rating/line_speed.js";
import { openNamed } from "./rating/look.js";
import { connectOutcomes } from "./rating/outcomes.js";
import { RatingPage } from "./rating/page.js";
import { Panels } from "./rating/panels.js";
import { firstUnits } from "./rating/pixel_order.js";
import { PrintSheet } from "./rating/print_sheet.js";
import { ProblemDialog } from "./rating/problem_dialog.js";
import { QuestionDialog } from "./rating/question_dialog.js";
import { ReadingConditions } from "./rating/reading_conditions.js";
import { ScoreFields } from "./rating/score_fields.js";
import { Screen } from "./rating/screen.js";
import { StatusLine } from "./rating/status_line.js";
import { SubmissionQueue } from "./rating/submission_queue.js";
import { defineViewer } from "./rating/viewer.js";
import { ViewerControls } from "./rating/viewer_controls.js";
import { WorkingTime } from "./rating/working_time.js";

const KEEP_TIME_MS = 15_000;
const MEGABYTE = 1024 * 1024;

const element = (id) => document.getElementById(id);
const root = element("rating");
const { account, study, csrf, logIn, breakMinutes, memoryMegabytes } = root.dataset;

// The first pixels, on their way while all else is put together
const api = new RatingApi({ pageUrl: new URL(root.dataset.pageUrl, location.href), csrfToken: csrf, account });
const store = new ImageStore({
  fetchBytes: (address, options) => api.bytes(address, options),
  budget: Number(memoryMegabytes) * MEGABYTE,
  answerMs: shortestAnswer(),
});
const firstQueue = JSON.parse(element("first-queue")?.textContent ?? "null");
const firstItem = firstQueue?.account === account ? firstQueue.assignments[0] : null;
if (firstItem) for (const unit of firstUnits(firstItem)) store.get(unit);
defineViewer();

// What is sent and kept
const storage = new BrowserStorage();
const queue = new SubmissionQueue({
  storage,
  // Any window may send what another one waits for
  recent: storage,
  account,
  study,
  defer: afterPaint,
  send: (entry) => api.request("POST", entry.path, entry.body ?? {}),
  findAccount: async () => {
    try {
      const { status, data } = await api.queue();
      return status === 200 ? data.account : null;
    } catch {
      return null;
    }
  },
});
const drafts = new Drafts({ storage, account, api });
const working = new WorkingTime({ storage, account, breakMinutes: Number(breakMinutes) });
const feed = new Feed({ api, queue, defer: (run) => afterPaint(() => store.settled().then(run)) });

// What is seen
const viewer = element("viewer");
const controls = new ViewerControls(viewer, root, () => fields.focusActive());
const screen = new Screen(
  {
    root,
    scores: element("score-part"),
    message: element("stage-message"),
    counter: element("counter"),
    practice: element("practice-mark"),
    simulated: element("simulated-mark"),
    change: element("change-mark"),
    pause: element("pause"),
    commentPart: element("comment-part"),
    last: element("last"),
    lastItem: element("last-item"),
    lastScores: element("last-scores"),
  },
  viewer,
);
const status = new StatusLine({
  status: element("save-status"),
  notices: element("notices"),
  noticeTemplate: element("notice-template"),
  logIn,
});
const fields = new ScoreFields(element("criteria"), {
  list: element("criterion-template"),
  rapid: element("rapid-template"),
});
const comment = element("comment");
const guidance = new Guidance(element("criteria"), document.querySelectorAll("[data-command=guidance]"));
const reading = new ReadingConditions(queue, api.pageUrl);
const conditionsForm = new ConditionsForm(element("conditions"), (stated) => {
  page.stateConditions(stated);
  openNamed(page);
});
const clarifications = new Clarifications({
  queue,
  pageUrl: api.pageUrl,
  strip: element("clarifications"),
  earlier: element("earlier-clarifications"),
  template: element("clarification-template"),
});
const page = new RatingPage({
  api,
  queue,
  drafts,
  feed,
  store,
  viewer,
  fields,
  comment,
  status,
  screen,
  reading,
  conditionsForm,
  clarifications,
  working,
});
connectOutcomes(page);
showFetchedAhead(element("fetch-status"), { store, assignmentsOf: () => page.inOrder });

const panels = new Panels([...document.querySelectorAll(".panel")], () => fields.focusActive());
const history = new HistoryPanel({
  api,
  place: element("own-ratings"),
  template: element("own-rating-template"),
  onReopen: (token) => {
    panels.close();
    page.reopen(token);
  },
});
const problem = new ProblemDialog(element("problem-form"), (report) => {
  reportProblem(page, report);
  problem.clear();
  panels.close();
});
const question = new QuestionDialog(element("question-form"), (asked) => {
  askQuestion(page, asked);
  question.clear();
  panels.close();
});
const printSheet = new PrintSheet(element("print-sheet"), {
  viewer,
  fields,
  comment,
  copied: {
    item: ["counter", "practice-mark", "simulated-mark"].map(element),
    view: [controls.parts.levelsText, controls.parts.notes],
  },
});
// Keys and buttons
const commands = commandsOf({
  page,
  viewer,
  controls,
  fields,
  panels,
  history,
  problem,
  question,
  status,
  screen,
  comment,
  guidance,
  clarifications,
  printSheet,
  fillHelp: () => fillHelp(element("shortcuts"), feed.study?.rapid ?? false),
});
const lettersOffPlace = `sts-qa:letters-off:${account}`;
// An earlier version kept one setting for all who use this browser
const settings = { lettersOff: (storage.get(lettersOffPlace) ?? storage.get("sts-qa:letters-off")) === true };
connectKeys(commands, { page, fields, settings });
for (const button of document.querySelectorAll("[data-command]")) {
  // The score field keeps the focus, so that a button can mean the active field
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => commands[button.dataset.command]());
}
document.querySelector(".submit").addEventListener("click", (event) => {
  // The second click of a double one would meet the next item
  if (event.detail > 1) event.preventDefault();
});
element("score-form").addEventListener("submit", (event) => {
  event.preventDefault();
  page.submit();
});
const lettersOff = element("letters-off");
lettersOff.checked = settings.lettersOff;
lettersOff.addEventListener("change", () => {
  settings.lettersOff = lettersOff.checked;
  storage.set(lettersOffPlace, lettersOff.checked);
});
comment.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  fields.focusActive();
});

// The clocks, and what waits to be sent
for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  const input = () => {
    working.input();
    page.current?.clock.input();
  };
  document.addEventListener(name, input, { passive: true });
}
document.addEventListener("visibilitychange", () => {
  page.current?.clock.setHidden(document.hidden);
  if (document.hidden) page.leave();
  else queue.kick();
});
setInterval(() => page.leave(), KEEP_TIME_MS);
window.addEventListener("pagehide", () => page.leave());
window.addEventListener("online", () => {
  queue.kick();
  feed.refill();
  store.resume();
  viewer.retry();
});
window.addEventListener("focus", () => queue.kick());
window.addEventListener("beforeunload", (event) => {
  if (queue.waitingCount() > 0) event.preventDefault();
});
const showStatus = () => status.showQueue(queue, storage.isLasting);
for (const name of ["change", "state"]) queue.addEventListener(name, showStatus);
window.addEventListener("storage", (event) => queue.heard(event));

showStatus();
page.start(firstQueue).then(() => openNamed(page));
