/* What the study wants of the way an item is looked at. */

import { number, text } from "./text.js";

const ENOUGH = 0.5;

/** {seen, total} where fewer than half of the axial slices were shown, else null. */
export function tooFewSeen({ image }, share) {
  const { axial } = image.planes;
  if (!axial || share >= ENOUGH) return null;
  return { seen: Math.round(share * axial.slices), total: axial.slices };
}

/** Connect the rules to `page`, a RatingPage. */
export function connectViewRules(page) {
  const { viewer, fields, feed } = page;
  feed.addEventListener("study", () => {
    const { view_policy: policy, carries_window: carries = false } = feed.study;
    viewer.policy = { locked: policy === "locked", carries };
  });
  fields.addEventListener("active", () => enterAnnotation(page));
}

/** Image criteria come first, without the mask; the first annotation criterion brings it. */
function enterAnnotation({ current, viewer, fields }) {
  if (!current || viewer.assignment !== current.assignment) return;
  if (fields.active?.criterion.scope === "annotation") viewer.annotationEntered();
}

/** Whether a submission waits for the mask: who never had it on screen cannot have judged it. */
export function awaitsMask({ current, viewer, fields, status }, scores) {
  if (!current.assignment.mask || viewer.record.overlayUsed) return false;
  const isNumber = ({ code, scope }) => scope === "annotation" && scores[code]?.value !== undefined;
  if (!fields.criteria.some(isNumber)) return false;
  const range = goToMask(viewer);
  viewer.askForMask();
  status.notice("unseen", range ? onSlices(range) : text("maskNotPainted"), { passes: true });
  if (fields.isRapid) fields.takeBack();
  return true;
}

/** Where the slice on screen has nothing of the mask, show another; first and last that may have. */
function goToMask(viewer) {
  const { mask, pane } = viewer;
  const slice = mask.betterSlice(pane.name, pane.slice, !pane.isWaiting && pane.hasEmptyMask);
  if (slice === null) return null;
  viewer.showSlice(slice);
  return mask.rangeIn(pane.name);
}

function onSlices([first, last]) {
  return text("maskOnSlices", { first: number(first + 1), last: number(last + 1) });
}

/** Whether a line asks for more slices now; it does so once for each item. */
export function asksForMoreSlices({ current, viewer, status, isRapid }) {
  if (current.isChange || current.isWarnedOfSlices) return false;
  const few = tooFewSeen(current.assignment, viewer.sliceShare());
  if (!few) return false;
  current.isWarnedOfSlices = true;
  const counts = { seen: number(few.seen), total: number(few.total) };
  status.notice("slices", text(isRapid ? "fewSlicesRapid" : "fewSlices", counts));
  return true;
}
